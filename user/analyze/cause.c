// SPDX-License-Identifier: GPL-2.0-only
/* cause.c - why is it stuck?
 *
 * Every stuck thread has a cause: the ring it is in, an owner that is gone, a wake that
 * was lost, or the standstill of its whole process; or it queues behind a thread that has
 * one. A cause goes by the number of one thread, whose state also holds the place of the
 * cause (finding.c). */
#include <errno.h>
#include <stdlib.h>

#include "analyze/judge.h"

bool cause_by_descriptor(enum wait_kind kind)
{
	return kind == WAIT_PIPE || kind == WAIT_FIFO || kind == WAIT_SOCKET ||
	       kind == WAIT_EVENTFD;
}

struct ring {
	__u32 lead;	 /* smallest process id; 0: not seen yet */
	__u32 first;	 /* one of its threads, in whose name it is judged */
	__u32 n;	 /* threads in it */
	bool one_object; /* all wait for the same file: nobody else holds the other end */
};

static void ring_join(struct judge *j, struct ring *r, __u32 i)
{
	const struct wait *wait = &j->states[i].wait;
	__u32 tgid = j->w->threads.v[i].tgid;

	if (!r->lead) {
		*r = (struct ring){ tgid, i, 1, cause_by_descriptor(wait->kind) };
		return;
	}
	r->n++;
	if (tgid < r->lead)
		r->lead = tgid;
	if (!cause_by_descriptor(wait->kind) || !wait->file || !j->states[r->first].wait.file ||
	    wait->file->file != j->states[r->first].wait.file->file)
		r->one_object = false;
}

static int classify_rings(struct judge *j, __u32 *label)
{
	const size_t n = j->w->threads.n;
	struct ring *rings = calloc(n + j->groups.n + 1, sizeof(*rings));

	if (!rings)
		return -ENOMEM;
	for (__u32 i = 0; i < n; i++)
		if (judge_stuck(j, i) && graph_knot(j->graph, i) != GRAPH_NONE)
			ring_join(j, &rings[graph_knot(j->graph, i)], i);
	for (__u32 i = 0; i < n; i++) {
		const struct ring *r;

		if (!judge_stuck(j, i) || graph_knot(j->graph, i) == GRAPH_NONE)
			continue;
		r = &rings[graph_knot(j->graph, i)];
		j->states[i].class = r->one_object ? CLASS_ORPHANED : CLASS_DEADLOCK;
		j->states[i].lead = r->lead;
		j->states[i].cause = r->first;
		j->states[i].ring = r->n;
		label[i] = i;
	}
	free(rings);
	return 0;
}

static void classify_own(struct judge *j, __u32 *label)
{
	for (__u32 i = 0; i < j->w->threads.n; i++) {
		struct state *s = &j->states[i];

		if (!judge_stuck(j, i) || !(s->wakers.lost || s->wakers.gone))
			continue;
		s->class = s->wakers.lost ? CLASS_LOST_WAKEUP : CLASS_ORPHANED;
		s->lead = j->w->threads.v[i].tgid;
		s->cause = i;
		label[i] = i;
	}
}

/* Files a thread with another one. */
static void follow(struct judge *j, struct state *s, __u32 other)
{
	s->class = j->states[other].class;
	s->lead = j->states[other].lead;
	s->cause = j->states[other].cause;
	s->role = ROLE_QUEUED;
}

/* Whoever has the label of another queues behind it. */
static void inherit(struct judge *j, const __u32 *label)
{
	for (__u32 i = 0; i < j->w->threads.n; i++) {
		struct state *s = &j->states[i];

		if (judge_stuck(j, i) && !s->class && label[i] != GRAPH_NONE)
			follow(j, s, label[i]);
	}
}

/* Threads v[0..n-1] share an address space. Whoever of them waits for "any thread of its
 * process", in a process where nothing moves: behind a cause there is in it; if there is
 * none, the standstill is the finding, in the name of the first of them. */
static void classify_standstill(struct judge *j, const __u32 *v, size_t n, __u32 *label)
{
	__u32 cause = GRAPH_NONE, lead = UINT32_MAX, first = GRAPH_NONE;

	for (size_t i = 0; i < n; i++) {
		if (cause == GRAPH_NONE && judge_stuck(j, v[i]) && j->states[v[i]].class)
			cause = v[i];
		if (j->w->threads.v[v[i]].tgid < lead)
			lead = j->w->threads.v[v[i]].tgid;
	}
	for (size_t i = 0; i < n; i++) {
		struct state *s = &j->states[v[i]];

		if (!judge_stuck(j, v[i]) || s->class ||
		    graph_strong(j->graph, v[i], 0) != GRAPH_NONE)
			continue;
		label[v[i]] = v[i];
		if (cause != GRAPH_NONE) {
			follow(j, s, cause);
			continue;
		}
		first = first == GRAPH_NONE ? v[i] : first;
		s->class = CLASS_QUIESCENT;
		s->lead = lead;
		s->cause = first;
	}
}

static void classify_standstills(struct judge *j, __u32 *label)
{
	const struct index *ix = j->ix;

	for (size_t i = 0, n; i < j->w->threads.n; i += n) {
		const __u32 *v = ix->by[INDEX_MM] + i;

		n = 1;
		while (i + n < j->w->threads.n &&
		       j->w->threads.v[v[n]].mm == j->w->threads.v[v[0]].mm)
			n++;
		classify_standstill(j, v, n, label);
	}
}

int cause_classify(struct judge *j)
{
	const size_t n = j->w->threads.n + j->groups.n;
	__u32 *label = malloc((n + 1) * sizeof(*label));
	int err = label ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < n; i++)
		label[i] = GRAPH_NONE;
	if (!err) {
		classify_own(j, label);
		err = classify_rings(j, label);
	}
	err = err ? err : graph_label(j->graph, label);
	if (!err) {
		inherit(j, label);
		classify_standstills(j, label);
		err = graph_label(j->graph, label);
	}
	if (!err)
		inherit(j, label);
	/* What is stuck for a reason that has no name here is not reported. */
	for (size_t i = 0; !err && i < j->w->threads.n; i++)
		if (judge_stuck(j, i) && !j->states[i].class)
			j->states[i].class = CLASS_UNKNOWN;
	free(label);
	return err;
}
