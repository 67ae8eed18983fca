/* expect: deadlock proven join threads=3 */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_cycle_joined.c - main joins a thread of a cycle: it queues behind the knot */
#include "../plant_ring.h"

static pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER };

static void take(int i)
{
	pthread_mutex_lock(&locks[i]);
}

int main(void)
{
	pthread_t thread;

	plant_init();
	thread = plant_ring(2, take, SYS_futex);
	plant_ready();
	pthread_join(thread, NULL);
}
