/* expect: deadlock|quiescent any mutex|futex */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_pi_cycle.c - PI mutexes in opposite order: the kernel says EDEADLK to the last comer
 *
 * glibc then parks the refused thread for ever, in FUTEX_WAIT on a zero on its own stack. The
 * cycle is real, but only half of it shows in the kernel: one FUTEX_LOCK_PI with a live owner. Two
 * that come at the same moment are both refused (one run in sixteen): then no half of it shows.
 * main waits too, so that no thread is left that could do anything about it.
 */
#include "../plant_ring.h"

static pthread_mutex_t locks[2];

static void take(int i)
{
	pthread_mutex_lock(&locks[i]);
}

int main(void)
{
	pthread_t thread;

	plant_init();
	plant_mutex(&locks[0], PTHREAD_MUTEX_NORMAL, PLANT_PI);
	plant_mutex(&locks[1], PTHREAD_MUTEX_NORMAL, PLANT_PI);
	thread = plant_ring(2, take, SYS_futex);
	plant_ready();
	pthread_join(thread, NULL);
}
