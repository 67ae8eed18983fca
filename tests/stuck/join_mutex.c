/* expect: deadlock proven join threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* join_mutex.c - a thread joins another one that wants the mutex which the first one holds */
#include "../plant.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *worker(void *arg)
{
	pthread_mutex_lock(&mutex);
	return arg;
}

static void *boss(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_join(plant_thread(worker, NULL), NULL);
	return arg;
}

int main(void)
{
	plant_init();
	plant_thread(boss, NULL);
	plant_blocked(2, SYS_futex);
	plant_ready();
	plant_live();
}
