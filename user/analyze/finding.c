// SPDX-License-Identifier: GPL-2.0-only
/* finding.c - what belongs together?
 *
 * Every stuck thread has a cause: the ring it is in, an owner that is gone, a wake that
 * was lost, or the standstill of its whole process; or it queues behind a thread that
 * has one. Threads of one class that are filed under one process are one finding. */
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/judge.h"

#define SIGNAL_BIT(n) (1ull << ((n)-1))

/* Handlers that say nothing about who could wake a thread: faults and aborts of the
 * program itself (4 to 8, 11), SIGPIPE, and the two that the C library uses (32, 33). */
#define HANDLERS_OF_NO_USE                                                                         \
	(SIGNAL_BIT(4) | SIGNAL_BIT(5) | SIGNAL_BIT(6) | SIGNAL_BIT(7) | SIGNAL_BIT(8) |           \
	 SIGNAL_BIT(11) | SIGNAL_BIT(13) | SIGNAL_BIT(32) | SIGNAL_BIT(33))

/* ---- causes ---- */

static bool by_descriptor(enum wait_kind kind)
{
	return kind == WAIT_PIPE || kind == WAIT_FIFO || kind == WAIT_SOCKET ||
	       kind == WAIT_EVENTFD;
}

struct ring {
	__u32 lead;	 /* smallest process id; 0: not seen yet */
	__u32 first;	 /* one of its threads */
	bool one_object; /* all wait for the same file: nobody else holds the other end */
};

static void ring_join(struct judge *j, struct ring *r, __u32 i)
{
	const struct wait *wait = &j->states[i].wait;
	__u32 tgid = j->w->threads.v[i].tgid;

	if (!r->lead) {
		*r = (struct ring){ tgid, i, by_descriptor(wait->kind) };
		return;
	}
	if (tgid < r->lead)
		r->lead = tgid;
	if (!by_descriptor(wait->kind) || !wait->file || !j->states[r->first].wait.file ||
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
			s->role = cause == GRAPH_NONE ? ROLE_KNOT : ROLE_QUEUED;
			label[v[k]] = v[k];
		}
	}
}

int finding_classify(struct judge *j)
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

/* ---- confidence ---- */

__u64 finding_handlers(const struct judge *j, const struct wire_thread *t, bool *ret_known)
{
	const struct process *p = world_process(j->w, t->tgid);

	*ret_known = p && (p->bits & PROCESS_KNOWN);
	return p ? p->handlers & ~HANDLERS_OF_NO_USE : 0;
}

/* What a handler may use: sem_post(3), write(2), plain futexes. */
static bool handler_may_wake(enum wait_kind kind)
{
	return kind == WAIT_SEMAPHORE || kind == WAIT_FUTEX || by_descriptor(kind);
}

static enum confidence of_standstill(const struct judge *j, const struct finding *f)
{
	enum confidence c = CONFIDENCE_PROVEN;

	for (size_t i = 0; i < f->members.n; i++) {
		const struct judged *one = &j->v->judged.v[f->members.v[i]];
		bool known;
		__u64 handlers = finding_handlers(j, one->thread, &known);

		if ((handlers || !known) && handler_may_wake(one->wait.kind))
			return CONFIDENCE_SUSPECT;
		if (handlers || !known)
			c = CONFIDENCE_LIKELY;
	}
	return c;
}

/* What the threads of an address space, which could all wake, forbid to say. */
static enum confidence allowed_by(const struct judge *j, __u64 mm, enum confidence c)
{
	size_t n;
	const __u32 *v = index_range(j->ix, INDEX_MM, mm, &n);

	for (size_t i = 0; i < n; i++) {
		enum life life = j->states[v[i]].life;
		__u32 bits = j->w->threads.v[v[i]].bits;

		if (life == LIFE_DEAD)
			continue;
		/* It may be the one that is about to wake: stopped, or in a page fault, between
		 * its store and its call. */
		if (life == LIFE_STOPPED || life == LIFE_FROZEN ||
		    (!(bits & (WIRE_RUNNABLE | WIRE_IN_SYSCALL)) || (bits & WIRE_UNINTERRUPTIBLE)))
			return CONFIDENCE_SUSPECT;
		if (!judge_stuck(j, v[i]) && c > CONFIDENCE_LIKELY)
			c = CONFIDENCE_LIKELY; /* it may have a reason to wake later */
	}
	return c;
}

static enum confidence of_lost(const struct judge *j, const struct judged *lead)
{
	const struct wire_thread *t = lead->thread;
	/* Value 2 of a plain FUTEX_WAIT is a lock's; of others it may be something else. */
	bool known = lead->wait.kind == WAIT_SEMAPHORE ||
		     (lead->wait.futex.op == FUTEX_WAIT && !lead->wait.requeued);
	enum confidence c = known ? CONFIDENCE_PROVEN : CONFIDENCE_LIKELY;

	c = allowed_by(j, t->mm, c);
	if (!(t->key_offset & 1))
		return c;
	for (size_t i = 0; i < j->w->mappers.n; i++) {
		const struct mapper *m = &j->w->mappers.v[i];

		if (m->key_id == t->key_id && m->key_word == t->key_word)
			c = allowed_by(j, index_mm(j->ix, m->tgid), c);
	}
	return j->w->mappers_complete ? c : CONFIDENCE_SUSPECT;
}

/* Whether a thread that is not stuck shares the memory of one that is; of a word in shared
 * memory that is taken for granted. */
static bool has_live_company(const struct judge *j, const struct wire_thread *t)
{
	size_t n;
	const __u32 *v = index_range(j->ix, INDEX_MM, t->mm, &n);

	if (t->key_offset & 1)
		return true;
	for (size_t i = 0; i < n; i++)
		if (j->states[v[i]].life != LIFE_DEAD && !judge_stuck(j, v[i]))
			return true;
	return false;
}

