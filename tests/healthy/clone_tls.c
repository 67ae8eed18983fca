/* expect: none mutex */
// SPDX-License-Identifier: GPL-2.0-only
/* clone_tls.c - a helper by clone(2), without a thread pointer of its own, holds locks
 *
 * It shares that of its maker, main, which then seems to wait for what it holds itself.
 */
#include "../plant_clone.h"

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

int main(void)
{
	plant_init();
	parent = getpid();
	plant_clone(helper, CLONE_VM | CLONE_FS | CLONE_FILES);
	while (!held)
		plant_ms(1);
	plant_ready_later();
	pthread_mutex_lock(&mutex);
}
