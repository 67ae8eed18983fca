/* expect: deadlock proven mutex threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_errorcheck.c - error checking mutexes notice a cycle of one, not a cycle of two */
#include "../plant_ring.h"

static pthread_mutex_t locks[2];

static void take(int i)
{
	pthread_mutex_lock(&locks[i]);
}

int main(void)
{
	plant_init();
	plant_mutex(&locks[0], PTHREAD_MUTEX_ERRORCHECK, 0);
	plant_mutex(&locks[1], PTHREAD_MUTEX_ERRORCHECK, 0);
	if (pthread_mutex_lock(&locks[0]) || pthread_mutex_lock(&locks[0]) != EDEADLK)
		plant_fail("an error checking mutex that does not check");
	pthread_mutex_unlock(&locks[0]);
	plant_ring(2, take, SYS_futex);
	plant_ready();
	plant_live();
}
