/* SPDX-License-Identifier: GPL-2.0-only */
/* stacks.h - the user stacks of threads that stand still. */
#pragma once

#include "analyze/world.h"
#include "collect/bpf.h"
#include "collect/debuginfod.h"
#include "collect/guard.h"
#include "symbolize/client.h"

#define STACKS_BUDGET_MS 5000 /* for all stacks of one look */
#define STACKS_PASS_MS 10000  /* of all looks of a pass, however many there are */

struct stacks_reader {
	struct bpf *bpf;
	struct guard *guard;
	struct client *client;
	__u64 *left_ms;		       /* of the pass; what is used is taken off */
	struct debuginfod *debuginfod; /* NULL: not asked for */
};

/* Reads the stacks of these threads (any order, doubles allowed) into w->stacks, but of
 * those that have one. They count only for threads that feed_recheck() does not find moved
 * afterwards. What could not be read is in the trace's stop, or in w->blind. 0 or -errno. */
int stacks_read(const struct stacks_reader *r, struct world *w, const __u32 *tids, size_t n);
/* Unwinds the copy of a stack on which a thread was made. 0; -ESRCH when the process is gone;
 * -EIO when the symbolizer failed; or -errno. */
int stacks_unwind(const struct stacks_reader *r, const struct wire_stack *from, struct stacks *ret,
		  __u32 *ret_trace);
/* Takes over the stacks of an earlier look of those that have not run since: theirs are the
 * same. What failed then is tried again, and counts still. To be called before stacks_read().
 * 0 or -ENOMEM. */
int stacks_carry(const struct world *before, struct world *w);
/* Forgets the stacks of threads that moved while they were read. */
void stacks_drop_moved(struct world *w);
