// SPDX-License-Identifier: GPL-2.0-only
/* stacks.c - the user stacks of threads that stand still.
 *
 * Registers come from the kernel (feed_regs), memory and files from source.c, everything
 * that is parsed comes from the symbolizer. One process after the other; an address is
 * named once for all threads of its process. */
#include "collect/stacks.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/clock.h"
#include "collect/feed.h"
#include "collect/naming.h"
#include "collect/source.h"

/* One process whose stacks are being read. */
struct job {
	const struct stacks_reader *r;
	struct naming naming; /* trouble: why the rest of its stacks cannot be read */
	struct source source;
	struct source_stacks *ahead; /* of this thread and the next ones, or NULL */
	size_t used;		     /* of them */
	struct client_source opens;  /* of the source, where reading is not left to it */
	/* Large, and reused for each thread. */
	struct message_unwind unwind;
	struct message_trace trace;
};

/* Without a symbolizer only the innermost address is known. */
static void raw_trace(struct job *job, __u64 pc)
{
	job->trace.n = 1;
	job->trace.step[0] = (struct message_step){ .address = pc, .bits = MESSAGE_STEP_EXACT };
	memcpy(job->trace.stop, job->naming.trouble, sizeof(job->trace.stop));
}

/* The stack of the first of n threads; those behind it are read with it. NULL: cannot be. */
static const struct source_stack *read_stack(struct job *job, const struct wire_regs *regs,
					     size_t n)
{
	if (job->ahead && job->used < job->ahead->n)
		return &job->ahead->stack[job->used++];
	if (!job->ahead)
		job->ahead = malloc(sizeof(*job->ahead));
	if (!job->ahead)
		return NULL;
	job->ahead->n = n < SOURCE_STACKS_MAX ? n : SOURCE_STACKS_MAX;
	for (size_t i = 0; i < job->ahead->n; i++)
		job->ahead->stack[i].address = regs[i].reg[FEED_SP];
	job->ahead = source_read_stacks(&job->source, job->ahead);
	job->used = 1;
	return job->ahead ? &job->ahead->stack[0] : NULL;
}

/* The first of n threads that are left. */
static int read_thread(struct job *job, const struct wire_regs *regs, size_t n)
{
	struct message_unwind *u = &job->unwind;
	__u32 trace;
	int err;

	if (!job->naming.trouble[0]) {
		const struct source_stack *stack = read_stack(job, regs, n);

		memcpy(u->reg, regs->reg, sizeof(u->reg));
		u->stack = regs->reg[FEED_SP];
		u->len = stack ? stack->len : 0;
		if (stack)
			memcpy(u->bytes, stack->bytes, stack->len);
		if (client_unwind(job->r->client, u, &job->trace))
			naming_failed(&job->naming);
	}
	if (job->naming.trouble[0])
		raw_trace(job, regs->reg[FEED_PC]);
	err = naming_keep(&job->naming, &job->trace, &trace);
	err = err ? err : stack_add_thread(job->naming.stacks, regs->head.tid, trace);
	if (!err && job->naming.trouble[0])
		stack_mark_lost(job->naming.stacks, regs->head.tid);
	return err;
}

/* Threads whose stacks were not read, since the time was over. */
struct late {
	size_t threads;
	size_t processes;
};

/* The threads regs[0..n-1] of one process. */
static int read_process(const struct stacks_reader *r, struct world *w,
			const struct wire_regs *regs, size_t n, __s64 deadline, struct late *late)
{
	const struct wire_thread *t = world_thread(w, regs->head.tid);
	_cleanup_free_ struct job *job = calloc(1, sizeof(*job));
	int err = 0;

	if (clock_ms() >= deadline) {
		late->threads += n;
		late->processes++;
		return 0;
	}
	if (!job)
		return -ENOMEM;
	job->r = r;
	job->naming.client = r->client;
	job->naming.stacks = &w->stacks;
	job->source.guard = r->guard;
	job->source.debuginfod = r->debuginfod;
	job->source.tid = regs->head.tid;
	job->source.tgid = regs->tgid;
	job->source.ns_tgid = t ? t->ns_tgid : regs->tgid;
	source_init(&job->source);
	if (naming_turn(&job->naming, &job->source, regs->bits))
		n = 0;
	for (size_t i = 0; !err && i < n; i++) {
		if (clock_ms() >= deadline) {
			late->threads += n - i;
			late->processes++;
			break;
		}
		err = read_thread(job, &regs[i], n - i);
	}
	if (!err && job->naming.trouble[0])
		err = world_blind(w, "stacks of process %u: %s", regs->tgid, job->naming.trouble);
	naming_free(&job->naming);
	free(job->ahead);
	return err;
}

static int compare_u32(const void *a, const void *b)
{
	__u32 x = *(const __u32 *)a, y = *(const __u32 *)b;

	return x < y ? -1 : x > y;
}

static int compare_process(const void *a, const void *b)
{
	const struct wire_regs *x = a, *y = b;

	if (x->tgid != y->tgid)
		return x->tgid < y->tgid ? -1 : 1;
	return x->head.tid < y->head.tid ? -1 : x->head.tid > y->head.tid;
}

/* The ids of those that have no stack yet, sorted, each once; their number. */
static size_t missing(const struct world *w, __u32 *tids, size_t n)
{
	size_t left = 0;

	qsort(tids, n, sizeof(*tids), compare_u32);
	for (size_t i = 0; i < n; i++)
		if ((!left || tids[left - 1] != tids[i]) && !stack_of(&w->stacks, tids[i]))
			tids[left++] = tids[i];
	return left;
}

