/* SPDX-License-Identifier: GPL-2.0-only */
/* events.h - births, execs and deaths of threads, and the wakes of futex words, from the
 * moment it is opened: what the daemon adds to the scans. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "analyze/past.h"

struct events;

#define EVENTS_BUFFER (1u << 20) /* bytes of the ring buffer, unless told otherwise */

/* Loads and attaches; buffer: a power of two, of at least a page. hook: FUTEX_AUTO takes the
 * first that works and is cheap; one that is named must work. 0 or -errno; on failure
 * *ret_error is one line (free it). */
int events_open(size_t buffer, enum futex_hook hook, struct events **ret, char **ret_error);
void events_free(struct events *e);

/* Becomes readable when the buffer is half full. */
int events_fd(const struct events *e);
/* Hands over what is in the buffer, in order; record sizes are checked. take returns 0 or
 * -errno, which ends the drain. So does twice the buffer's size: threads may be born faster than
 * they can be counted, and who drains must get on. 0 or -errno. */
int events_drain(struct events *e, int (*take)(void *arg, const struct wire_head *event),
		 void *arg);
/* Events that found no room, since the start. */
__u64 events_lost(const struct events *e);

/* The hook in use: never FUTEX_AUTO; FUTEX_OFF while it rests. */
enum futex_hook events_hook(const struct events *e);

#define EVENTS_GUARD_NS 1000000000ull /* so often events_guard() should be called */
#define EVENTS_WAKES_MAX 20000	      /* a second: the hook then takes about 0.1 % of a CPU */
#define EVENTS_REST_NS 600000000000ull

/* Takes the hook on wakes off for a while when they are so many that seeing them costs, and forgets
 * what it knew: who slept through wakes knows nothing. now: boot time. Whether that has changed;
 * *ret_rate: wakes a second. */
bool events_guard(struct events *e, __u64 now, __u64 *ret_rate);

/* Forgets what it knows of words, which are not watched any more. */
void events_forget(struct events *e);
/* Watches these words (any order, doubles allowed), for as long as they are asked for and an
 * hour after (a minute, when there are many); now: boot time. 0 or -errno; -E2BIG: there is no room
 * for some of them. */
int events_watch(struct events *e, const struct wire_word_key *keys, size_t n, __u64 now);
/* What is known of the watched words; adds to ret->words, sorted by key. 0 or -errno. */
int events_words(struct events *e, struct past *ret);
/* Wakes that events_words() has seen since the start, whether or not their words are watched still:
 * never less than before. */
__u64 events_wakes(const struct events *e);

/* What a hook has cost so far: counted only while stats are on (events_stats). */
struct events_cost {
	const char *name; /* of the program: "lifetime_fork"; good until events_free() */
	__u64 runs;
	__u64 ns;
};

#define EVENTS_COSTS 8
/* Turns the kernel's counting of run times on or off; it slows every BPF program of the host
 * a little. 0 or -errno. */
int events_stats(struct events *e, bool on);
/* How many of ret were filled. */
size_t events_costs(const struct events *e, struct events_cost ret[EVENTS_COSTS]);
