/* expect: deadlock proven mutex threads=5 */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_cycle_queue.c - a cycle of two, and three innocent threads queued behind it */
#include "../plant_ring.h"

static pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER };

static void take(int i)
{
	pthread_mutex_lock(&locks[i]);
}

static void *innocent(void *arg)
{
	pthread_mutex_lock(arg);
	return arg;
}

int main(void)
{
	plant_init();
	plant_ring(2, take, SYS_futex);
	plant_thread(innocent, &locks[0]);
	plant_thread(innocent, &locks[0]);
	plant_thread(innocent, &locks[1]);
	plant_blocked(5, SYS_futex);
	plant_ready();
	plant_live();
}
