/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* stopped_waker.c - a process is stopped between its store and its wake (TRAPS 22, 23)
 *
 * The word reads unlocked and its only waiter sleeps: a lost wakeup, but for SIGCONT.
 */
#include "../plant.h"

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
		*word = 0;
		raise(SIGSTOP);
		plant_futex(word, FUTEX_WAKE, 1, NULL, NULL, 0);
		_exit(0);
	}
	waitpid(waker, NULL, WUNTRACED);
	munmap(word, sizeof(*word)); /* the two of them are alone with it */
	plant_ready();
	plant_live();
}
