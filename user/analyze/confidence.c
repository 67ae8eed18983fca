// SPDX-License-Identifier: GPL-2.0-only
/* confidence.c - how sure is it?
 *
 * Soundness: each stuck thread is weighed by itself, from what the kernel and memory say (the
 * kinds in states[].wait; what a stack says decides nothing); and it is no surer than any of
 * those who could wake it. */
#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>

#include "analyze/handlers.h"
#include "analyze/judge.h"

/* What the threads of one address space allow to say of a wait of one of them. */
struct company {
	enum confidence lost; /* of a wake that they could owe */
	bool live;	      /* one of them may act */
	bool uring;	      /* one has handed requests to io_uring: they run while it sleeps */
};

/* What happens to a node though it is stuck. */
struct fate {
	bool uring;  /* as in struct company */
	__u32 timer; /* the process in it that has a running timer; 0: none; SEVERAL */
};

#define SEVERAL UINT32_MAX

struct weighing {
	struct judge *j;
	struct company *company; /* by thread: its own included */
	bool *tables;		 /* by thread: whether one with its descriptors may act */
	struct fate *fates;	 /* by node */
	__u32 *level;		 /* by node */
	__u32 *by;		 /* likewise */
	__u32 *mild;		 /* both, as rings see it: what only people's signals end */
	__u32 *mild_by;		 /* counts for likely there */
	__u64 socket;		 /* that was asked for last in this round: */
	bool socket_live;
	bool first;   /* of the rounds */
	bool lowered; /* something, in this round */
};

/* Later rounds only see what lowers somebody: that a thread itself is unsure is no reason. */
static void limit_own(struct weighing *w, __u32 i, enum confidence most, __u32 doubt)
{
	struct state *s = &w->j->states[i];

	if (s->confidence > most || (w->first && s->confidence == most && most < CONFIDENCE_PROVEN))
		s->doubts |= doubt;
	if (s->confidence <= most)
		return;
	s->confidence = most;
	w->lowered = true;
}

static void limit(struct weighing *w, __u32 i, enum confidence most, __u32 doubt)
{
	if (w->mild[i] > most)
		w->mild[i] = most;
	limit_own(w, i, most, doubt);
}

/* ---- who shares its memory ---- */

/* Whether it is not stuck, or not surely. */
static bool may_act(const struct judge *j, __u32 i)
{
	return j->states[i].life != LIFE_DEAD &&
	       (!judge_stuck(j, i) || j->states[i].confidence < CONFIDENCE_PROVEN);
}

static struct company company_of(const struct judge *j, const __u32 *v, size_t n)
{
	struct company c = { .lost = CONFIDENCE_PROVEN };

	for (size_t i = 0; i < n; i++) {
		enum life life = j->states[v[i]].life;
		__u32 bits = j->w->threads.v[v[i]].bits;

		if (life == LIFE_DEAD)
			continue;
		c.live |= may_act(j, v[i]);
		c.uring |= bits & WIRE_URING;
		/* It may be the one that is about to wake: stopped, or in a page fault, between
		 * its store and its call. */
		if (life == LIFE_STOPPED || life == LIFE_FROZEN ||
		    !(bits & (WIRE_RUNNABLE | WIRE_IN_SYSCALL)) || (bits & WIRE_UNINTERRUPTIBLE))
			c.lost = CONFIDENCE_SUSPECT;
	}
	if (c.uring)
		c.lost = CONFIDENCE_SUSPECT; /* a wake may be among its requests */
	if (c.live && c.lost > CONFIDENCE_LIKELY)
		c.lost = CONFIDENCE_LIKELY; /* it may have a reason to wake later */
	return c;
}

static void find_company(struct weighing *w)
{
	const struct judge *j = w->j;

	for (size_t i = 0, n; i < j->w->threads.n; i += n) {
		const __u32 *v = index_range(j->ix, INDEX_MM,
					     j->w->threads.v[j->ix->by[INDEX_MM][i]].mm, &n);
		struct company c = company_of(j, v, n);

		for (size_t k = 0; k < n; k++)
			w->company[v[k]] = c;
	}
}

