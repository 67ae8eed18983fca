/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* ownerless_mutex.c - a lock that records no owner, as Rust's, held by a live thread (TRAPS 20) */
#include "../plant.h"

static _Atomic uint32_t word;

static void lock(void)
{
	while (atomic_exchange(&word, 2))
		plant_futex(&word, FUTEX_WAIT_BITSET_PRIVATE, 2, NULL, NULL,
			    FUTEX_BITSET_MATCH_ANY);
}

static void *waiter(void *arg)
{
	lock();
	return arg;
}

int main(void)
{
	plant_init();
	lock();
	plant_thread(waiter, NULL);
	plant_thread(waiter, NULL);
	plant_blocked(2, SYS_futex);
	plant_ready();
	plant_live();
}
