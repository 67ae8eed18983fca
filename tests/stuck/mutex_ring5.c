/* expect: deadlock proven mutex threads=5 */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_ring5.c - five dining philosophers, each with one fork */
#include "../plant_ring.h"

static pthread_mutex_t forks[5] = {
	PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
	PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER,
};

static void take(int i)
{
	pthread_mutex_lock(&forks[i]);
}

int main(void)
{
	plant_init();
	plant_ring(5, take, SYS_futex);
	plant_ready();
	plant_live();
}
