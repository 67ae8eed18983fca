/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* counter_condition.c - a condition variable that counts, with a number behind the counter
 *
 * As Rust's are: the first notification raises the word that the others sleep on, and wakes
 * one of them. Neither a semaphore above zero nor a lost wakeup (TRAPS 1, 20).
 */
#include "../plant.h"

static struct {
	_Atomic uint32_t counter, idle;
	uint32_t zero;
} pool;

static void *worker(void *arg)
{
	for (;;) {
		uint32_t seen = pool.counter;

		atomic_fetch_add(&pool.idle, 1);
		plant_futex(&pool.counter, FUTEX_WAIT_BITSET_PRIVATE, seen, NULL, NULL,
			    FUTEX_BITSET_MATCH_ANY);
		atomic_fetch_sub(&pool.idle, 1);
	}
	return arg;
}

int main(void)
{
	plant_init();
	for (int i = 0; i < 4; i++)
		plant_thread(worker, NULL);
	plant_blocked(4, SYS_futex);
	atomic_fetch_add(&pool.counter, 1);
	plant_futex(&pool.counter, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	plant_blocked(4, SYS_futex);
	plant_ready();
	plant_live();
}
