/* SPDX-License-Identifier: GPL-2.0-only */
/* sites.h - the populations of the places where threads are made, window by window.
 *
 * Pure; a part of history.c. The floor of a window is the lowest number of threads that
 * lived at any time in it; there are short windows and slow ones, of SITE_SLOW short ones. Bounded:
 * SITES_MAX sites in all; when there are more, the ones without living threads are forgotten,
 * oldest first, and then new ones are not counted. */
#pragma once

#include "analyze/world.h"

#define SITES_MAX 4096

struct sites;
struct site_of; /* one site, from the side of its threads */

struct sites *sites_new(__u64 now, __u64 window_ns);
void sites_free(struct sites *s);

/* A thread of process tgid was born; site 0: it is not known where, and *ret is NULL. *ret
 * is given back with sites_death() or sites_leave(). 0 or -ENOMEM. */
int sites_birth(struct sites *s, __u32 tgid, __u64 site, __u64 started, struct site_of **ret);
void sites_death(struct sites *s, __u32 tgid, struct site_of *site);
/* The thread lives on, but not as what it was born for. */
void sites_leave(struct site_of *site);
/* The process is another program: what it was is forgotten. Its threads but one are dead. */
void sites_exec(struct sites *s, __u32 tgid);
/* Ends the window, if it is over. */
void sites_look(struct sites *s, __u64 now);

/* Fills w->past.sites, and gives each a number; adds creation stacks to w->stacks, of those that
 * only grow, or of all. */
int sites_fill(struct sites *s, struct world *w, bool all_stacks);
/* Number + 1 of a site in the last sites_fill(); 0 for NULL, and for one that is forgotten. */
__u32 sites_number(const struct site_of *site);

bool sites_wants_trace(struct sites *s, __u32 tgid, __u64 site);
struct stacks *sites_stacks(struct sites *s);
void sites_set_trace(struct sites *s, __u32 tgid, __u64 site, __u32 trace);
