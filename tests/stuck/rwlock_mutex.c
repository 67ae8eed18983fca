/* expect: deadlock any mutex threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* rwlock_mutex.c - a writer wants a mutex, whose owner wants to read what the writer locked */
#include "../plant.h"

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int here;

static void *writer(void *arg)
{
	pthread_rwlock_wrlock(&rwlock);
	plant_meet(&here, 2);
	pthread_mutex_lock(&mutex);
	return arg;
}

static void *reader(void *arg)
{
	pthread_mutex_lock(&mutex);
	plant_meet(&here, 2);
	pthread_rwlock_rdlock(&rwlock);
	return arg;
}

int main(void)
{
	plant_init();
	plant_thread(writer, NULL);
	plant_thread(reader, NULL);
	plant_blocked(2, SYS_futex);
	plant_ready();
	plant_live();
}
