/* expect: none mutex */
// SPDX-License-Identifier: GPL-2.0-only
/* other_mutex.c - locks with the values of glibc's, as GLib's GMutex, in the middle of a struct
 *
 * The numbers behind them look like an owner that has ended (TRAPS 20).
 */
#include "../plant.h"

struct pool {
	_Atomic uint32_t lock;
	uint32_t pad;
	int max_threads, running, exclusive, jobs;
	void *queue, *last;
};
static struct pool pools[] = { { .max_threads = 8, .running = 3 },
			       { .max_threads = 8, .running = 1 },
			       { .max_threads = 3000, .running = 1, .exclusive = 128 },
			       { .max_threads = 3000, .running = 1, .jobs = 1 } };
#define POOLS (sizeof(pools) / sizeof(*pools))

static void lock(struct pool *pool)
{
	while (atomic_exchange(&pool->lock, 2))
		plant_futex(&pool->lock, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
}

static void *waiter(void *pool)
{
	lock(pool);
	return NULL;
}

int main(void)
{
	plant_init();
	for (size_t i = 0; i < POOLS; i++) {
		lock(&pools[i]);
		plant_thread(waiter, &pools[i]);
	}
	plant_blocked(POOLS, SYS_futex);
	plant_ready();
	plant_live();
}
