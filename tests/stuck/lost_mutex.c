/* expect: lost-wakeup any - threads=1 */
// SPDX-License-Identifier: GPL-2.0-only
/* lost_mutex.c - a hand-made 0/1/2 mutex whose unlock stores 0 and forgets the wake
 *
 * The owner and main live on, and could wake the sleeper; but the word says it is not locked.
 */
#include "../plant.h"

static _Atomic uint32_t word;

static void *waiter(void *arg)
{
	while (atomic_exchange(&word, 2))
		plant_futex(&word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
	return arg;
}

static void *owner(void *arg)
{
	(void)arg;
	plant_blocked(1, SYS_futex);
	word = 0;
	plant_doze();
}

int main(void)
{
	plant_init();
	word = 1;
	plant_thread(waiter, NULL);
	plant_thread(owner, NULL);
	while (word)
		plant_ms(1);
	plant_blocked(1, SYS_futex);
	plant_ready();
	plant_live();
}
