/* SPDX-License-Identifier: GPL-2.0-only */
/* peek.h - copies the words of blocked processes that decoding wants. */
#pragma once

#include "analyze/world.h"
#include "collect/guard.h"

/* Reads into w->memory, and sorts it again. What could not be read is left out; a
 * process that hangs or refuses is listed in w->blind. 0 or -errno. */
int peek_read(struct guard *g, struct world *w, const struct mem_wants *wants);
