/* expect: deadlock any - threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* rwlock_cycle2.c - two writers take two glibc rwlocks in opposite order
 *
 * glibc keeps the writer's tid in __cur_writer, beside the words that are waited on.
 */
#include "../plant_ring.h"

static pthread_rwlock_t locks[2] = { PTHREAD_RWLOCK_INITIALIZER, PTHREAD_RWLOCK_INITIALIZER };

static void take(int i)
{
	pthread_rwlock_wrlock(&locks[i]);
}

int main(void)
{
	plant_init();
	plant_ring(2, take, SYS_futex);
	plant_ready();
	plant_live();
}
