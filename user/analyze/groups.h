/* SPDX-License-Identifier: GPL-2.0-only */
/* groups.h - processes by what they run: the label "group" of the metrics, and the counters
 * that must outlive the processes.
 *
 * Pure. Fed by the daemon with every look and with the events between two looks, read by
 * report/prometheus.c. Bounded: the groups that have the most threads keep their names, the
 * rest is "other"; a counter never goes backwards, whatever moves. */
#pragma once

#include <linux/types.h>

#include "analyze/verdict.h"

struct groups;

/* What the label is made of. */
struct group_name {
	__u32 tgid;
	__u64 started;	  /* of the process: its main thread's */
	const char *exe;  /* path of the executable, or NULL */
	const char *comm; /* name of the main thread; never NULL */
	const char *unit; /* systemd unit or container id, or NULL */
};

struct group {
	const char *name;
	const char *unit; /* "" unless units are labels */
	__u64 born;	  /* threads, since the daemon started */
	__u64 ended;
	__u32 threads; /* at the last look */
	/* At the last look: */
	__u32 blocked[WAIT_KIND_COUNT];	   /* for at least the threshold */
	__u64 age_max_ns[WAIT_KIND_COUNT]; /* of those, 0 where there are none */
	__u32 stuck[CLASS_COUNT][CONFIDENCE_PROVEN + 1];
};

/* pattern: text with {exe}, {comm} and {unit} in it, {exe} being the base name; units: make
 * the unit a label of its own; limit: groups with names of their own. NULL without memory. */
struct groups *groups_new(const char *pattern, bool units, size_t limit);
void groups_free(struct groups *g);
/* Whether pattern can be used; false: *ret_error is a static sentence. */
bool groups_pattern_check(const char *pattern, const char **ret_error);

/* Whether the name of a process is still to be told (or told again, after an exec). */
bool groups_wants(const struct groups *g, __u32 tgid, __u64 started);
/* 0 or -ENOMEM. */
int groups_tell(struct groups *g, const struct group_name *name);

/* Births and deaths of threads; those of processes that have no name yet are kept for the
 * group that they turn out to be in, or are "other" when they end unnamed. 0 or -ENOMEM. */
int groups_birth(struct groups *g, const struct wire_birth *event);
int groups_death(struct groups *g, const struct wire_death *event);
/* The process is another program now: its name is wanted again. */
int groups_exec(struct groups *g, const struct wire_exec *event);
/* Counts what a look saw, and forgets the processes that are gone. 0 or -ENOMEM. */
int groups_look(struct groups *g, const struct verdicts *v);

/* All groups, largest first, "other" last where there is one; valid until the next change. */
const struct group *groups_all(const struct groups *g, size_t *ret_n);
