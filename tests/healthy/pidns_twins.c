/* expect: none mutex */
/* needs: root pidns */
// SPDX-License-Identifier: GPL-2.0-only
/* pidns_twins.c - two pid namespaces share a mutex: in both, the same small number is a thread
 *
 * The one that holds it is not the one that waits, though it is called the same (TRAPS 19).
 */
#include "../plant.h"

static pthread_mutex_t *mutex;
static _Atomic int *held;

static void *take(void *arg)
{
	pthread_mutex_lock(mutex);
	*held = 1;
	plant_live();
	return arg;
}

/* The first process of a namespace of its own, and its second thread. */
static pid_t container(void)
{
	pid_t init;

	if (unshare(CLONE_NEWPID) < 0)
		plant_skip("unshare(CLONE_NEWPID)");
	init = plant_fork();
	if (!init) {
		plant_thread(take, NULL);
		plant_live();
	}
	return init;
}

int main(void)
{
	plant_init();
	held = plant_shared(sizeof(*held));
	mutex = plant_shared(sizeof(*mutex));
	plant_mutex(mutex, PTHREAD_MUTEX_NORMAL, PLANT_SHARED);
	if (!plant_fork()) {
		container();
		plant_live();
	}
	while (!*held)
		plant_ms(1);
	plant_child_blocked(container(), 1, SYS_futex);
	munmap(mutex, sizeof(*mutex));
	plant_ready();
	plant_live();
}
