/* expect: orphaned proven mutex threads=1 */
// SPDX-License-Identifier: GPL-2.0-only
/* orphan_fork.c - fork() while another thread holds a mutex: the copy has no owner (TRAPS 19)
 *
 * The recorded owner lives on, in the parent, and can do nothing for the child.
 */
#include "../plant.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int held;

static void *owner(void *arg)
{
	(void)arg;
	pthread_mutex_lock(&mutex);
	held = 1;
	plant_live();
}

int main(void)
{
	pid_t child;

	plant_init();
	plant_thread(owner, NULL);
	while (!held)
		sched_yield();
	child = plant_fork();
	if (!child)
		_exit(pthread_mutex_lock(&mutex));
	plant_child_blocked(child, 1, SYS_futex);
	plant_ready();
	plant_live();
}
