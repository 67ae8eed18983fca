// SPDX-License-Identifier: GPL-2.0-only
/* confidence.c - how sure is a finding?
 *
 * Pure. Proven is what nothing that nowake does not know could end; each assumption that
 * must be made for that weakens it, and is named in evidence.c. */
#include <linux/futex.h>

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

/* What memory says of a wait, never what a stack says: names may lie. */
static enum wait_kind kind_of(const struct judge *j, const struct judged *one)
{
	return j->states[judge_thread(j, one->thread)].wait.kind;
}

/* What a handler may use: sem_post(3), write(2), plain futexes. */
static bool handler_may_wake(enum wait_kind kind)
{
	return kind == WAIT_SEMAPHORE || kind == WAIT_FUTEX || judge_by_descriptor(kind);
}

static enum confidence of_standstill(const struct judge *j, const struct finding *f)
{
	enum confidence c = CONFIDENCE_PROVEN;

	for (size_t i = 0; i < f->members.n; i++) {
		const struct judged *one = &j->v->judged.v[f->members.v[i]];
		bool known;
		__u64 handlers = confidence_handlers(j, one->thread, &known);

		if ((handlers || !known) && handler_may_wake(kind_of(j, one)))
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
	bool known = kind_of(j, lead) == WAIT_SEMAPHORE ||
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

enum confidence confidence_of(const struct judge *j, const struct finding *f)
{
	const struct judged *lead = &j->v->judged.v[f->members.v[0]];

	switch (f->class) {
	case CLASS_LOST_WAKEUP:
		return of_lost(j, lead);
	case CLASS_QUIESCENT:
		return of_standstill(j, f);
	case CLASS_ORPHANED: /* the self-pipe of a signal handler looks the same */
		return judge_by_descriptor(kind_of(j, lead)) ? of_standstill(j, f)
							     : of_single_lock(j, lead);
	default:
		return f->nknot > 1 ? CONFIDENCE_PROVEN : of_single_lock(j, lead);
	}
}
