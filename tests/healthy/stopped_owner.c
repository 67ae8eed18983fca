/* expect: none mutex */
// SPDX-License-Identifier: GPL-2.0-only
/* stopped_owner.c - the owner of a shared mutex is stopped, the others queue for it (TRAPS 23) */
#include "../plant.h"

int main(void)
{
	pthread_mutex_t *mutex;
	pid_t owner, waiter;

	plant_init();
	mutex = plant_shared(sizeof(*mutex));
	plant_mutex(mutex, PTHREAD_MUTEX_NORMAL, PLANT_SHARED);
	owner = plant_fork();
	if (!owner) {
		pthread_mutex_lock(mutex);
		raise(SIGSTOP);
		_exit(pthread_mutex_unlock(mutex));
	}
	waitpid(owner, NULL, WUNTRACED);
	waiter = plant_fork();
	if (!waiter)
		_exit(pthread_mutex_lock(mutex));
	munmap(mutex, sizeof(*mutex));
	plant_child_blocked(waiter, 1, SYS_futex);
	plant_ready();
	plant_live();
}
