/* expect: deadlock proven mutex threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_adaptive.c - adaptive mutexes spin for a while, then wait like normal ones */
#include "../plant_ring.h"

static pthread_mutex_t locks[2];

static void take(int i)
{
	pthread_mutex_lock(&locks[i]);
}

int main(void)
{
	plant_init();
	plant_mutex(&locks[0], PTHREAD_MUTEX_ADAPTIVE_NP, 0);
	plant_mutex(&locks[1], PTHREAD_MUTEX_ADAPTIVE_NP, 0);
	plant_ring(2, take, SYS_futex);
	plant_ready();
	plant_live();
}
