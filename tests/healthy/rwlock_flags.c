/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* rwlock_flags.c - a lock word that gains a flag while its first waiter sleeps (TRAPS 21)
 *
 * As in Rust's RwLock: a reader sleeps on "write locked, readers wait"; then a writer comes and
 * adds "writers wait". The word is not the one slept on, the lock is held, nothing is lost.
 */
#include "../plant.h"

#define WRITE_LOCKED 0x3fffffffu
#define READERS_WAIT 0x40000000u
#define WRITERS_WAIT 0x80000000u

static _Atomic uint32_t state, writer_notify;

static void *reader(void *arg)
{
	uint32_t seen = atomic_fetch_or(&state, READERS_WAIT) | READERS_WAIT;

	plant_futex(&state, FUTEX_WAIT_BITSET_PRIVATE, seen, NULL, NULL, FUTEX_BITSET_MATCH_ANY);
	return arg;
}

static void *writer(void *arg)
{
	atomic_fetch_or(&state, WRITERS_WAIT);
	plant_futex(&writer_notify, FUTEX_WAIT_BITSET_PRIVATE, 0, NULL, NULL,
		    FUTEX_BITSET_MATCH_ANY);
	return arg;
}

int main(void)
{
	plant_init();
	state = WRITE_LOCKED;
	plant_thread(reader, NULL);
	plant_blocked(1, SYS_futex);
	plant_thread(writer, NULL);
	plant_blocked(2, SYS_futex);
	plant_ready();
	plant_live();
}
