/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* clone_vm.c - two processes in one address space: the only other "thread" is a process
 *
 * The child makes system calls only: even errno would be the parent's.
 */
#include "../plant.h"

static _Atomic uint32_t word = 2;

static int child(void *arg)
{
	struct timespec nap = { .tv_nsec = 500000000 };

	(void)arg;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(PLANT_LIFETIME);
	while (word)
		nanosleep(&nap, NULL);
	plant_futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	return 0;
}

int main(void)
{
	static char stack[1 << 16] __attribute__((aligned(64)));

	plant_init();
	if (clone(child, stack + sizeof(stack), CLONE_VM | SIGCHLD, NULL) < 0)
		plant_fail("clone");
	plant_ready();
	while (word)
		plant_futex(&word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
}
