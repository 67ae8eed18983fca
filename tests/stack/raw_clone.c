/* stack: in=syscall by=waiter */
// SPDX-License-Identifier: GPL-2.0-only
/* raw_clone.c - a thread made by clone(), of which the C library knows nothing
 */
#include "block.h"

static uint32_t word;
static _Alignas(16) char stack[65536];

__attribute__((noreturn)) static int waiter(void *arg)
{
	for (;;) {
		syscall(SYS_futex, arg, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 0, NULL, NULL, 0);
		KEEP_FRAME();
	}
}

int main(void)
{
	int flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD |
		    CLONE_SYSVSEM;

	plant_init();
	if (clone(waiter, stack + sizeof(stack), flags, &word) < 0)
		plant_fail("clone");
	plant_blocked(1, SYS_futex);
	plant_ready();
	plant_live();
}
