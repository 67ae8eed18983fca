// SPDX-License-Identifier: GPL-2.0-only
/* plant_ring.h - rings: each takes its own lock, then wants the lock of the next
 *
 * A program gives the one function that takes lock number `i`. When plant_ring() returns, the
 * threads of the ring are blocked for good, and the caller is not one of them.
 */
#ifndef NOWAKE_PLANT_RING_H
#define NOWAKE_PLANT_RING_H

#include "plant.h"

struct plant_ring {
	int n;
	void (*lock)(int i);
	_Atomic int here;
	_Atomic int next; /* gives each thread its number */
};

static inline void *plant_ring_walk(void *arg)
{
	struct plant_ring *ring = arg;
	int me = atomic_fetch_add(&ring->next, 1);

	ring->lock(me);
	plant_meet(&ring->here, ring->n);
	ring->lock((me + 1) % ring->n);
	plant_fail("thread %d of the ring got through", me);
}

/* A ring of threads of this process, blocked in system call `nr`. Returns one of them. */
static inline pthread_t plant_ring(int n, void (*lock)(int i), long nr)
{
	static struct plant_ring ring;
	pthread_t thread;

	ring.n = n;
	ring.lock = lock;
	for (int i = 0; i < n; i++)
		thread = plant_thread(plant_ring_walk, &ring);
	plant_blocked(n, nr);
	return thread;
}

/* A ring of child processes with one thread each. */
static inline void plant_ring_of_children(int n, void (*lock)(int i), long nr)
{
	struct plant_ring *ring = plant_shared(sizeof(*ring));
	pid_t pids[16];

	ring->n = n;
	ring->lock = lock;
	for (int i = 0; i < n; i++) {
		pids[i] = plant_fork();
		if (!pids[i])
			plant_ring_walk(ring);
	}
	for (int i = 0; i < n; i++)
		plant_child_blocked(pids[i], 1, nr);
	munmap(ring, sizeof(*ring));
}

#endif
