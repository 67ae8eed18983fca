/* expect: quiescent any - threads=2 */
/* needs: futex_wait */
// SPDX-License-Identifier: GPL-2.0-only
/* futex_wait.c - the newer system call futex_wait (TRAPS 13), in a process at a standstill */
#include "../plant.h"

#ifndef SYS_futex_wait
#define SYS_futex_wait 455 /* Linux 6.7 */
#endif

static _Atomic uint32_t word;

static void *wait_word(void *arg)
{
	syscall(SYS_futex_wait, &word, 0UL, (unsigned long)FUTEX_BITSET_MATCH_ANY,
		2 | FUTEX_PRIVATE_FLAG, NULL, CLOCK_MONOTONIC);
	return arg;
}

int main(void)
{
	plant_init();
	if (syscall(SYS_futex_wait, NULL, 0UL, 0UL, 0, NULL, 0) < 0 && errno != EINVAL)
		plant_skip("futex_wait");
	plant_thread(wait_word, NULL);
	plant_blocked(1, SYS_futex_wait);
	plant_ready();
	wait_word(NULL);
}
