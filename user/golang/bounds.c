// SPDX-License-Identifier: GPL-2.0-only
/* bounds.c - where a goroutine's stack is now.
 *
 * Both bounds come from one question, but it may be answered while they change: then they are of
 * two stacks, and what lies between them holds the new one, or they make no sense. */
#include "golang/bounds.h"

#define TRIES 4
#define WORD 8

bool bounds_read(const struct program *p, __u64 g, __u64 *ret_lo, __u64 *ret_hi)
{
	const struct golang_g *l = &p->layout->g;

	for (int i = 0; i < TRIES; i++) {
		unsigned char lo[WORD], hi[WORD];
		struct target_piece pieces[] = { { g + l->stack_lo, lo, WORD, false },
						 { g + l->stack_hi, hi, WORD, false } };

		target_read_all(p->target, pieces, 2);
		if (!pieces[0].there || !pieces[1].there)
			return false;
		if (target_u64(lo) > target_u64(hi) ||
		    target_u64(hi) - target_u64(lo) > BOUNDS_STACK_MAX)
			continue;
		*ret_lo = target_u64(lo);
		*ret_hi = target_u64(hi);
		return true;
	}
	return false;
}
