/* expect: deadlock proven mutex threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_zombie_leader.c - a cycle in a process whose main thread has exited (TRAPS 30)
 *
 * The process looks dead: its leader is a zombie without memory. One live thread remains.
 */
#include "../plant_ring.h"

static pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER };

static void take(int i)
{
	pthread_mutex_lock(&locks[i]);
}

static void *live(void *arg)
{
	(void)arg;
	plant_live();
}

int main(void)
{
	plant_init();
	plant_thread(live, NULL);
	plant_ring(2, take, SYS_futex);
	plant_ready();
	pthread_exit(NULL);
}
