/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* barrier_missing.c - two of three have arrived at a barrier, the third is alive (TRAPS 26) */
#include "../plant.h"

static pthread_barrier_t barrier;

static void *arrive(void *arg)
{
	pthread_barrier_wait(&barrier);
	return arg;
}

int main(void)
{
	plant_init();
	pthread_barrier_init(&barrier, NULL, 3);
	plant_thread(arrive, NULL);
	plant_thread(arrive, NULL);
	plant_blocked(2, SYS_futex);
	plant_ready();
	plant_live();
}
