/* expect: none mutex */
// SPDX-License-Identifier: GPL-2.0-only
/* clone_ids.c - a child by clone(2) holds locks under the id of its parent (TRAPS 19)
 *
 * The C library has copied the id with the memory, and does not know that it changed. One lock is
 * the child's own: no thread there has the id. The other is shared with the parent, which has.
 */
#include "../plant_clone.h"

static pthread_mutex_t own = PTHREAD_RECURSIVE_MUTEX_INITIALIZER_NP;
static pthread_mutex_t *shared;
static _Atomic int *held;
static pid_t parent;

static void *waiter(void *arg)
{
	pthread_mutex_lock(&own);
	return arg;
}

static int child(void *arg)
{
	(void)arg;
	plant_tether(parent);
	pthread_mutex_lock(&own);
	pthread_mutex_lock(shared);
	plant_thread(waiter, NULL);
	plant_blocked(1, SYS_futex);
	*held = 1;
	plant_live();
}

int main(void)
{
	plant_init();
	held = plant_shared(sizeof(*held));
	shared = plant_shared(sizeof(*shared));
	plant_mutex(shared, PTHREAD_MUTEX_NORMAL, PLANT_SHARED);
	parent = getpid();
	plant_clone(child, 0);
	while (!*held)
		plant_ms(1);
	plant_ready_later();
	pthread_mutex_lock(shared);
}
