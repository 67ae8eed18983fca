/* SPDX-License-Identifier: GPL-2.0-only */
/* stacked.h - stacks written as text, for the tests of what reads them.
 *
 * Frames from the inside out, parted by " <- ": "function in module". "?" is a function
 * without a name; without "in module" no file is mapped there; '^' in front says that the
 * call is inlined into the next one. A last "cut" says that the trace was cut. The same
 * text is the same frame, at the same address, in every trace. */
#pragma once

#include "analyze/world.h"

/* The number of the trace. */
__u32 stacked_trace(struct stacks *s, const char *text);
/* Gives it to a thread. */
void stacked_thread(struct world *w, __u32 tid, const char *text);