static void find_tables(struct weighing *w)
{
	const struct judge *j = w->j;

	for (size_t i = 0, n; i < j->w->threads.n; i += n) {
		const __u32 *v = index_range(j->ix, INDEX_FILES,
					     j->w->threads.v[j->ix->by[INDEX_FILES][i]].files, &n);
		bool live = false;

		for (size_t k = 0; !live && k < n; k++)
			live = may_act(j, v[k]);
		for (size_t k = 0; k < n; k++)
			w->tables[v[k]] = live;
	}
}

static enum confidence least(enum confidence a, enum confidence b)
{
	return a < b ? a : b;
}

static enum confidence of_lost(const struct weighing *w, __u32 i)
{
	const struct judge *j = w->j;
	const struct wire_thread *t = &j->w->threads.v[i];
	const struct wait *wait = &j->states[i].wait;
	/* Value 2 of a plain FUTEX_WAIT is a lock's; of others it may be something else. */
	bool known = wait->kind == WAIT_SEMAPHORE ||
		     (wait->futex.op == FUTEX_WAIT && !wait->requeued);
	enum confidence c =
		least(w->company[i].lost, known ? CONFIDENCE_PROVEN : CONFIDENCE_LIKELY);

	if (!(t->key_offset & 1))
		return c;
	for (size_t k = 0; k < j->w->mappers.n; k++) {
		const struct mapper *m = &j->w->mappers.v[k];
		const __u32 *v;
		size_t n;

		if (m->key_id != t->key_id || m->key_word != t->key_word)
			continue;
		v = index_range(j->ix, INDEX_MM, index_mm(j->ix, m->tgid), &n);
		if (n)
			c = least(c, w->company[v[0]].lost);
	}
	return j->w->mappers_complete ? c : CONFIDENCE_SUSPECT;
}

/* POSIX lets only its owner unlock a mutex, but a normal one of glibc does not check: a
 * live thread could, if the program uses it as a semaphore; of a word in shared memory
 * that is taken for granted. A ring of several such would be no accident; a single lock
 * may be. */
static enum confidence of_single_lock(const struct weighing *w, __u32 i)
{
	const struct state *s = &w->j->states[i];
	bool company_is_live = (w->j->w->threads.v[i].key_offset & 1) || w->company[i].live;

	if (s->wakers.futex.enforced || !s->wait.nfutexes || !company_is_live)
		return CONFIDENCE_PROVEN;
	return CONFIDENCE_LIKELY;
}

/* ---- handlers ---- */

/* Thread i may be woken by a handler. */
static void limit_standstill(struct weighing *w, __u32 i)
{
	const enum confidence c = handlers_allow_standstill(w->j, i);
	const bool faint = c == CONFIDENCE_SUSPECT && handlers_are_faint(w->j, i);
	const enum confidence mild = faint ? CONFIDENCE_LIKELY : c;

	if (w->mild[i] > mild)
		w->mild[i] = mild;
	limit_own(w, i, c, DOUBT_HANDLER);
}

/* ---- who could wake it, and is stuck ---- */

static struct fate fate_of(const struct weighing *w, __u32 node)
{
	struct fate f = { .timer = 0 };
	size_t n;
	const __u32 *v = verdict_members(w->j, &node, &n);

	for (size_t i = 0; i < n; i++) {
		const struct wire_thread *t = &w->j->w->threads.v[v[i]];

		f.uring |= w->company[v[i]].uring;
		if ((t->bits & (WIRE_TIMERS | WIRE_ITIMER)) && f.timer != t->tgid)
			f.timer = f.timer ? SEVERAL : t->tgid;
	}
	return f;
}

static bool io_uring_can(enum edge_why why)
{
	return why == EDGE_PIPE_END || why == EDGE_SOCKET_PEER || why == EDGE_EVENTFD ||
	       why == EDGE_FILE_LOCK || why == EDGE_SHARES;
}

