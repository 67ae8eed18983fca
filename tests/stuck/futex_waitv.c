/* expect: quiescent any - threads=2 */
/* needs: futex_waitv */
// SPDX-License-Identifier: GPL-2.0-only
/* futex_waitv.c - everybody waits on two words at once (TRAPS 13), and nobody is left to wake */
#include "../plant.h"

#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif

struct waitv { /* struct futex_waitv of linux/futex.h, Linux 5.16 */
	uint64_t val, uaddr;
	uint32_t flags, reserved;
};

static _Atomic uint32_t words[2];

static void *wait_both(void *arg)
{
	struct waitv wait[2] = {
		{ .uaddr = (uintptr_t)&words[0], .flags = 2 | FUTEX_PRIVATE_FLAG },
		{ .uaddr = (uintptr_t)&words[1], .flags = 2 | FUTEX_PRIVATE_FLAG },
	};

	syscall(SYS_futex_waitv, wait, 2, 0, NULL, CLOCK_MONOTONIC);
	return arg;
}

int main(void)
{
	plant_init();
	if (syscall(SYS_futex_waitv, NULL, 0, 0, NULL, 0) < 0 && errno != EINVAL)
		plant_skip("futex_waitv");
	plant_thread(wait_both, NULL);
	plant_blocked(1, SYS_futex_waitv);
	plant_ready();
	wait_both(NULL);
}
