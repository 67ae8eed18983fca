/* SPDX-License-Identifier: GPL-2.0-only */
/* places.h - the threads or goroutines of a finding, by the place where they stand. */
#pragma once

#include "analyze/verdict.h"

#define PLACES_IDS 4	/* threads of a place that are named */
#define PLACES_STARTS 3 /* start routines that are told apart */

struct places_group {
	const struct place *place; /* of the first of them: the place of all */
	const struct trace *trace; /* of the first of them */
	size_t first;		   /* its index in finding.members, or in finding.goroutines */
	size_t n;
	__u64 ids[PLACES_IDS]; /* of the first of them */
	__u64 oldest_ns, youngest_ns;
	const struct frame *starts[PLACES_STARTS]; /* what they were started to run */
	size_t nstarts;				   /* may be more than fit */
};

struct places {
	ARRAY(struct places_group) groups;
};

/* Where the cause of a finding stands; of a ring, and of what is found by a word or by who made
 * it, the first member that has a place. NULL: none, or it is of the whole process. */
const struct place *places_cause(const struct verdicts *v, const struct finding *f);
/* Groups the members that have a stack; who has none is left out. A ring's places come first
 * and in its order, then those where most threads stand. 0 or -ENOMEM; ended by
 * array_free(). */
int places_of(const struct verdicts *v, const struct finding *f, struct places *ret);
