/* expect: none mutex */
// SPDX-License-Identifier: GPL-2.0-only
/* clone_tls.c - a helper by clone(2), without a thread pointer of its own, holds locks
 *
 * It shares that of its maker, main, which then seems to wait for what it holds itself.
 */
#include "../plant.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int held;
static pid_t parent;

static int helper(void *arg)
{
	(void)arg;
	plant_tether(parent);
	pthread_mutex_lock(&mutex);
	held = 1;
	plant_live();
}

static void *ready(void *arg)
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
	parent = getpid();
	if (clone(helper, stack + sizeof(stack), CLONE_VM | CLONE_FS | CLONE_FILES | SIGCHLD,
		  NULL) < 0)
		plant_skip("clone");
	while (!held)
		plant_ms(1);
	plant_thread(ready, NULL);
	pthread_mutex_lock(&mutex);
}
