// SPDX-License-Identifier: GPL-2.0-only
/* mark.c - which goroutines can still be woken? What each waits on is searched from all that lives.
 *
 * Pure but for the target. The rules are those of Go's own detection (mgc.go, since 1.26), but
 * words are pointers by their looks, and the world does not stop.
 *   - A g, which the runtime always reaches, keeps nothing alive unless it lives itself; a sudog of
 *     one that waits, which its channel reaches, does not keep the channel alive.
 *   - Of the stack of a goroutine that is parked, or sleeps in a system call, only words that live
 *     count (stackmap.c).
 *   - What is awaited outside the heap (a global, C memory) is reached.
 * Soundness: whoever is not known to wait for another goroutine lives, and so does who waits on
 * anything that is not known; what could not be searched makes all of them live. */
#include "golang/mark.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "golang/bounds.h"
#include "golang/mark_inside.h"
#include "golang/mark_queue.h"
#include "golang/remark.h"
#include "golang/stackmap.h"

#define WORD 8

_Static_assert(SCAN_STACK_MAX <= STACKMAP_BYTES_MAX, "what is searched as a stack has a map");

void mark_stop(struct mark *m, enum mark_end end, const char *why)
{
	if (m->result.end == MARK_WHOLE) {
		m->result.end = end;
		m->result.why = why;
	}
}

int mark_new(const struct program *program, const struct mark_limits *limits, struct mark **ret)
{
	struct mark *m = calloc(1, sizeof(*m));

	if (!m)
		return -ENOMEM;
	m->program = program;
	m->limits = *limits;
	*ret = m;
	return 0;
}

void mark_free(struct mark *m)
{
	if (!m)
		return;
	scan_close(&m->scan);
	heap_clear(&m->heap);
	array_free(&m->members);
	array_free(&m->objects);
	array_free(&m->sudogs);
	array_free(&m->roots);
	array_free(&m->specials);
	array_free(&m->ended);
	array_free(&m->sleepers);
	array_free(&m->slept);
	array_free(&m->woken);
	free(m);
}

/* ---- what is known of goroutines ---- */

bool mark_waits(const struct goroutine *g)
{
	switch (g->wait) {
	case GOROUTINE_CHAN_RECEIVE:
	case GOROUTINE_CHAN_SEND:
	case GOROUTINE_NIL_RECEIVE:
	case GOROUTINE_NIL_SEND:
	case GOROUTINE_SELECT:
	case GOROUTINE_NO_CASES:
	case GOROUTINE_SEMAPHORE:
	case GOROUTINE_MUTEX:
	case GOROUTINE_RWMUTEX_READ:
	case GOROUTINE_RWMUTEX_WRITE:
	case GOROUTINE_WAIT_GROUP:
	case GOROUTINE_COND:
		return (g->status == GOROUTINE_WAITING || g->status == GOROUTINE_LEAKED) &&
		       !g->system && !g->torn;
	case GOROUTINE_NO_WAIT:
	case GOROUTINE_OTHER:
	case GOROUTINE_IO:
	case GOROUTINE_SLEEP:
		break;
	}
	return false;
}

bool mark_hopeless(const struct goroutine *g)
{
	/* A select whose channels are all nil waits with no sudog. */
	return g->wait == GOROUTINE_NIL_RECEIVE || g->wait == GOROUTINE_NIL_SEND ||
	       g->wait == GOROUTINE_NO_CASES || (g->wait == GOROUTINE_SELECT && !g->sudog);
}

bool mark_by_choice(const struct goroutine *g)
{
	return g->id == 1 && (g->wait == GOROUTINE_NO_CASES || g->wait == GOROUTINE_NIL_RECEIVE);
}

static bool objects_are_known(const struct goroutine *g)
{
	if (!g->nobjects || g->nobjects > GOROUTINE_OBJECTS_MAX)
		return false;
	for (__u32 i = 0; i < g->nobjects; i++) {
		const struct goroutine_object *o = &g->objects[i];

		/* a timer sends without anybody; what is closed has woken everybody */
		if (!o->address || o->timer || o->closed)
			return false;
	}
	return true;
}

bool mark_stands(enum goroutine_status status, const char *reason)
{
	if (status == GOROUTINE_RUNNABLE)
		return true;
	return (status == GOROUTINE_WAITING || status == GOROUTINE_LEAKED) &&
	       !(reason && (!strcmp(reason, "coroutine") || !strcmp(reason, "preempted")));
}

