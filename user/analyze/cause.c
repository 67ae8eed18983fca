// SPDX-License-Identifier: GPL-2.0-only
/* cause.c - why is a thread stuck?
 *
 * Pure. Every stuck thread has a cause: the ring it is in, an owner that is gone, a wake
 * that was lost, or the standstill of its whole process; or it queues behind a thread that
 * has one. The cause gives the class, and the place where it stands tells apart findings
 * (finding.c). */
#include <errno.h>
#include <stdlib.h>

#include "analyze/judge.h"

/* Where a thread stands, without the order in which those of a ring are found mattering to
 * their sum; 0 where its stack is not known. */
static __u64 place_of(const struct judge *j, __u32 i)
{
	return j->states[i].place.hash;
}

struct ring {
	__u32 lead;	 /* smallest process id; 0: not seen yet */
	__u32 first;	 /* one of its threads */
	bool one_object; /* all wait for the same file: nobody else holds the other end */
	__u64 place;	 /* of all its threads, in whatever order */
};

static void ring_join(struct judge *j, struct ring *r, __u32 i)
{
	const struct wait *wait = &j->states[i].wait;
	__u32 tgid = j->w->threads.v[i].tgid;

	if (!r->lead) {
		*r = (struct ring){ tgid, i, judge_by_descriptor(wait->kind), place_of(j, i) };
		return;
	}
	r->place += place_of(j, i);
	if (tgid < r->lead)
		r->lead = tgid;
	if (!judge_by_descriptor(wait->kind) || !wait->file || !j->states[r->first].wait.file ||
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
		j->states[i].cause = r->place;
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
		s->cause = place_of(j, i);
		label[i] = i;
	}
}

/* Takes the class of the thread whose label it has. */
static void inherit(struct judge *j, const __u32 *label)
{
	for (__u32 i = 0; i < j->w->threads.n; i++) {
		struct state *s = &j->states[i];

		if (!judge_stuck(j, i) || s->class || label[i] == GRAPH_NONE)
			continue;
		s->class = j->states[label[i]].class;
		s->lead = j->states[label[i]].lead;
		s->cause = j->states[label[i]].cause;
		s->role = ROLE_QUEUED;
	}
}

/* A stuck thread of the address space that has a cause; GRAPH_NONE if there is none. */
static __u32 cause_in(const struct judge *j, const __u32 *threads, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (judge_stuck(j, threads[i]) && j->states[threads[i]].class)
			return threads[i];
	return GRAPH_NONE;
}

/* Whoever waits for "any thread of its process" in a process where nothing moves: behind
 * the cause there is in it; if there is none, the standstill is the finding. */
static void classify_standstill(struct judge *j, __u32 *label)
{
	const struct index *ix = j->ix;

	for (size_t i = 0, n; i < j->w->threads.n; i += n) {
		const __u32 *v = ix->by[INDEX_MM] + i;
		__u32 cause, lead = UINT32_MAX;

		n = 1;
		while (i + n < j->w->threads.n &&
		       j->w->threads.v[v[n]].mm == j->w->threads.v[v[0]].mm)
			n++;
		cause = cause_in(j, v, n);
		for (size_t k = 0; k < n; k++)
			if (j->w->threads.v[v[k]].tgid < lead)
				lead = j->w->threads.v[v[k]].tgid;
		for (size_t k = 0; k < n; k++) {
			struct state *s = &j->states[v[k]];

			if (!judge_stuck(j, v[k]) || s->class ||
			    graph_strong(j->graph, v[k], 0) != GRAPH_NONE)
				continue;
			s->class = cause == GRAPH_NONE ? CLASS_QUIESCENT : j->states[cause].class;
			s->lead = cause == GRAPH_NONE ? lead : j->states[cause].lead;
			s->cause = cause == GRAPH_NONE ? 0 : j->states[cause].cause;
			s->role = cause == GRAPH_NONE ? ROLE_KNOT : ROLE_QUEUED;
			label[v[k]] = v[k];
		}
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
		classify_standstill(j, label);
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
