/* SPDX-License-Identifier: GPL-2.0-only */
/* groups.h - processes by what they run: the label "group" of the metrics, and the counters
 * that must outlive the processes.
 *
 * Pure. Fed by the daemon with every look and with the events between two looks, read by
 * report/prometheus.c. Bounded: the largest groups have names, the rest is "other"; a counter
 * never goes backwards, whatever moves:
 *
 * - Names are given at looks, to groups with stuck threads first, then by threads. A name is
 *   kept for 30 looks after its group was last among the first, and then until somebody who
 *   is wants its place; only for a group that is stuck a group that is not goes at once. The
 *   programs that ended keep theirs likewise, so that what runs now and then has one series.
 * - What happens in a group without a name is counted in "other", for good: a group that gets
 *   a name starts from zero, or from where it was when it lost it, if that is not too long ago
 *   (256 such groups without a process are remembered; after that it begins anew, which is
 *   what a counter does when a program restarts). So the sum of all groups that ever had a
 *   name and of "other" is all that was seen, each birth and death once. */
#pragma once

#include <linux/types.h>

#include "analyze/verdict.h"

struct groups;

#define GROUPS_OTHER "other" /* a program of that name is "other (program)" */
#define GROUPS_LIMIT_MAX 1000

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
	__u64 born;	  /* threads, since the daemon started, while it had its name */
	__u64 ended;
	__u32 threads; /* at the last look */
	/* At the last look: */
	__u32 blocked[WAIT_KIND_COUNT];	   /* for at least the threshold */
	__u64 age_max_ns[WAIT_KIND_COUNT]; /* of those, 0 where there are none */
	__u32 stuck[CLASS_COUNT][CONFIDENCE_PROVEN + 1];
	bool go;	  /* the goroutines of a program of it could be listed */
	bool go_judged;	  /* … and judged */
	__u64 goroutines; /* that live */
	__u64 stuck_go[CLASS_COUNT][CONFIDENCE_PROVEN + 1];
	double growth;	  /* threads a second, of the sites of accumulating findings; 0: none */
	double growth_go; /* goroutines, likewise */
};

/* pattern: text with {exe}, {comm} and {unit} in it, {exe} being the base name; units: make
 * the unit a label of its own; limit: groups with names of their own, GROUPS_LIMIT_MAX at most.
 * NULL without memory. */
struct groups *groups_new(const char *pattern, bool units, size_t limit);
void groups_free(struct groups *g);
/* Whether groups_new() was told the same. */
bool groups_are(const struct groups *g, const char *pattern, bool units, size_t limit);
/* Whether pattern can be used; false: *ret_error is a static sentence. */
bool groups_pattern_check(const char *pattern, const char **ret_error);

/* Whether the name of a process is still to be told (or told again, after an exec). */
bool groups_wants(const struct groups *g, __u32 tgid, __u64 started);
/* 0 or -ENOMEM. */
int groups_tell(struct groups *g, const struct group_name *name);

/* Births and deaths of threads; those of processes that have no name yet are kept for the
 * group that they turn out to be in, or are "other" when they end unnamed, or when there are
 * too many. 0 or -ENOMEM: then they are "other". */
int groups_birth(struct groups *g, const struct wire_birth *event);
int groups_death(struct groups *g, const struct wire_death *event);
/* The process is another program now: its name is wanted again. */
int groups_exec(struct groups *g, const struct wire_exec *event);
/* Counts what a look saw, and forgets the processes that are gone. 0 or -ENOMEM. */
int groups_look(struct groups *g, const struct verdicts *v);

/* All groups, largest first, "other" last where there is one; valid until the next change. */
const struct group *groups_all(const struct groups *g, size_t *ret_n);
