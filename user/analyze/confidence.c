// SPDX-License-Identifier: GPL-2.0-only
/* confidence.c - how sure is it?
 *
 * Soundness: each cause is weighed by itself, from what the kernel and memory say (the
 * kinds in states[].wait); what a stack says decides nothing. */
#include <errno.h>
#include <linux/futex.h>
#include <stdlib.h>

#include "analyze/judge.h"

#define SIGNAL_BIT(n) (1ull << ((n)-1))

/* Handlers that say nothing about who could wake a thread: faults and aborts of the
 * program itself (4 to 8, 11), SIGPIPE, and the two that the C library uses (32, 33). */
#define HANDLERS_OF_NO_USE                                                                         \
	(SIGNAL_BIT(4) | SIGNAL_BIT(5) | SIGNAL_BIT(6) | SIGNAL_BIT(7) | SIGNAL_BIT(8) |           \
	 SIGNAL_BIT(11) | SIGNAL_BIT(13) | SIGNAL_BIT(32) | SIGNAL_BIT(33))

__u64 confidence_handlers(const struct judge *j, const struct wire_thread *t, bool *ret_known)
{
	const struct process *p = world_process(j->w, t->tgid);

	*ret_known = p && (p->bits & PROCESS_KNOWN);
	return p ? p->handlers & ~HANDLERS_OF_NO_USE : 0;
}

/* What the threads of one address space allow to say of a wait of one of them. */
struct company {
	enum confidence lost; /* of a wake that they could owe */
	bool live;	      /* one of them is not stuck */
	bool uring;	      /* one has handed requests to io_uring: they run while it sleeps */
};

static struct company company_of(const struct judge *j, const __u32 *v, size_t n)
{
	struct company c = { .lost = CONFIDENCE_PROVEN };

	for (size_t i = 0; i < n; i++) {
		enum life life = j->states[v[i]].life;
		__u32 bits = j->w->threads.v[v[i]].bits;

		if (life == LIFE_DEAD)
			continue;
		c.live |= !judge_stuck(j, v[i]);
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

/* By number of thread: the company of each, its own included. NULL without memory. */
static struct company *find_company(const struct judge *j)
{
	struct company *company = calloc(j->w->threads.n + 1, sizeof(*company));

	for (size_t i = 0, n; company && i < j->w->threads.n; i += n) {
		const __u32 *v = index_range(j->ix, INDEX_MM,
					     j->w->threads.v[j->ix->by[INDEX_MM][i]].mm, &n);
		struct company c = company_of(j, v, n);

		for (size_t k = 0; k < n; k++)
			company[v[k]] = c;
	}
	return company;
}

static enum confidence least(enum confidence a, enum confidence b)
{
	return a < b ? a : b;
}

static enum confidence of_lost(const struct judge *j, const struct company *company, __u32 i)
{
	const struct wire_thread *t = &j->w->threads.v[i];
	const struct wait *wait = &j->states[i].wait;
	/* Value 2 of a plain FUTEX_WAIT is a lock's; of others it may be something else. */
	bool known = wait->kind == WAIT_SEMAPHORE ||
		     (wait->futex.op == FUTEX_WAIT && !wait->requeued);
	enum confidence c = least(company[i].lost, known ? CONFIDENCE_PROVEN : CONFIDENCE_LIKELY);

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
			c = least(c, company[v[0]].lost);
	}
	return j->w->mappers_complete ? c : CONFIDENCE_SUSPECT;
}

/* POSIX lets only its owner unlock a mutex, but a normal one of glibc does not check: a
 * live thread could, if the program uses it as a semaphore; of a word in shared memory
 * that is taken for granted. A ring of several such would be no accident; a single lock
 * may be. */
static enum confidence of_single_lock(const struct judge *j, const struct company *company, __u32 i)
{
	const struct state *s = &j->states[i];
	bool company_is_live = (j->w->threads.v[i].key_offset & 1) || company[i].live;

