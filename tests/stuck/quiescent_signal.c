/* expect: quiescent proven condition threads=3 */
// SPDX-License-Identifier: GPL-2.0-only
/* quiescent_signal.c - a producer that sets the flag, forgets the signal, and ends */
#include "../plant.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int done;

static void *consumer(void *arg)
{
	pthread_mutex_lock(&mutex);
	while (!done)
		pthread_cond_wait(&cond, &mutex);
	pthread_mutex_unlock(&mutex);
	return arg;
}

static void *producer(void *arg)
{
	pthread_mutex_lock(&mutex);
	done = 1;
	pthread_mutex_unlock(&mutex);
	return arg;
}

int main(void)
{
	pthread_t thread;

	plant_init();
	thread = plant_thread(consumer, NULL);
	plant_thread(consumer, NULL);
	plant_blocked(2, SYS_futex);
	pthread_join(plant_thread(producer, NULL), NULL);
	plant_ready();
	pthread_join(thread, NULL);
}
