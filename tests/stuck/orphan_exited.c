/* expect: orphaned likely mutex threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* orphan_exited.c - a thread exited with a locked mutex, two others still queue for it */
#include "../plant.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *lock(void *arg)
{
	pthread_mutex_lock(&mutex);
	return arg;
}

int main(void)
{
	plant_init();
	pthread_join(plant_thread(lock, NULL), NULL);
	plant_thread(lock, NULL);
	plant_thread(lock, NULL);
	plant_blocked(2, SYS_futex);
	plant_ready();
	plant_live();
}
