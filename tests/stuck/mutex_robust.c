/* expect: deadlock proven mutex threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_robust.c - robust mutexes keep the owner's tid in the futex word itself
 *
 * The wait's value is then tid | FUTEX_WAITERS, and never 2.
 */
#include "../plant_ring.h"

static pthread_mutex_t locks[2];

static void take(int i)
{
	pthread_mutex_lock(&locks[i]);
}

int main(void)
{
	plant_init();
	plant_mutex(&locks[0], PTHREAD_MUTEX_NORMAL, PLANT_ROBUST);
	plant_mutex(&locks[1], PTHREAD_MUTEX_NORMAL, PLANT_ROBUST);
	plant_ring(2, take, SYS_futex);
	plant_ready();
	plant_live();
}