/* POSIX lets only its owner unlock a mutex, but a normal one of glibc does not check: a
 * live thread could, if the program uses it as a semaphore. A ring of several such would
 * be no accident; a single lock may be. */
static enum confidence of_single_lock(const struct judge *j, const struct judged *lead)
{
	const struct state *s = &j->states[judge_thread(j, lead->thread)];

	if (s->wakers.futex.enforced || !lead->wait.nfutexes || !has_live_company(j, lead->thread))
		return CONFIDENCE_PROVEN;
	return CONFIDENCE_LIKELY;
}

static enum confidence confidence_of(const struct judge *j, const struct finding *f)
{
	const struct judged *lead = &j->v->judged.v[f->members.v[0]];

	switch (f->class) {
	case CLASS_LOST_WAKEUP:
		return of_lost(j, lead);
	case CLASS_QUIESCENT:
		return of_standstill(j, f);
	case CLASS_ORPHANED: /* the self-pipe of a signal handler looks the same */
		return by_descriptor(lead->wait.kind) ? of_standstill(j, f)
						      : of_single_lock(j, lead);
	default:
		return f->nknot > 1 ? CONFIDENCE_PROVEN : of_single_lock(j, lead);
	}
}

/* ---- findings ---- */

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

struct entry {
	enum verdict_class class;
	__u32 lead;
	enum member_role role;
	__u64 age_ns;
	__u32 thread;
	__u32 judged;
};

static int compare_entry(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	if (x->lead != y->lead)
		return x->lead < y->lead ? -1 : 1;
	if (x->role != y->role)
		return x->role < y->role ? -1 : 1;
	if (x->age_ns != y->age_ns)
		return x->age_ns > y->age_ns ? -1 : 1;
	return x->judged < y->judged ? -1 : x->judged > y->judged;
}

/* FNV-1a, 64 bit: the same process and class give the same id at every pass. */
static void make_id(const struct judge *j, struct finding *f)
{
	const struct wire_thread *lead = world_thread(j->w, f->pid);
	__u64 parts[3] = { f->pid, lead ? lead->started : 0, f->class };
	const unsigned char *bytes = (const unsigned char *)parts;
	__u64 hash = 0xcbf29ce484222325ull;

	for (size_t i = 0; i < sizeof(parts); i++)
		hash = (hash ^ bytes[i]) * 0x100000001b3ull;
	snprintf(f->id, sizeof(f->id), "%016llx", (unsigned long long)hash);
}

/* One finding of entries[0..n-1]. */
static int make(struct judge *j, const struct entry *entries, size_t n)
{
	struct finding f = { .class = entries->class, .pid = entries->lead };
	int err = 0;

	if (graph_knot(j->graph, entries->thread) != GRAPH_NONE)
		err = draw_ring(j, &f, entries->thread);
	for (size_t i = 0; !err && i < n; i++) {
		bool drawn = false;

		for (size_t k = 0; !drawn && k < f.nknot; k++)
			drawn = f.members.v[k] == entries[i].judged;
		if (!drawn && array_push(&f.members, entries[i].judged))
			err = -ENOMEM;
		if (entries[i].age_ns > f.age_ns)
			f.age_ns = entries[i].age_ns;
	}
	if (!f.nknot && !err)
		while (f.nknot < f.members.n &&
		       j->v->judged.v[f.members.v[f.nknot]].role == ROLE_KNOT)
			f.nknot++;
	if (!err)
		err = array_push(&j->v->findings, f) ? -ENOMEM : 0;
	if (err) {
		array_free(&f.members);
		return err;
	}
	return 0;
}

static int compare_finding(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->class != y->class)
		return x->class < y->class ? -1 : 1;
	if (x->age_ns != y->age_ns)
		return x->age_ns > y->age_ns ? -1 : 1;
	return x->pid < y->pid ? -1 : x->pid > y->pid;
}

static void finish(struct judge *j)
{
	struct verdicts *v = j->v;

	if (v->findings.n)
		qsort(v->findings.v, v->findings.n, sizeof(*v->findings.v), compare_finding);
	for (size_t i = 0; i < v->findings.n; i++) {
		struct finding *f = &v->findings.v[i];

		make_id(j, f);
		f->confidence = confidence_of(j, f);
		for (size_t k = 0; k < f->members.n; k++) {
			v->judged.v[f->members.v[k]].finding = i + 1;
			v->judged.v[f->members.v[k]].confidence = f->confidence;
		}
	}
}

int finding_make(struct judge *j)
{
	struct entry *entries = calloc(j->w->threads.n + 1, sizeof(*entries));
	size_t n = 0;
	int err = 0;

	if (!entries)
		return -ENOMEM;
	for (__u32 i = 0; i < j->w->threads.n; i++) {
		const struct state *s = &j->states[i];

		if (!judge_stuck(j, i) || s->class == CLASS_UNKNOWN || !s->judged)
			continue;
		entries[n++] = (struct entry){ s->class, s->lead,
					       s->role,	 world_age(j->w, &j->w->threads.v[i]),
					       i,	 s->judged - 1 };
	}
	qsort(entries, n, sizeof(*entries), compare_entry);
	for (size_t i = 0, end; !err && i < n; i = end) {
		for (end = i + 1; end < n && entries[end].class == entries[i].class &&
				  entries[end].lead == entries[i].lead;)
			end++;
		err = make(j, entries + i, end - i);
	}
	free(entries);
	if (!err)
		finish(j);
	return err;
}
