// SPDX-License-Identifier: GPL-2.0-only
/* handlers.c - what signal handlers may do for a thread that is stuck.
 *
 * Pure. A handler runs in whatever thread there is: it may post a semaphore, write to a pipe, or
 * interrupt a call. Soundness: a process of which the handlers are not known has some. */
#include "analyze/handlers.h"

#define SIGNAL_BIT(n) (1ull << ((n)-1))

/* Handlers that say nothing about who could wake a thread: faults and aborts of the
 * program itself (4 to 8, 11), SIGPIPE, and the two that the C library uses (32, 33). */
#define HANDLERS_OF_NO_USE                                                                         \
	(SIGNAL_BIT(4) | SIGNAL_BIT(5) | SIGNAL_BIT(6) | SIGNAL_BIT(7) | SIGNAL_BIT(8) |           \
	 SIGNAL_BIT(11) | SIGNAL_BIT(13) | SIGNAL_BIT(32) | SIGNAL_BIT(33))

/* Signals that thread i's process catches and whose handler might wake somebody: bit
 * n - 1 is signal n. *ret_known: whether that was looked up. */
static __u64 handlers_of(const struct judge *j, __u32 i, bool *ret_known)
{
	const struct process *p = world_process(j->w, j->w->threads.v[i].tgid);

	*ret_known = p && (p->bits & PROCESS_KNOWN);
	return p ? p->handlers & ~HANDLERS_OF_NO_USE : 0;
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

enum confidence handlers_allow_standstill(const struct judge *j, __u32 i)
{
	bool known;
	__u64 handlers = handlers_of(j, i, &known);

	if (!handlers && known)
		return CONFIDENCE_PROVEN;
	return handler_may_wake(&j->states[i]) ? CONFIDENCE_SUSPECT : CONFIDENCE_LIKELY;
}

/* Signals that programs send to themselves and each other to get on, or that the kernel sends
 * them (of a child, or of data); others, such as SIGINT, which any interpreter catches, are
 * sent by people. */
#define HANDLERS_FOR_WORK                                                                          \
	(SIGNAL_BIT(10) | SIGNAL_BIT(12) | SIGNAL_BIT(14) | SIGNAL_BIT(17) | SIGNAL_BIT(23) |      \
	 SIGNAL_BIT(26) | SIGNAL_BIT(27) | SIGNAL_BIT(29) | ~(SIGNAL_BIT(34) - 1))

/* Who could write what thread i waits to read: other tables of descriptors, its own, or both. No
 * handler makes room in what is full: of one that writes it is others. */
enum holders { HOLD_OTHERS, HOLD_BOTH, HOLD_OWN };

static enum holders who_holds(const struct judge *j, __u32 i)
{
	const struct wait *wait = &j->states[i].wait;
	const struct wakers *k = &j->states[i].wakers;
	bool own = false, others = false;

	if (!cause_by_descriptor(wait->kind) || wait->direction != WAIT_READS)
		return HOLD_OTHERS;
	for (size_t e = 0; e < k->v.n; e++) {
		if (k->v.v[e].group == INDEX_FILES && k->v.v[e].value == j->w->threads.v[i].files)
			own = true;
		else
			others = true;
	}
	return own ? others ? HOLD_BOTH : HOLD_OWN : HOLD_OTHERS;
}

/* With such a pipe a program waits for the signals that it catches. Others may have inherited it;
 * but any interpreter catches SIGINT, and has pipes that are inherited for other reasons. */
static bool may_be_self_pipe(const struct judge *j, __u32 i)
{
	const enum holders holders = who_holds(j, i);
	bool known;
	const __u64 handlers = handlers_of(j, i, &known);

	return holders == HOLD_OWN ||
	       (holders == HOLD_BOTH && (!known || handlers & ~SIGNAL_BIT(2)));
}

bool handlers_standstill(const struct judge *j, __u32 i)
{
	const struct state *s = &j->states[i];

	if (cause_by_descriptor(s->wait.kind))
		return s->role == ROLE_KNOT &&
		       (s->class == CLASS_ORPHANED || may_be_self_pipe(j, i));
	return !s->wakers.lost && !s->wakers.gone && graph_strong(j->graph, i, 0) == GRAPH_NONE;
}

__u64 handlers_doubted(const struct judge *j, __u32 i, bool *ret_known)
{
	const __u64 handlers = handlers_of(j, i, ret_known);

	if (handlers_standstill(j, i) || who_holds(j, i) == HOLD_BOTH)
		return handlers;
	/* SIGCHLD is what who waits for a child waits for: every shell catches it, and waits on. */
	if (j->states[i].wait.kind == WAIT_CHILD)
		return handlers & HANDLERS_FOR_WORK & ~SIGNAL_BIT(17);
	return handlers & HANDLERS_FOR_WORK;
}

enum confidence handlers_allow_call(const struct judge *j, __u32 i)
{
	bool known;
	const __u64 doubted = handlers_doubted(j, i, &known);

	return known && !doubted ? CONFIDENCE_PROVEN : CONFIDENCE_LIKELY;
}

bool handlers_are_faint(const struct judge *j, __u32 i)
{
	bool known;
	const __u64 handlers = handlers_of(j, i, &known);

	return known && !(handlers & HANDLERS_FOR_WORK) &&
	       !cause_by_descriptor(j->states[i].wait.kind);
}
