/* expect: quiescent any - threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* quiescent_barrier.c - a barrier for three, in a process that has only two threads left */
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
	plant_blocked(1, SYS_futex);
	plant_ready();
	pthread_barrier_wait(&barrier);
}
