/* SPDX-License-Identifier: GPL-2.0-only */
/* place.h - in whose code is a thread stuck, and where did that code start?
 *
 * Pure. A trace is, from the inside: the C library and the language's runtime down to the
 * function that blocks; the callers outside of them, which are the place; at the outer end
 * runtime again, behind the function that the thread was started to run. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "analyze/stack.h"

#define PLACE_FRAMES 8 /* callers that make a place; deeper ones do not tell places apart */

struct place {
	__u64 hash;		      /* equal: the same place; 0: no trace, or no caller in it */
	const struct frame *blocking; /* the function that the place called: "pthread_mutex_lock" */
	const struct frame *callers[PLACE_FRAMES]; /* innermost first */
	size_t n;
	const struct frame *start; /* the start routine; NULL: not known */
};

/* Fills ret, which is all zeros where trace is NULL. is_main: it is its process's first
 * thread, whose start is main(). */
void place_find(const struct stacks *s, const struct trace *trace, bool is_main, struct place *ret);
/* Whether a frame belongs to the C library, the dynamic loader or a language's runtime. */
bool place_is_runtime(const struct frame *f);
