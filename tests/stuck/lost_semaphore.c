/* expect: lost-wakeup any semaphore threads=1 */
// SPDX-License-Identifier: GPL-2.0-only
/* lost_semaphore.c - a semaphore that was raised by a plain store: above zero, and one sleeps
 *
 * glibc's new semaphore is a 64-bit word on 64-bit machines: the value below, the number of
 * waiters above. Only the value is touched here.
 */
#include "../plant.h"

static sem_t sem;

static void *waiter(void *arg)
{
	sem_wait(&sem);
	return arg;
}

int main(void)
{
	plant_init();
	sem_init(&sem, 0, 0);
	plant_thread(waiter, NULL);
	plant_blocked(1, SYS_futex);
	*(_Atomic uint32_t *)(void *)&sem = 1;
	plant_ready();
	plant_live();
}
