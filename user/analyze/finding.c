// SPDX-License-Identifier: GPL-2.0-only
/* finding.c - what belongs together?
 *
 * Threads of one confidence whose causes are of one class, are filed under one process
 * and stand at one place are one finding: who queues may be less sure than its cause. Places
 * come from stacks, which may lie: they tell findings apart and decide nothing else. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/confirm.h"
#include "analyze/judge.h"
#include "base/fnv.h"

/* ---- places ---- */

static __u64 place_of(const struct judge *j, __u32 i)
{
	return j->states[i].judged ? j->v->judged.v[j->states[i].judged - 1].place.hash : 0;
}

/* Of each cause. A ring stands where its members stand, in whatever order; a standstill is
 * that of the whole process, and has none. */
static void find_places(struct judge *j)
{
	for (__u32 i = 0; i < j->w->threads.n; i++) {
		const __u32 cause = judge_cause(j, i);

		if (cause != GRAPH_NONE && j->states[i].role == ROLE_KNOT &&
		    j->states[i].class != CLASS_QUIESCENT)
			j->states[cause].place += place_of(j, i);
	}
}

/* ---- rings ---- */

/* The member of a node that is in the knot; GRAPH_NONE if there is none. */
static __u32 in_knot(const struct judge *j, __u32 node, __u32 knot)
{
	size_t n;
	const __u32 *v = verdict_members(j, &node, &n);

	for (size_t i = 0; i < n; i++)
		if (judge_stuck(j, v[i]) && graph_knot(j->graph, v[i]) == knot)
			return v[i];
	return GRAPH_NONE;
}

static __u32 next_in_knot(const struct judge *j, __u32 i)
{
	const __u32 knot = graph_knot(j->graph, i);
	__u32 node, next;

	for (size_t e = 0; (node = graph_strong(j->graph, i, e)) != GRAPH_NONE; e++) {
		if (graph_knot(j->graph, node) != knot)
			continue;
		next = in_knot(j, node, knot);
		if (next != GRAPH_NONE)
			return next;
	}
	return GRAPH_NONE;
}

/* Walks from a thread of a knot until it closes: that ring comes first in the members. */
static int draw_ring(struct judge *j, struct finding *f, __u32 start)
{
	bool *seen = calloc(j->w->threads.n + 1, sizeof(*seen));
	__u32 i = start;

	if (!seen)
		return -ENOMEM;
	for (; i != GRAPH_NONE && !seen[i]; i = next_in_knot(j, i))
		seen[i] = true;
	for (__u32 first = i; i != GRAPH_NONE;) {
		if (array_push(&f->members, j->states[i].judged - 1)) {
			free(seen);
			return -ENOMEM;
		}
		i = next_in_knot(j, i);
		if (i == first)
			break;
	}
	free(seen);
	f->cycle = i != GRAPH_NONE;
	f->nknot = f->members.n;
	return 0;
}

/* ---- findings ---- */

/* A stuck thread. What comes first tells findings apart, what follows orders them. */
struct entry {
	enum verdict_class class;
	__u32 lead;
	__u64 place;
	enum confidence confidence;
	enum member_role role;
	__u64 age_ns;
	__u32 thread;
	__u32 judged;
};

static int compare_group(const struct entry *x, const struct entry *y)
{
	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	if (x->lead != y->lead)
		return x->lead < y->lead ? -1 : 1;
	if (x->place != y->place)
		return x->place < y->place ? -1 : 1;
	if (x->confidence != y->confidence)
		return x->confidence > y->confidence ? -1 : 1;
	return 0;
}

static int compare_entry(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int group = compare_group(x, y);

	if (group)
		return group;
	if (x->role != y->role)
		return x->role < y->role ? -1 : 1;
	if (x->age_ns != y->age_ns)
		return x->age_ns > y->age_ns ? -1 : 1;
	return x->judged < y->judged ? -1 : x->judged > y->judged;
}

/* The same process, class and place give the same id at every pass. twin: twice the number of
 * findings before it that share all three, and differ in confidence; and one if it only queues:
 * that it stands beside its cause, or how sure that is, is no part of its id. */
static void make_id(const struct judge *j, struct finding *f, __u64 twin)
{
	const struct wire_thread *lead = world_thread(j->w, f->pid);
	__u64 parts[] = { f->pid, lead ? lead->started : 0, f->class, f->place, twin };
	size_t n = twin ? 5 : f->place ? 4 : 3;

	snprintf(f->id, sizeof(f->id), "%016llx", fnv_add(FNV_START, parts, n * sizeof(*parts)));
}

