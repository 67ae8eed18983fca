/* expect: none condition */
// SPDX-License-Identifier: GPL-2.0-only
/* mutex_storm.c - two mutexes under heavy contention, and waiters queued beside it (TRAPS 22)
 *
 * At any moment there are threads in the kernel for a mutex that is just being handed over: a
 * reader of words and owners that is not careful sees lost wakeups and cycles here.
 */
#include "../plant.h"

static pthread_mutex_t locks[2] = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_MUTEX_INITIALIZER };
static pthread_cond_t never = PTHREAD_COND_INITIALIZER;

__attribute__((noreturn)) static void *hammer(void *arg)
{
	volatile int work = 0;

	(void)arg;
	for (unsigned int round = 0;; round++) {
		pthread_mutex_lock(&locks[round % 2]);
		for (int i = 0; i < 200; i++)
			work++;
		if (round % 64 == 0)
			plant_ms(1); /* with the lock held: all the others fall asleep */
		pthread_mutex_unlock(&locks[round % 2]);
	}
}

static void *queue(void *arg)
{
	pthread_mutex_lock(&locks[0]);
	for (;;)
		pthread_cond_wait(&never, &locks[0]);
	return arg;
}

int main(void)
{
	plant_init();
	plant_thread(queue, NULL);
	plant_thread(queue, NULL);
	plant_blocked(2, SYS_futex);
	for (int i = 0; i < 6; i++)
		plant_thread(hammer, NULL);
	plant_ready();
	plant_live();
}
