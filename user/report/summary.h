/* SPDX-License-Identifier: GPL-2.0-only */
/* summary.h - what `nowake top` shows: the daemon's last pass as one small JSON object.
 *
 * Written in the daemon, read in another process: the reader checks types and ranges, and what
 * it hands out is still to be escaped. However large the host, the rows are at most so many:
 * {"schema": 1, "host": "", "time_seconds": 0 of the pass, since 1970, "threshold_seconds": 0.0,
 *  "daemon": {…}, "scan": {…} or null before the first pass,
 *  "findings": [{"id": "", "class": "", "confidence": "", "pid": 0, "comm": "", "count": 0,
 *                "blocked_seconds": 0.0 or null, "reason": "", "place": "" or null}],
 *  "sites": [{"id": "", "pid": 0, "comm": "", "function": "" or null, "alive": 0, "born": 0,
 *             "ended": 0, "floors": [0], "growth_per_hour": 0.0 or null}],
 *  "waits": [{"tid": 0, "pid": 0, "comm": "", "kind": "", "class": "", "source": "" or null,
 *             "blocked_seconds": 0.0}]} */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "analyze/verdict.h"
#include "report/health.h"

#define SUMMARY_SCHEMA 1
#define SUMMARY_FINDINGS 200
#define SUMMARY_SITES 100
#define SUMMARY_WAITS 100
#define SUMMARY_BYTES (4u << 20) /* more is not read */

/* v: of the last pass, or NULL. Findings that are suspects only are left out. 0 or -errno. */
int summary_print(FILE *out, const struct verdicts *v, const struct health *health);

/* ---- the other side; strings are valid UTF-8, but whatever the daemon says ---- */

struct summary_finding {
	const char *id, *class, *confidence, *comm, *reason;
	const char *place; /* innermost function of somebody's own code; NULL: not known */
	__u32 pid, count;
	double seconds; /* below 0: not known */
};

struct summary_site {
	const char *id, *comm;
	const char *function; /* that makes the threads; NULL: not known */
	__u32 pid;
	__u64 alive, born, ended;
	__u64 floors[SITE_WINDOWS]; /* oldest first */
	__u32 nfloors;
	bool grown;    /* growth is known */
	double growth; /* threads per hour; of the floors */
};

struct summary_wait {
	const char *comm, *kind, *class;
	const char *source; /* who could end it, or why that is not known; NULL: nothing is said */
	__u32 tid, pid;
	double seconds;
};

struct summary {
	void *json; /* owns the strings */
	const char *host;
	__u64 time; /* CLOCK_REALTIME of the pass, seconds; 0: there was none */
	double threshold;
	struct {
		double watching, pass, interval, cpu; /* seconds */
		__u64 passes, failed, events, lost, restarts, resident, found, resolved;
		const char *futex;
	} daemon;
	struct { /* zeros before the first pass */
		__u64 threads, thread_limit, processes, blocked, idle, unknown, stuck, blind;
		const char *first_blind; /* a sentence, or NULL */
	} scan;
	size_t nfindings, nsites, nwaits;
	struct summary_finding findings[SUMMARY_FINDINGS]; /* worst first */
	struct summary_site sites[SUMMARY_SITES];	   /* those that grow fastest first */
	struct summary_wait waits[SUMMARY_WAITS];	   /* longest first */
};

/* 0 or -errno; on failure *ret_error is NULL or says what is wrong, as "not understood: schema"
 * (free it). */
int summary_read(FILE *in, struct summary **ret, char **ret_error);
void summary_free(struct summary *s);