int mark_add(struct mark *m, const struct goroutine *g)
{
	struct member member = {
		.address = g->address,
		.number = g->number,
		.id = g->id,
		.pc = g->pc,
		.sp = g->sp,
		.lr = g->lr,
		.lo = g->lo,
		.hi = g->hi,
		.turns = g->turns,
		.objects = (__u32)m->objects.n,
		.parked = !g->torn && mark_stands(g->status, g->reason),
		.runnable = g->status == GOROUTINE_RUNNABLE,
		.calls = g->status == GOROUTINE_SYSCALL,
		.by_choice = mark_by_choice(g),
	};

	member.live = !mark_waits(g) || (!mark_hopeless(g) && !objects_are_known(g));
	if (!member.live && !mark_hopeless(g)) {
		member.nobjects = (__u8)g->nobjects;
		member.sudog = g->sudog;
		member.chain = g->objects[0].channel;
		for (__u32 i = 0; i < g->nobjects; i++) {
			if (array_push(&m->objects, g->objects[i].address))
				return -ENOMEM;
		}
	}
	if (m->members.n == ~0u || m->objects.n > ~0u) {
		mark_stop(m, MARK_CUT, "there are too many goroutines");
		return 0;
	}
	return array_push(&m->members, member) ? -ENOMEM : 0;
}

void mark_word(struct mark *m, __u64 word)
{
	scan_word(&m->scan, word);
}

/* ---- what lives ---- */

static __u64 field(const unsigned char *g, __s32 offset)
{
	return target_u64(g + offset);
}

bool mark_moved(const struct mark *m, const struct member *member, const unsigned char *g)
{
	const struct golang_g *l = &m->program->layout->g;

	/* One that was woken got a value onto its stack, though it did not run yet. */
	if (!member->runnable && goroutine_status_of(m->program->layout, g) == GOROUTINE_RUNNABLE)
		return true;
	return field(g, l->m) || g[l->tracking_seq] != member->turns ||
	       field(g, l->sched_sp) != member->sp || field(g, l->sched_pc) != member->pc ||
	       field(g, l->stack_lo) != member->lo || field(g, l->stack_hi) != member->hi;
}

/* Whether it is no longer in the system call in which it was listed; that it came back to the same
 * place is seen in its thread. */
static bool has_returned(const struct mark *m, const struct member *member, const unsigned char *g)
{
	const struct golang_g *l = &m->program->layout->g;

	return goroutine_status_of(m->program->layout, g) != GOROUTINE_SYSCALL ||
	       field(g, l->goid) != member->id || field(g, l->syscallsp) != member->sp ||
	       field(g, l->syscallpc) != member->pc || field(g, l->stack_lo) != member->lo ||
	       field(g, l->stack_hi) != member->hi;
}

/* One that ran since it was listed is searched once more, whole. */
static void clear_stack(void *arg, __u32 owner, unsigned char *bytes, size_t len,
			const unsigned char *g)
{
	struct mark *m = arg;
	struct member *member = &m->members.v[owner];
	const struct golang_g *l = &m->program->layout->g;
	const struct unwind_start start = { .pc = member->pc,
					    .sp = member->sp,
					    .lr = member->lr,
					    .lo = member->lo,
					    .hi = member->hi,
					    .syscall = member->calls };

	if (member->calls ? has_returned(m, member, g) : mark_moved(m, member, g)) {
		member->restless = member->restless || member->calls;
		member->parked = member->calls = false;
		if (array_push(&m->woken, owner))
			m->out_of_memory = true;
	} else if (!field(g, l->panic)) {
		stackmap_clear(m->program, &start, field(g, l->defer), field(g, l->sched_ctxt),
			       bytes, len);
	}
}

static void search_stack(struct mark *m, struct member *member)
{
	__u64 lo = member->lo, hi = member->hi;
	__u64 sp;
	const bool whole = (member->sp | hi) % WORD || member->sp < lo || member->sp > hi ||
			   hi - member->sp > SCAN_STACK_MAX;

	member->sleeper = 0;
	if (!whole &&
	    (member->parked || (member->calls && mark_threads_note(m, member, lo, member->sp)))) {
		scan_stack(&m->scan, member - m->members.v, member->sp, hi, member->address);
		return;
	}
	if (!bounds_read(m->program, member->address, &lo, &hi)) {
		mark_stop(m, MARK_UNREADABLE, "a goroutine moved while it was read");
		return;
	}
	sp = mark_threads_note(m, member, lo, hi);
	scan_range(&m->scan, sp ? sp : lo, hi);
}

/* What a signal that interrupted it has saved of it, where nothing else would find it. */
static void scan_saved(struct mark *m, const struct member *member)
{
	const struct golang_layout *l = m->program->layout;
	__u64 state;

	if (l->g.xregs_state < 0)
		return;
	if (!target_word(m->program->target, member->address + l->g.xregs_state, &state))
		mark_stop(m, MARK_UNREADABLE, "a goroutine moved while it was read");
	else if (state)
		scan_range(&m->scan, state, state + l->xregs.size);
}

