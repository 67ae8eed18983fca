// SPDX-License-Identifier: GPL-2.0-only
/* ring.c - who waits for a lock that nobody will ever unlock?
 *
 * Pure. Who waits for a semaphore that is nobody's duty may go on, and then does its own: a fixed
 * point, from all that may be stuck down to those that are. */
#include "golang/ring.h"

#include <stdlib.h>

#define PASSES_MAX 256 /* chains as long are none of programs that work */

static int compare(const void *a, const void *b)
{
	const struct ring_duty *x = a, *y = b;

	if (x->semaphore != y->semaphore)
		return x->semaphore < y->semaphore ? -1 : 1;
	return x->node < y->node ? -1 : x->node > y->node;
}

/* Marks those of which more say that they have it than can: who knows then. */
static void refute(struct ring_duty *duties, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		__u32 most = duties[i].most, claims = 0;

		for (end = i; end < n && duties[end].semaphore == duties[i].semaphore; end++) {
			most = duties[end].most < most ? duties[end].most : most;
			claims += end == i || duties[end].node != duties[end - 1].node;
		}
		for (size_t k = i; k < end; k++)
			duties[k].refuted = claims > most;
	}
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

/* Says of each semaphore's duties, at the first of them, one of those that have not gone on. */
static void find_holders(const struct ring_node *nodes, struct ring_duty *duties, size_t n)
{
	size_t first = 0;

	for (size_t i = 0; i < n; i++) {
		const struct ring_node *node = &nodes[duties[i].node];

		if (!i || duties[i].semaphore != duties[first].semaphore) {
			first = i;
			duties[first].holder = 0;
		}
		if (!duties[first].holder && !duties[i].refuted && (node->stuck || node->holder))
			duties[first].holder = duties[i].node + 1;
	}
}

bool ring_find(struct ring_node *nodes, size_t n, struct ring_duty *duties, size_t nduties)
{
	bool changed = true;
	size_t passes = 0;

	if (nduties)
		qsort(duties, nduties, sizeof(*duties), compare);
	refute(duties, nduties);
	for (size_t i = 0; i < n; i++)
		nodes[i].holder = !nodes[i].stuck && nodes[i].semaphore;
	for (; changed && passes < PASSES_MAX; passes++) {
		changed = false;
		find_holders(nodes, duties, nduties);
		for (size_t i = 0; i < n; i++) {
			const size_t at = find_first(duties, nduties, nodes[i].semaphore);
			__u32 holder = 0;

			if (!nodes[i].holder)
				continue;
			if (at < nduties && duties[at].semaphore == nodes[i].semaphore)
				holder = duties[at].holder;
			changed = changed || !holder;
			nodes[i].holder = holder;
		}
	}
	for (size_t i = 0; changed && i < n; i++)
		nodes[i].holder = 0;
	return !changed;
}
