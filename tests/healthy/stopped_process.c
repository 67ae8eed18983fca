/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* stopped_process.c - SIGSTOP for a whole process, in the middle of a hand-over (TRAPS 23) */
#include "../plant.h"

static _Atomic uint32_t word = 2;

static void *waiter(void *arg)
{
	while (word)
		plant_futex(&word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
	return arg;
}

int main(void)
{
	pid_t child;

	plant_init();
	child = plant_fork();
	if (!child) {
		plant_thread(waiter, NULL);
		plant_thread(waiter, NULL);
		plant_blocked(2, SYS_futex);
		word = 0;
		raise(SIGSTOP);
		plant_futex(&word, FUTEX_WAKE_PRIVATE, 2, NULL, NULL, 0);
		_exit(0);
	}
	waitpid(child, NULL, WUNTRACED);
	plant_ready();
	plant_live();
}
