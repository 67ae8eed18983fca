/* expect: none mutex */
// SPDX-License-Identifier: GPL-2.0-only
/* locked_twice.c - threads that slept on their own mutex once, hold it, and wait for main's
 *
 * What the earlier call left on the kernel's stack must not be taken for the wait of now: it
 * would look like a thread that waits for what it holds itself.
 */
#include "../plant.h"

#define THREADS 40

static pthread_mutex_t own[THREADS], mains = PTHREAD_MUTEX_INITIALIZER;

static void *waiter(void *arg)
{
	pthread_mutex_lock(&own[(long)arg]);
	pthread_mutex_lock(&mains);
	return arg;
}

int main(void)
{
	plant_init();
	pthread_mutex_lock(&mains);
	for (long i = 0; i < THREADS; i++) {
		pthread_mutex_init(&own[i], NULL);
		pthread_mutex_lock(&own[i]);
		plant_thread(waiter, (void *)i);
	}
	plant_blocked(THREADS, SYS_futex);
	for (long i = 0; i < THREADS; i++)
		pthread_mutex_unlock(&own[i]);
	plant_ms(200);
	plant_blocked(THREADS, SYS_futex);
	plant_ready();
	plant_live();
}