static int tell_debuginfod(const struct stacks_reader *r, struct world *w)
{
	if (!r->debuginfod || !r->debuginfod->trouble)
		return 0;
	return world_blind(w, "debuginfod: %s", r->debuginfod->trouble);
}

int stacks_read(const struct stacks_reader *r, struct world *w, const __u32 *tids, size_t n)
{
	_cleanup_free_ __u32 *want = malloc((n + 1) * sizeof(*want));
	__u64 budget = *r->left_ms < STACKS_BUDGET_MS ? *r->left_ms : STACKS_BUDGET_MS;
	__u64 start = clock_ms(), used;
	const __u32 restarts = client_restarts(r->client);
	struct feed_registers regs = {};
	struct late late = {};
	int err;

	if (!want)
		return -ENOMEM;
	if (n)
		memcpy(want, tids, n * sizeof(*want));
	n = missing(w, want, n);
	client_begin(r->client, budget);
	err = feed_regs(r->bpf, w, want, n, &regs);
	if (regs.regs.n)
		qsort(regs.regs.v, regs.regs.n, sizeof(*regs.regs.v), compare_process);
	for (size_t i = 0, end; !err && i < regs.regs.n; i = end) {
		for (end = i + 1;
		     end < regs.regs.n && regs.regs.v[end].tgid == regs.regs.v[i].tgid;)
			end++;
		err = read_process(r, w, &regs.regs.v[i], end - i, start + budget, &late);
	}
	array_free(&regs.regs);
	used = clock_ms() - start;
	*r->left_ms -= used < *r->left_ms ? used : *r->left_ms;
	if (!err && late.threads)
		err = world_blind(w,
				  "no time was left for the stacks of %zu threads of %zu processes",
				  late.threads, late.processes);
	w->restarts += client_restarts(r->client) - restarts;
	return err ? err : tell_debuginfod(r, w);
}

#define STACK_BEYOND (64u << 20) /* bytes above a stack pointer that may be of its stack */

/* Code is what it was; what lies on the stack beyond the copy is not. */
static size_t read_but_stack(void *arg, __u64 address, void *ret, size_t len)
{
	struct job *job = arg;

	if (address + len > job->unwind.stack && address < job->unwind.stack + STACK_BEYOND)
		return 0;
	return source_read(&job->source, address, ret, len);
}

/* Nobody asks for the goroutines of the past. */
static void gather_nothing(void *arg, struct message_piece *pieces, size_t n, unsigned char *ret)
{
	(void)arg;
	(void)ret;
	for (size_t i = 0; i < n; i++)
		pieces[i].there = 0;
}

static int open_file(void *arg, const struct message_open *what)
{
	struct job *job = arg;

	return job->opens.open(job->opens.arg, what);
}

int stacks_unwind(const struct stacks_reader *r, const struct wire_stack *from, struct stacks *ret,
		  __u32 *ret_trace)
{
	_cleanup_free_ struct job *job = calloc(1, sizeof(*job));
	struct message_unwind *u;
	int err;

	_Static_assert(WIRE_STACK_BYTES <= MESSAGE_BYTES_MAX, "a copy is one message");
	if (!job)
		return -ENOMEM;
	job->r = r;
	job->naming.client = r->client;
	job->naming.stacks = ret;
	job->source.guard = r->guard;
	job->source.tid = job->source.tgid = job->source.ns_tgid = from->creator_tgid;
	source_init(&job->source);
	job->opens = job->source.calls;
	job->source.calls =
		(struct client_source){ job, read_but_stack, gather_nothing, open_file };
	u = &job->unwind;
	memcpy(u->reg, from->reg, sizeof(u->reg));
	u->stack = from->reg[FEED_SP];
	err = naming_turn(&job->naming, &job->source, from->bits);
	u->len = from->len < WIRE_STACK_BYTES ? from->len : WIRE_STACK_BYTES;
	memcpy(u->bytes, from->bytes, u->len);
	if (!err && (job->naming.trouble[0] || client_unwind(r->client, u, &job->trace)))
		err = -EIO;
	err = err ? err : naming_keep(&job->naming, &job->trace, ret_trace);
	naming_free(&job->naming);
	return err;
}

int stacks_carry(const struct world *before, struct world *w)
{
	_cleanup_free_ __u32 *moved = calloc(before->stacks.traces.n + 1, sizeof(*moved));
	int err = moved ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < before->stacks.threads.n; i++) {
		const struct stack *s = &before->stacks.threads.v[i];
		const struct wire_thread *then = world_thread(before, s->tid);
		const struct wire_thread *now = world_thread(w, s->tid);

		if (s->lost || !then || !now || then->started != now->started ||
		    then->switches != now->switches)
			continue;
		if (!moved[s->trace]) {
			__u32 trace;

			err = stack_copy_trace(&before->stacks, s->trace, &w->stacks, &trace);
			moved[s->trace] = err ? 0 : trace + 1;
		}
		err = err ? err : stack_add_thread(&w->stacks, s->tid, moved[s->trace] - 1);
	}
	return err;
}

void stacks_drop_moved(struct world *w)
{
	for (size_t i = 0; i < w->threads.n; i++)
		if (w->threads.v[i].bits & WIRE_RUNNABLE)
			stack_drop(&w->stacks, w->threads.v[i].head.tid);
}