/* Whether the end of a process ends the wait for it: of a lock if it is robust. */
static bool death_can(enum edge_why why)
{
	return why == EDGE_CHILD || why == EDGE_VFORK || why == EDGE_PIPE_END ||
	       why == EDGE_SOCKET_PEER || why == EDGE_FILE_LOCK || why == EDGE_OWNER;
}

/* Whoever catches the signal of its timer is live (verdict.c); who does not may be killed. */
static void weigh_wakers(struct weighing *w, __u32 i)
{
	const struct wakers *k = &w->j->states[i].wakers;

	for (size_t e = 0; e < k->v.n; e++) {
		const __u32 node = verdict_waker(w->j, &k->v.v[e]);
		const struct fate *f = node == GRAPH_NONE ? NULL : &w->fates[node];

		if (f && f->uring && io_uring_can(k->v.v[e].why))
			limit(w, i, CONFIDENCE_SUSPECT, DOUBT_URING);
		if (f && f->timer && f->timer != w->j->w->threads.v[i].tgid &&
		    death_can(k->v.v[e].why))
			limit(w, i, CONFIDENCE_LIKELY, DOUBT_TIMER);
	}
}

/* ---- all together ---- */

/* Whether a live thread of another table has the socket, too: inherited, or passed to it. */
static bool socket_is_shared(struct weighing *w, const struct wire_file *f)
{
	const struct judge *j = w->j;
	size_t nfds, n;
	const struct wire_fd *fds = world_fds(j->w, f->file, &nfds);

	if (w->socket == f->file)
		return w->socket_live;
	w->socket = f->file;
	w->socket_live = false;
	for (size_t i = 0; !w->socket_live && i < nfds; i++) {
		const __u32 *v = index_range(j->ix, INDEX_FILES, fds[i].files, &n);

		w->socket_live = n && w->tables[v[0]];
	}
	return w->socket_live;
}

/* What another thread may do to end a wait by a descriptor, whoever holds the other end:
 * pthread_cancel(3) its own, shutdown(2) a socket. */
static bool may_be_ended(struct weighing *w, __u32 i)
{
	const struct wait *wait = &w->j->states[i].wait;

	return w->company[i].live ||
	       (wait->kind == WAIT_SOCKET && wait->file && socket_is_shared(w, wait->file));
}

static void weigh_descriptor(struct weighing *w, __u32 i)
{
	if (handlers_standstill(w->j, i))
		limit_standstill(w, i);
	else
		limit(w, i, handlers_allow_call(w->j, i), DOUBT_HANDLER);
	if (may_be_ended(w, i))
		limit(w, i, CONFIDENCE_LIKELY, DOUBT_END);
	if (w->company[i].uring)
		limit(w, i, CONFIDENCE_SUSPECT, DOUBT_URING);
}

/* For a lock on a file, or a child: those calls are interrupted, and cancelled, as well; and a
 * sibling may be the one who ends the child when it takes too long. */
static void weigh_call(struct weighing *w, __u32 i)
{
	limit(w, i, handlers_allow_call(w->j, i), DOUBT_HANDLER);
	if (w->company[i].live)
		limit(w, i, CONFIDENCE_LIKELY, DOUBT_END);
}

/* A stuck thread, by itself. */
static void weigh(struct weighing *w, __u32 i)
{
	const struct state *s = &w->j->states[i];

	weigh_wakers(w, i);
	if (s->wait.beyond_horizon && s->wait.timeout_ns < (__s64)WAIT_AGES_NS)
		limit(w, i, CONFIDENCE_LIKELY, 0);
	if (cause_by_descriptor(s->wait.kind))
		weigh_descriptor(w, i);
	else if (handlers_standstill(w->j, i))
		limit_standstill(w, i);
	else if (s->wait.kind == WAIT_FILE_LOCK || s->wait.kind == WAIT_CHILD)
		weigh_call(w, i);
	else if (s->role == ROLE_KNOT && s->class == CLASS_LOST_WAKEUP)
		limit(w, i, of_lost(w, i), 0);
	else if (s->role == ROLE_KNOT && s->ring <= 1)
		limit(w, i, of_single_lock(w, i), DOUBT_UNLOCK);
}

