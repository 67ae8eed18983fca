/* expect: deadlock proven mutex threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_recursive.c - a cycle over recursive mutexes, each taken three times by its owner */
#include "../plant_ring.h"

static pthread_mutex_t locks[2];

static void take(int i)
{
	for (int n = 0; n < 3; n++)
		pthread_mutex_lock(&locks[i]);
}

int main(void)
{
	plant_init();
	plant_mutex(&locks[0], PTHREAD_MUTEX_RECURSIVE, 0);
	plant_mutex(&locks[1], PTHREAD_MUTEX_RECURSIVE, 0);
	plant_ring(2, take, SYS_futex);
	plant_ready();
	plant_live();
}