static int add_members(struct judge *j, struct finding *f, const struct entry *entries, size_t n)
{
	int err = 0;

	if (graph_knot(j->graph, entries->thread) != GRAPH_NONE)
		err = draw_ring(j, f, entries->thread);
	for (size_t i = 0; !err && i < n; i++) {
		bool drawn = false;

		for (size_t k = 0; !drawn && k < f->nknot; k++)
			drawn = f->members.v[k] == entries[i].judged;
		if (!drawn && array_push(&f->members, entries[i].judged))
			err = -ENOMEM;
	}
	if (!f->nknot && !err)
		while (f->nknot < f->members.n &&
		       j->v->judged.v[f->members.v[f->nknot]].role == ROLE_KNOT)
			f->nknot++;
	if (!f->nknot)
		f->behind = j->w->threads.v[j->states[entries->thread].cause].head.tid;
	return err;
}

int finding_add(struct judge *j, struct finding *f, int err)
{
	make_id(j, f, 0);
	if (!err && !array_push(&j->v->findings, *f))
		return 0;
	confirm_clear(f);
	return err ? err : -ENOMEM;
}

/* One finding of entries[0..n-1]. */
static int make(struct judge *j, const struct entry *entries, size_t n, __u64 twin)
{
	struct finding f = {
		.class = entries->class,
		.confidence = entries->confidence,
		.pid = entries->lead,
		.place = entries->place,
		.youngest_ns = UINT64_MAX,
	};

	for (size_t i = 0; i < n; i++) {
		if (entries[i].age_ns > f.age_ns)
			f.age_ns = entries[i].age_ns;
		if (entries[i].age_ns < f.youngest_ns)
			f.youngest_ns = entries[i].age_ns;
	}
	make_id(j, &f, twin);
	if (!add_members(j, &f, entries, n) && !array_push(&j->v->findings, f))
		return 0;
	array_free(&f.members);
	return -ENOMEM;
}

static int compare_finding(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	if (x->age_ns != y->age_ns)
		return x->age_ns > y->age_ns ? -1 : 1;
	if (x->pid != y->pid)
		return x->pid < y->pid ? -1 : 1;
	return strcmp(x->id, y->id);
}

static void finish(struct verdicts *v)
{
	if (v->findings.n)
		qsort(v->findings.v, v->findings.n, sizeof(*v->findings.v), compare_finding);
	confirm_number(v);
	for (size_t i = 0; i < v->findings.n; i++) {
		const struct finding *f = &v->findings.v[i];

		for (size_t k = 0; k < f->members.n; k++)
			v->judged.v[f->members.v[k]].confidence = f->confidence;
	}
}

static size_t make_entries(struct judge *j, struct entry *entries)
{
	size_t n = 0;

	for (__u32 i = 0; i < j->w->threads.n; i++) {
		const struct state *s = &j->states[i], *cause;

		if (judge_cause(j, i) == GRAPH_NONE || !s->judged)
			continue;
		cause = &j->states[s->cause];
		entries[n++] = (struct entry){
			.class = s->class,
			.lead = s->lead,
			.place = cause->place,
			.confidence = s->confidence,
			.role = s->role,
			.age_ns = world_age(j->w, &j->w->threads.v[i]),
			.thread = i,
			.judged = s->judged - 1,
		};
	}
	qsort(entries, n, sizeof(*entries), compare_entry);
	return n;
}

int finding_make(struct judge *j)
{
	struct entry *entries = calloc(j->w->threads.n + 1, sizeof(*entries));
	__u64 twins[2] = { 0, 0 }; /* of those before: that are causes; that only queue */
	size_t n;
	int err = 0;

	if (!entries)
		return -ENOMEM;
	find_places(j);
	n = make_entries(j, entries);
	for (size_t i = 0, end; !err && i < n; i = end) {
		const struct entry *one = &entries[i], *last = i ? one - 1 : NULL;
		const bool queues = one->role == ROLE_QUEUED; /* who does not comes first */

		for (end = i + 1; end < n && !compare_group(one, &entries[end]);)
			end++;
		if (last && (last->class != one->class || last->lead != one->lead ||
			     last->place != one->place))
			twins[0] = twins[1] = 0;
		err = make(j, one, end - i, 2 * twins[queues]++ + queues);
	}
	free(entries);
	err = err ? err : wakes_make(j);
	err = err ? err : accumulate_make(j);
	err = err ? err : gowaits_judge(j);
	err = err ? err : unreachable_make(j);
	err = err ? err : gorings_make(j);
	err = err ? err : gocrowd_make(j);
	if (!err)
		finish(j->v);
	return err;
}
