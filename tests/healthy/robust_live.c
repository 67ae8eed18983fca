/* expect: none mutex */
// SPDX-License-Identifier: GPL-2.0-only
/* robust_live.c - a robust mutex of a live owner: were it to die, the kernel would wake all */
#include "../plant.h"

static pthread_mutex_t mutex;

static void *waiter(void *arg)
{
	pthread_mutex_lock(&mutex);
	return arg;
}

int main(void)
{
	plant_init();
	plant_mutex(&mutex, PTHREAD_MUTEX_NORMAL, PLANT_ROBUST);
	pthread_mutex_lock(&mutex);
	plant_thread(waiter, NULL);
	plant_blocked(1, SYS_futex);
	plant_ready();
	plant_live();
}
