/* SPDX-License-Identifier: GPL-2.0-only */
/* maps.h - who maps the shared futex words that somebody waits on? */
#pragma once

#include "analyze/world.h"
#include "collect/guard.h"

/* Fills w->mappers for the words that these threads wait on; w->mappers_complete says
 * whether every process could be looked at. 0 or -errno. */
int maps_find_mappers(struct guard *g, struct world *w, const __u32 *tids, size_t n);
