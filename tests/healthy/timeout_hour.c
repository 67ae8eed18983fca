/* expect: none condition */
// SPDX-License-Identifier: GPL-2.0-only
/* timeout_hour.c - everybody waits for everybody, but one of them with a timeout (TRAPS 12) */
#include "../plant.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;

static void *worker(void *arg)
{
	struct timespec later;

	clock_gettime(CLOCK_REALTIME, &later);
	later.tv_sec += 3600;
	pthread_mutex_lock(&mutex);
	pthread_cond_timedwait(&cond, &mutex, &later);
	return arg;
}

int main(void)
{
	pthread_t thread;

	plant_init();
	thread = plant_thread(worker, NULL);
	plant_blocked(1, SYS_futex);
	plant_ready();
	pthread_join(thread, NULL);
}
