/* expect: deadlock proven mutex threads=2 */
/* needs: root pidns */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_pidns.c - a cycle inside a pid namespace: owner tids are numbers of that namespace */
#include "../plant_ring.h"

static pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER };

static void take(int i)
{
	pthread_mutex_lock(&locks[i]);
}

int main(void)
{
	pid_t init;

	plant_init();
	if (unshare(CLONE_NEWPID) < 0)
		plant_skip("unshare(CLONE_NEWPID)");
	init = plant_fork();
	if (!init) {
		plant_ring(2, take, SYS_futex);
		plant_live();
	}
	plant_child_blocked(init, 2, SYS_futex);
	plant_ready();
	plant_live();
}
