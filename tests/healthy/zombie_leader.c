/* expect: none condition */
// SPDX-License-Identifier: GPL-2.0-only
/* zombie_leader.c - main has exited, its threads go on: an idle pool and one in poll (TRAPS 30) */
#include "../plant.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;

static void *worker(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_cond_wait(&work, &mutex);
	return arg;
}

static void *server(void *arg)
{
	(void)arg;
	plant_live();
}

int main(void)
{
	plant_init();
	plant_thread(worker, NULL);
	plant_thread(worker, NULL);
	plant_thread(server, NULL);
	plant_blocked(2, SYS_futex);
	plant_ready();
	pthread_exit(NULL);
}
