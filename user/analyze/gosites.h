/* SPDX-License-Identifier: GPL-2.0-only */
/* gosites.h - the populations of the places where goroutines are made, window by window.
 *
 * Pure; a part of history.c. What sites.h is for threads, of which every birth is seen; of
 * goroutines only looks tell, and they may be far apart, for they cost much. So a program has
 * windows of its own: one ends at a look, when it has lasted long enough and had GOSITES_LOOKS
 * looks. Its floor is the lowest number that any of them saw. Bounded: GO_SITES_MAX sites of each
 * program that lives; one that a look does not have is forgotten. */
#pragma once

#include "analyze/world.h"

#define GOSITES_LOOKS 3 /* in a window, at least: that of its end is one */

struct gosites;

/* NULL without memory. */
struct gosites *gosites_new(__u64 window_ns);
void gosites_free(struct gosites *s);
/* Takes what w has of programs that were read since the last time. 0 or -ENOMEM. */
int gosites_look(struct gosites *s, const struct world *w);
/* Adds them to w->past.sites, but those of programs that are gone where
 * w has threads. 0 or -ENOMEM. */
int gosites_fill(const struct gosites *s, struct world *w);