/* The g is searched apart, behind the bounds of its stack: as an object it may be closed. */
void mark_search(struct mark *m, struct member *member)
{
	const struct golang_layout *l = m->program->layout;

	search_stack(m, member);
	if (!member->parked || member->runnable)
		scan_saved(m, member);
	scan_word(&m->scan, member->address);
	scan_range(&m->scan, member->address + l->g.panic, member->address + l->g.size);
	for (size_t i = 0; i < member->nsudogs; i++) {
		const __u64 sudog = m->sudogs.v[member->sudogs + i].address;

		scan_range(&m->scan, sudog, sudog + l->sudog.size);
	}
}

void mark_wake(struct mark *m, __u32 owner)
{
	if (m->members.v[owner].live)
		return;
	m->members.v[owner].live = true;
	if (array_push(&m->woken, owner))
		m->out_of_memory = true;
}

static void reached(void *arg, __u32 owner)
{
	struct mark *m = arg;

	m->nreached += !m->members.v[owner].live;
	mark_wake(m, owner);
}

static void mark_live(struct mark *m)
{
	for (size_t i = 0; i < m->members.n && m->result.end == MARK_WHOLE; i++) {
		if (m->members.v[i].live)
			mark_search(m, &m->members.v[i]);
	}
}

/* To a fixed point. What a woken goroutine knows is asked for at once:
 * its sudog, too, which is else found only by way of all that stand
 * before it in a channel's queue, one question for each. */
void mark_follow(struct mark *m)
{
	bool more;

	do {
		more = scan_step(&m->scan) || m->nsearched < m->woken.n;
		for (; m->nsearched < m->woken.n; m->nsearched++)
			mark_search(m, &m->members.v[m->woken.v[m->nsearched]]);
	} while (more && m->scan.end == SCAN_WHOLE && !m->out_of_memory &&
		 m->result.end == MARK_WHOLE);
}

/* ---- all of it ---- */

static int load_heap(struct mark *m)
{
	const int r = heap_load(m->program, m->limits.memory, &m->heap);

	if (r == -E2BIG)
		mark_stop(m, MARK_CUT, "the heap is larger than is allowed");
	else if (r == -ENOENT)
		mark_stop(m, MARK_UNREADABLE, "the runtime's heap is not to be found");
	else if (r == -EAGAIN)
		mark_stop(m, MARK_UNREADABLE, "the heap changed while it was read");
	else if (r && r != -ENOMEM)
		mark_stop(m, MARK_UNREADABLE, "the runtime's heap cannot be read");
	return r == -ENOMEM ? r : 0;
}

/* Bytes that it takes besides. */
static __u64 memory(const struct mark *m)
{
	return m->members.cap * sizeof(*m->members.v) + m->objects.cap * sizeof(*m->objects.v) +
	       m->sudogs.cap * sizeof(*m->sudogs.v) + m->specials.cap * sizeof(*m->specials.v) +
	       m->ended.cap * sizeof(*m->ended.v) +
	       m->members.n * (2 * sizeof(*m->woken.v) + sizeof(struct sudog));
}

static int run(struct mark *m)
{
	int r = load_heap(m);

	if (r || m->result.end != MARK_WHOLE)
		return r;
	m->result.spans = m->heap.nspans;
	r = mark_queue_read(m);
	if (!r)
		r = mark_queue_specials(m);
	if (!r)
		r = remark_begin(m);
	if (r || m->result.end != MARK_WHOLE)
		return r;
	m->memory = m->heap.memory + scan_memory(&m->heap) + memory(m);
	if (m->memory > m->limits.memory) {
		mark_stop(m, MARK_CUT, "the heap is larger than is allowed");
		return 0;
	}
	m->scan = (struct scan){ .program = m->program,
				 .heap = &m->heap,
				 .specials = m->specials.v,
				 .nspecials = m->specials.n,
				 .reached = reached,
				 .stack = clear_stack,
				 .arg = m,
				 .limit = m->limits.bytes };
	r = scan_open(&m->scan);
	if (r)
		return r;
	mark_threads_ask(m);
	mark_live(m);
	r = mark_root_globals(m);
	if (r)
		return r;
	mark_follow(m);
	r = mark_root_search(m);
	if (r)
		return r;
	mark_follow(m);
	r = remark(m);
	if (r)
		return r;
	if (m->scan.end != SCAN_WHOLE)
		mark_stop(m, m->scan.end == SCAN_CUT ? MARK_CUT : MARK_UNREADABLE, m->scan.why);
	m->result.bytes = m->scan.bytes;
	m->result.objects = m->scan.objects;
	return m->out_of_memory ? -ENOMEM : 0;
}

int mark_run(struct mark *m, struct mark_result *ret)
{
	const int r = run(m);

	scan_close(&m->scan);
	heap_clear(&m->heap);
	if (r)
		return r;
	m->done = true;
	*ret = m->result;
	return 0;
}

bool mark_is_stuck(const struct mark *m, size_t i)
{
	return m->done && m->result.end == MARK_WHOLE && i < m->members.n &&
	       !m->members.v[i].live && !m->members.v[i].by_choice;
}
