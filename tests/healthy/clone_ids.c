/* expect: none mutex */
// SPDX-License-Identifier: GPL-2.0-only
/* clone_ids.c - a child by clone(2) holds locks under the id of its parent (TRAPS 19)
 *
 * The C library has copied the id with the memory, and does not know that it changed. One lock is
 * the child's own: no thread there has the id. The other is shared with the parent, which has.
 */
#include "../plant.h"

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

static void *doze(void *arg)
{
	(void)arg;
	plant_child_blocked(getpid(), 1, SYS_futex);
	plant_ready();
	plant_live();
}

int main(void)
{
	static char stack[1 << 16] __attribute__((aligned(16)));

	plant_init();
	held = plant_shared(sizeof(*held));
	shared = plant_shared(sizeof(*shared));
	plant_mutex(shared, PTHREAD_MUTEX_NORMAL, PLANT_SHARED);
	parent = getpid();
	if (clone(child, stack + sizeof(stack), SIGCHLD, NULL) < 0)
		plant_skip("clone");
	while (!*held)
		plant_ms(1);
	plant_thread(doze, NULL);
	pthread_mutex_lock(shared);
}
