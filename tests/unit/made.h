/* SPDX-License-Identifier: GPL-2.0-only */
/* made.h - verdicts made by hand, for the tests of what prints them. */
#pragma once

#include "analyze/verdict.h"
#include "options.h"
#include "report/report.h"

/* One blocked thread, and whom it waits for. */
struct made_thread {
	__u32 tid, tgid;
	const char *comm;
	enum wait_kind kind;
	__u64 object;
	double seconds;
	enum verdict_class class;
	enum member_role role;
	const char *source;
	__u32 for_tid, for_pid; /* one edge; 0, 0: none */
	enum edge_why why;
};

/* Threads in the order of their tids; ended by one without a tid. The look was at
 * 2024-05-01 14:05:15 UTC. Freed with made_free(). */
struct verdicts *made_verdicts(const struct made_thread *threads);
/* A finding of the members with these tids, ended by 0; the first nknot are the knot. */
struct finding *made_finding(struct verdicts *v, const char *reason, bool cycle, __u32 nknot,
			     const __u32 *tids);
void made_evidence(struct finding *f, const char *text);
void made_process(struct verdicts *v, __u32 tgid, const char *exe, const char *unit);
/* A host with a cycle of two, a lock of its own, an orphan, names that are hostile, and an
 * idle and an unknown thread; pids 4711, 4900, 4800, 5000. */
struct verdicts *made_example(void);
/* Gives a thread a stack, ended by a frame without an address; stop may be NULL. Of its frames
 * number blocking is the function that blocks, the callers are first to last, and start is
 * the start routine; -1: none. Stacks of one place have one hash. */
struct made_place {
	int blocking, first, last, start;
	__u64 hash;
};
void made_stack(struct verdicts *v, __u32 tid, const struct frame *frames, const char *stop,
		struct made_place where);
/* The example, with stacks of all kinds for the threads of 4711, and the
 * kernel's of 4712 and 4800. */
struct verdicts *made_stacks(void);
void made_free(struct verdicts *v);

/* What the format prints; to be freed. */
char *made_output(const struct output *output, const struct verdicts *v, const struct options *opts,
		  bool utf8, bool color);
