/* SPDX-License-Identifier: GPL-2.0-only */
/* primitive.h - what the functions on a stack say of the wait that they end in.
 *
 * Pure. Memory shows what a futex word may belong to; the function that called into the
 * kernel knows. Only words: a verdict never rests on names. */
#pragma once

#include <stdbool.h>

#include "analyze/stack.h"
#include "analyze/wait.h"

struct primitive {
	enum wait_kind kind; /* WAIT_UNKNOWN: the name says nothing of it */
	const char *name;    /* static: "std::future", "Rust Mutex", "Java park"; or NULL */
};

/* False when no function on the trace is known. */
bool primitive_find(const struct stacks *s, const struct trace *trace, struct primitive *ret);
