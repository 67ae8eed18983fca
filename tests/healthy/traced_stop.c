/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* traced_stop.c - a debugger holds the waker between its store and its wake (TRAPS 9, 23) */
#include "../plant.h"

#include <sys/ptrace.h>

int main(void)
{
	_Atomic uint32_t *word;
	pid_t waiter, waker;

	plant_init();
	word = plant_shared(sizeof(*word));
	*word = 2;
	waiter = plant_fork();
	if (!waiter)
		_exit(plant_futex(word, FUTEX_WAIT, 2, NULL, NULL, 0));
	plant_child_blocked(waiter, 1, SYS_futex);
	waker = plant_fork();
	if (!waker) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
			_exit(1);
		*word = 0;
		raise(SIGUSR1);
		plant_futex(word, FUTEX_WAKE, 1, NULL, NULL, 0);
		_exit(0);
	}
	waitpid(waker, NULL, 0);
	if (*word)
		plant_skip("no ptrace");
	munmap(word, sizeof(*word));
	plant_ready();
	plant_live();
}
