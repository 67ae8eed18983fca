/* expect: deadlock likely mutex threads=1 */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_self.c - a thread locks a normal mutex that it already holds: a cycle of one */
#include "../plant.h"

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void *twice(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_mutex_lock(&mutex);
	return arg;
}

int main(void)
{
	plant_init();
	plant_thread(twice, NULL);
	plant_blocked(1, SYS_futex);
	plant_ready();
	plant_live();
}
