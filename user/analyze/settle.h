/* SPDX-License-Identifier: GPL-2.0-only */
/* settle.h - what is kept of a look from one pass to the next. */
#pragma once

#include "analyze/verdict.h"
#include "analyze/world.h"

/* Drops of v and of w, its world, what neither the confirmation of the next pass nor a summary
 * of this one asks for: most threads of a large host. What stays is findings with all their
 * members, so many of the longest waits, threads that were runnable, and the first thread of each
 * process; counts stay as they were. A look with no more than 4 times so many threads is left
 * whole. 0; -ENOMEM: nothing is dropped. */
int settle_verdicts(struct verdicts *v, struct world *w, size_t waits);
