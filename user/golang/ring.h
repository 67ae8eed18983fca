/* SPDX-License-Identifier: GPL-2.0-only */
/* ring.h - who waits for a lock that nobody will ever unlock?
 *
 * Those that wait in a ring, each for a lock that the next one is to unlock; those that wait for a
 * lock that is to be unlocked by one that never goes on; and all behind them. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct ring_node {
	__u64 semaphore; /* on which it waits; 0: on none */
	bool stuck;	 /* it never goes on, for a reason of its own */
	/* out: index + 1 of one that never goes on and is to unlock what it waits for; 0: somebody
	 * may still do so. Not of those that are stuck. */
	__u32 holder;
};

/* One whose duty it is that those that wait on a semaphore go on. */
struct ring_duty {
	__u64 semaphore;
	__u32 node;
	/* so many can have it: 1, or of an RWMutex that is locked for reading its readers */
	__u32 most;
	/* for ring.c */
	bool refuted;
	__u32 holder;
};

/* Where several have a duty all must do it; where more have it than can, nobody
 * is known to. Sorts the duties, and may be asked again when more have been
 * added. False: there are chains that are too long, and nothing is found. */
bool ring_find(struct ring_node *nodes, size_t n, struct ring_duty *duties, size_t nduties);
