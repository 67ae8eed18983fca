/* expect: deadlock proven mutex threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_pshared.c - a cycle over two processes: mutexes in memory that both share */
#include "../plant_ring.h"

static pthread_mutex_t *locks;

static void take(int i)
{
	pthread_mutex_lock(&locks[i]);
}

int main(void)
{
	plant_init();
	locks = plant_shared(2 * sizeof(*locks));
	plant_mutex(&locks[0], PTHREAD_MUTEX_NORMAL, PLANT_SHARED);
	plant_mutex(&locks[1], PTHREAD_MUTEX_NORMAL, PLANT_SHARED);
	plant_ring_of_children(2, take, SYS_futex);
	plant_ready();
	plant_live();
}
