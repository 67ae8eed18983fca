// SPDX-License-Identifier: GPL-2.0-only
/* ring.c - who waits for a lock that nobody will ever unlock?
 *
 * Pure. Who waits for a semaphore that is nobody's duty may go on, and then does its own: a fixed point,
 * from all that may be stuck down to those that are. */
#include "golang/ring.h"

#include <stdlib.h>

#define PASSES_MAX                                                                                 \
	256 /* each lets at least one go on; chains as long are none of programs that work */

static int compare(const void *a, const void *b)
{
	const struct ring_duty *x = a, *y = b;

	if (x->semaphore != y->semaphore)
		return x->semaphore < y->semaphore ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

/* The first duty for a semaphore, or where it would be. */
static size_t find_first(const struct ring_duty *duties, size_t n, __u64 semaphore)
{
	size_t lo = 0, hi = n;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (duties[mid].semaphore < semaphore)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* One that has not gone on, and must before the others can; NULL: nobody. */
static const struct ring_duty *find_holder(const struct ring_node *nodes, __u64 semaphore,
					   const struct ring_duty *duties, size_t n)
{
	size_t i = semaphore ? find_first(duties, n, semaphore) : n;

	for (; i < n && duties[i].semaphore == semaphore; i++) {
		const struct ring_node *node = &nodes[duties[i].node];

		if (node->stuck || node->holder)
			return &duties[i];
	}
	return NULL;
}

void ring_find(struct ring_node *nodes, size_t n, struct ring_duty *duties, size_t nduties)
{
	bool changed = true;
	size_t passes = 0;

	if (nduties)
		qsort(duties, nduties, sizeof(*duties), compare);
	for (size_t i = 0; i < n; i++)
		nodes[i].holder = !nodes[i].stuck && nodes[i].semaphore;
	for (; changed && passes < PASSES_MAX; passes++) {
		changed = false;
		for (size_t i = 0; i < n; i++) {
			struct ring_node *node = &nodes[i];
			const struct ring_duty *holder;

			if (!node->holder)
				continue;
			holder = find_holder(nodes, node->semaphore, duties, nduties);
			changed = changed || !holder;
			node->holder = holder ? holder->node + 1 : 0;
		}
	}
	for (size_t i = 0; changed && i < n; i++)
		nodes[i].holder = 0;
}
