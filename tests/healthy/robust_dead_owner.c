/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* robust_dead_owner.c - owners die with a robust mutex, again and again: the kernel wakes the next
 *
 * TRAPS 18: no thread ever unlocks it, and yet nobody waits in vain.
 */
#include "../plant.h"

static pthread_mutex_t mutex;

static void *die_with_it(void *arg)
{
	if (pthread_mutex_lock(&mutex) == EOWNERDEAD)
		pthread_mutex_consistent(&mutex);
	plant_ms(50);
	return arg;
}

int main(void)
{
	pthread_t threads[3];

	plant_init();
	plant_mutex(&mutex, PTHREAD_MUTEX_NORMAL, PLANT_ROBUST);
	for (int i = 0; i < 3; i++)
		threads[i] = plant_thread(die_with_it, NULL);
	plant_ready();
	for (int i = 0;; i = (i + 1) % 3) {
		pthread_join(threads[i], NULL);
		threads[i] = plant_thread(die_with_it, NULL);
	}
}
