/* expect: quiescent proven condition threads=3 */
// SPDX-License-Identifier: GPL-2.0-only
/* quiescent_pool.c - every thread waits for another one of its process: a standstill */
#include "../plant.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static sem_t tokens;

static void *worker(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_cond_wait(&work, &mutex);
	return arg;
}

static void *feeder(void *arg)
{
	sem_wait(&tokens);
	pthread_cond_signal(&work);
	return arg;
}

int main(void)
{
	pthread_t thread;

	plant_init();
	sem_init(&tokens, 0, 0);
	thread = plant_thread(worker, NULL);
	plant_thread(feeder, NULL);
	plant_blocked(2, SYS_futex);
	plant_ready();
	pthread_join(thread, NULL);
}
