/* expect: deadlock proven mutex threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_pi_mixed.c - one priority inheriting and one normal mutex, in opposite order
 *
 * The kernel looks for cycles of PI mutexes only, so it lets this one through: one thread waits
 * in FUTEX_LOCK_PI with the owner's tid in the word, the other in FUTEX_WAIT.
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
	plant_mutex(&locks[0], PTHREAD_MUTEX_NORMAL, PLANT_PI);
	plant_mutex(&locks[1], PTHREAD_MUTEX_NORMAL, 0);
	plant_ring(2, take, SYS_futex);
	plant_ready();
	plant_live();
}
