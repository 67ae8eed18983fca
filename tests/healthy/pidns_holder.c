/* expect: none mutex */
/* needs: root pidns */
// SPDX-License-Identifier: GPL-2.0-only
/* pidns_holder.c - a shared mutex is held in another pid namespace (TRAPS 19)
 *
 * The owner's tid in the word is a small number there, and means somebody else, or nobody, here.
 */
#include "../plant.h"

static pthread_mutex_t *mutex;
static _Atomic int *held;

static void *owner(void *arg)
{
	(void)arg;
	pthread_mutex_lock(mutex);
	*held = 1;
	plant_live();
}

int main(void)
{
	pid_t waiter;

	plant_init();
	held = plant_shared(sizeof(*held));
	mutex = plant_shared(sizeof(*mutex));
	plant_mutex(mutex, PTHREAD_MUTEX_NORMAL, PLANT_SHARED);
	waiter = plant_fork();
	if (!waiter) {
		while (!*held)
			plant_ms(1);
		_exit(pthread_mutex_lock(mutex));
	}
	if (unshare(CLONE_NEWPID) < 0)
		plant_skip("unshare(CLONE_NEWPID)");
	if (!plant_fork()) {
		plant_thread(owner, NULL);
		plant_live();
	}
	plant_child_blocked(waiter, 1, SYS_futex);
	munmap(mutex, sizeof(*mutex));
	plant_ready();
	plant_live();
}
