/* SPDX-License-Identifier: GPL-2.0-only */
/* history.h - what a daemon remembers between looks: who was born where, when waits began,
 * how many threads of a site live.
 *
 * Pure: events and looks come in, struct past goes out. Events may be lost: every look sets
 * right what they said. Memory: about 170 bytes a living thread, and bounded for the rest. */
#pragma once

#include "analyze/world.h"

struct history;

/* now: boot time; window_ns: of which the lowest population is a site's floor. NULL without
 * memory. */
struct history *history_new(__u64 now, __u64 window_ns);
void history_free(struct history *h);

/* A birth, an exec or a death. 0 or -ENOMEM. */
int history_event(struct history *h, const struct wire_head *event);
/* Whether the host was suspended since the last look, of which w is the next. Who waits or wakes in
 * boot time seems to have done nothing meanwhile: waits that were seen before are not stitched any
 * more; what is known of wakes is to be forgotten by the caller. */
bool history_slept(struct history *h, const struct world *w);
/* A look. Words that somebody waits on for long are added to ret_watch (doubles are
 * possible). w->past.words may hold what is known of the words watched now. 0 or -ENOMEM. */
struct history_watch {
	ARRAY(struct wire_word_key) keys;
};
int history_look(struct history *h, const struct world *w, struct history_watch *ret_watch);
/* The Go programs of a look, which are read last: when all of it is known. 0 or -ENOMEM. */
int history_goroutines(struct history *h, const struct world *w);
/* Fills w->past, but for lost, and adds creation stacks to w->stacks: of what only grows, or of
 * all. To be called once after each look, of which w is; with all_stacks also for a world of
 * which nothing else is known, whose stitches are left alone. 0 or -ENOMEM. */
int history_fill(struct history *h, struct world *w, bool all_stacks);

/* Whether the creation stack of this site is not known yet. */
bool history_wants_trace(struct history *h, __u32 tgid, __u64 site);
/* Where creation stacks are kept: add the frames and the trace there, then name its number. */
struct stacks *history_stacks(struct history *h);
void history_set_trace(struct history *h, __u32 tgid, __u64 site, __u32 trace);