	if (s->wakers.futex.enforced || !s->wait.nfutexes || !company_is_live)
		return CONFIDENCE_PROVEN;
	return CONFIDENCE_LIKELY;
}

/* Of a cause by itself. */
static enum confidence of_cause(const struct judge *j, const struct company *company, __u32 i)
{
	const struct state *s = &j->states[i];

	if (s->class == CLASS_LOST_WAKEUP)
		return of_lost(j, company, i);
	if (s->class == CLASS_QUIESCENT || cause_by_descriptor(s->wait.kind) || s->ring > 1)
		return CONFIDENCE_PROVEN;
	return of_single_lock(j, company, i);
}

/* What a handler may use: sem_post(3), write(2), plain futexes. What looks like a condition
 * variable, a barrier or a lock that nobody is known to hold may be one of these, too. */
static bool handler_may_wake(const struct state *s)
{
	const enum wait_kind kind = s->wait.kind;

	return kind == WAIT_SEMAPHORE || kind == WAIT_FUTEX || kind == WAIT_CONDITION ||
	       kind == WAIT_BARRIER || cause_by_descriptor(kind) ||
	       (kind == WAIT_MUTEX && s->wakers.futex.recorded == FUTEX_OWNER_NONE);
}

/* Of a standstill, and of an end of a pipe that only those hold who wait for it (the
 * self-pipe of a signal handler looks the same): what thread i, stuck by it, allows. */
static enum confidence of_standstill(const struct judge *j, __u32 i)
{
	bool known;
	__u64 handlers = confidence_handlers(j, &j->w->threads.v[i], &known);

	if (!handlers && known)
		return CONFIDENCE_PROVEN;
	return handler_may_wake(&j->states[i]) ? CONFIDENCE_SUSPECT : CONFIDENCE_LIKELY;
}

/* Signals that programs send to themselves and each other to get on; others, such as SIGINT, which
 * any interpreter catches, are sent by people. */
#define HANDLERS_FOR_WORK                                                                          \
	(SIGNAL_BIT(10) | SIGNAL_BIT(12) | SIGNAL_BIT(14) | SIGNAL_BIT(26) | SIGNAL_BIT(27) |      \
	 SIGNAL_BIT(29) | ~(SIGNAL_BIT(34) - 1))

/* Of a ring by descriptors: what thread i, in it, allows. A handler may interrupt its call. */
static enum confidence of_ring(const struct judge *j, __u32 i)
{
	bool known;
	__u64 handlers = confidence_handlers(j, &j->w->threads.v[i], &known);

	return known && !(handlers & HANDLERS_FOR_WORK) ? CONFIDENCE_PROVEN : CONFIDENCE_LIKELY;
}

/* What thread i, stuck by the cause s, allows. */
static enum confidence of_stuck(const struct judge *j, const struct company *company,
				const struct state *s, __u32 i)
{
	const bool descriptor = cause_by_descriptor(s->wait.kind);
	enum confidence c;

	if (s->class == CLASS_QUIESCENT || (s->class == CLASS_ORPHANED && descriptor))
		c = of_standstill(j, i);
	else if (s->class == CLASS_DEADLOCK && j->states[i].role == ROLE_KNOT &&
		 cause_by_descriptor(j->states[i].wait.kind))
		c = of_ring(j, i);
	else
		return CONFIDENCE_PROVEN;
	return company[i].uring ? CONFIDENCE_SUSPECT : c;
}

int confidence_weigh(struct judge *j)
{
	struct company *company = find_company(j);

	if (!company)
		return -ENOMEM;
	for (__u32 i = 0; i < j->w->threads.n; i++)
		if (judge_cause(j, i) == i)
			j->states[i].confidence = of_cause(j, company, i);
	for (__u32 i = 0; i < j->w->threads.n; i++) {
		const __u32 cause = judge_cause(j, i);
		struct state *s = cause == GRAPH_NONE ? NULL : &j->states[cause];

		if (s)
			s->confidence = least(s->confidence, of_stuck(j, company, s, i));
	}
	free(company);
	return 0;
}
