/* SPDX-License-Identifier: GPL-2.0-only */
/* pass.h - one pass over the host: look, judge, and look again before saying so. */
#pragma once

#include <sys/types.h>

#include "analyze/verdict.h"
#include "analyze/world.h"
#include "ignore.h"

struct pass;

/* Loads the BPF programs. 0 or -errno; on failure *ret_error says in one line what is
 * wrong and what to do (free it). */
int pass_open(struct pass **ret, char **ret_error);
void pass_free(struct pass *p);
/* Between passes: gives back what is kept for the next one, but has not been used for long. */
void pass_rest(struct pass *p);

/* What one pass saw, and what it means. */
struct pass_result {
	struct world *looks[2]; /* the last two; only one when the first found nothing */
	size_t nlooks;
	struct verdicts *v; /* of the last look; points into it */
};

/* What a pass is to look for, and by. */
struct pass_request {
	__u64 threshold_ns;
	__u32 tid; /* read the stack of this thread too; 0: of none */
	bool all;  /* read the stacks of all threads that are blocked, not of findings only … */
	const __u32 *pids; /* … but only where these processes are concerned */
	size_t npids;
	/* Fills what is remembered of the past (world.past) in, right after the scan of each look;
	 * NULL: there is no past. 0 or -errno. */
	int (*remember)(void *arg, struct world *w);
	void *arg;
	/* The pass before: what it found and stands still need not be confirmed again. */
	const struct pass_result *last;
	__u64 goid; /* read this goroutine of the first of pids, whatever it does; 0: none */
	/* times as long as reading a Go program took passes without; 0: for no daemon */
	__u64 go_rest;
	struct ignore ignore;
	__u64 debuginfod_ns; /* how long debug files may be fetched from servers; 0: not at all */
};

/* 0 or -errno. */
int pass_run(struct pass *p, const struct pass_request *request, struct pass_result *ret);
/* The same on looks that were taken earlier (a snapshot); takes them. 0 or -errno. */
int pass_judge(struct world **looks, size_t n, __u64 threshold_ns, const struct ignore *ignore,
	       struct pass_result *ret);
/* The process that is the symbolizer; 0: none runs. */
pid_t pass_symbolizer(const struct pass *p);
/* How often it had to be given up. */
__u32 pass_restarts(const struct pass *p);
/* Before the creation stacks of a look: one that makes the symbolizer fail too often leaves the
 * others without it. */
void pass_unwind_begin(struct pass *p);
/* Unwinds a creation stack into ret, and says which trace it is. 0; -ESRCH when the process is
 * gone, or -errno. */
int pass_unwind(struct pass *p, const struct wire_stack *stack, struct stacks *ret,
		__u32 *ret_trace);
/* Keeps only what the next pass confirms by, and so many of the longest waits; counts stay. */
void pass_settle(struct pass_result *r, size_t waits);
void pass_result_free(struct pass_result *r);