/* Whether it is in a ring of several, or waits for somebody who is. */
static bool is_of_ring(const struct judge *j, __u32 i)
{
	const __u32 cause = judge_cause(j, i);

	return cause != GRAPH_NONE && j->states[cause].ring > 1 &&
	       graph_strong(j->graph, i, 0) != GRAPH_NONE;
}

/* Nobody is surer than anyone who could wake him. */
static int spread(struct weighing *w)
{
	struct judge *j = w->j;
	const size_t n = j->w->threads.n + j->groups.n;
	int err;

	for (__u32 i = 0; i < n; i++) {
		const bool stuck = i < j->w->threads.n && judge_stuck(j, i);

		w->level[i] = stuck ? j->states[i].confidence : CONFIDENCE_PROVEN;
		w->by[i] = stuck ? j->states[i].no_surer : GRAPH_NONE;
	}
	err = graph_lower(j->graph, CONFIDENCE_PROVEN, w->level, w->by);
	err = err ? err : graph_lower(j->graph, CONFIDENCE_PROVEN, w->mild, w->mild_by);
	for (__u32 i = 0; !err && i < j->w->threads.n; i++) {
		struct state *s = &j->states[i];
		const bool mild = is_of_ring(j, i);
		const __u32 level = mild ? w->mild[i] : w->level[i];

		if (!judge_stuck(j, i) || level >= s->confidence)
			continue;
		s->confidence = level;
		s->no_surer = mild ? w->mild_by[i] : w->by[i];
		w->lowered = true;
	}
	return err;
}

static void start(struct weighing *w)
{
	struct judge *j = w->j;

	for (__u32 i = 0; i < j->w->threads.n; i++) {
		/* What is stuck for a reason that has no name is none to be sure of. */
		j->states[i].confidence = judge_cause(j, i) == GRAPH_NONE ? CONFIDENCE_SUSPECT
									  : CONFIDENCE_PROVEN;
		j->states[i].no_surer = GRAPH_NONE;
	}
	find_company(w);
	find_tables(w);
	for (__u32 i = 0; i < j->w->threads.n + j->groups.n; i++) {
		const bool stuck = i < j->w->threads.n && judge_stuck(j, i);

		w->fates[i] = fate_of(w, i);
		w->mild[i] = stuck ? j->states[i].confidence : CONFIDENCE_PROVEN;
		w->mild_by[i] = GRAPH_NONE;
	}
	w->first = true;
}

static int run(struct weighing *w)
{
	struct judge *j = w->j;
	int err = 0;

	start(w);
	do {
		w->lowered = false;
		w->socket = 0;
		for (__u32 i = 0; i < j->w->threads.n; i++)
			if (judge_cause(j, i) != GRAPH_NONE)
				weigh(w, i);
		err = spread(w);
		find_company(w);
		find_tables(w);
		w->first = false;
	} while (!err && w->lowered);
	return err;
}

int confidence_weigh(struct judge *j)
{
	const size_t n = j->w->threads.n + j->groups.n + 1;
	struct weighing w = {
		.j = j,
		.company = calloc(n, sizeof(*w.company)),
		.tables = calloc(n, sizeof(*w.tables)),
		.fates = calloc(n, sizeof(*w.fates)),
		.level = calloc(n, sizeof(*w.level)),
		.by = calloc(n, sizeof(*w.by)),
		.mild = calloc(n, sizeof(*w.mild)),
		.mild_by = calloc(n, sizeof(*w.mild_by)),
	};
	const bool whole = w.company && w.tables && w.fates && w.level && w.by && w.mild &&
			   w.mild_by;
	int err = whole ? run(&w) : -ENOMEM;

	free(w.company);
	free(w.tables);
	free(w.fates);
	free(w.level);
	free(w.by);
	free(w.mild);
	free(w.mild_by);
	return err;
}
