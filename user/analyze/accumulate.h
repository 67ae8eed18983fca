/* SPDX-License-Identifier: GPL-2.0-only */
/* accumulate.h - what grows, and how fast. */
#pragma once

#include "analyze/world.h"

/* Whether the population of a site has only risen, for long enough. */
bool accumulate_rises(const struct site *s);
/* Whether a thread was made where the population only rises. Not of a Go program, whose runtime
 * keeps threads that it has no use for. */
bool accumulate_is_member(const struct world *w, const struct wire_thread *t);
/* The floors by which a site is judged: the slow ones when only they rise. */
const struct floors *accumulate_floors(const struct site *s);
/* Threads a second, by the floors of its last windows; 0 when they do not say. */
double accumulate_rate(const struct site *s);
