// SPDX-License-Identifier: GPL-2.0-only
/* remark.c - what moved while memory was searched is searched once more.
 *
 * Pure but for the target. A pointer that a program hands on while it is searched may at no time
 * be where it is looked for: it goes from one goroutine to the next that was made meanwhile, from
 * a copy of a list to a newer one, or lies in a register for as long as a loop lasts. So as long as
 * somebody seems to wait in vain, what can be new is searched: variables, timers (before goroutines
 * and after them, for pointers go both ways), goroutines that are new, ran, were woken or ended,
 * registers, and spans that are new. Not seen is what moves from one object to another that was
 * searched before: whoever asks asks more than once (goroutines.c). */
#include "golang/remark.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "golang/allgs.h"
#include "golang/bounds.h"

#define ROUNDS_MAX 12 /* a program that is not done by then changes too fast */
#define QUIET 2	      /* rounds that reach nobody new, if anything moved */
#define AT_ONCE TARGET_PIECES_MAX

static bool goes_on(const struct mark *m)
{
	return m->scan.end == SCAN_WHOLE && m->result.end == MARK_WHOLE && !m->out_of_memory;
}

static bool waits_in_vain(const struct mark *m)
{
	for (size_t i = 0; i < m->members.n; i++)
		if (!m->members.v[i].live && m->members.v[i].nobjects)
			return true;
	return false;
}

/* ---- timers ---- */

/* A P, and the list of its timers. */
static void search_ps(struct mark *m)
{
	const struct golang_layout *l = m->program->layout;
	const __u64 head = l->heap.header_bytes > 0 ? l->heap.header_bytes : 0;
	__u64 list;

	for (size_t i = 0; i < m->scan.nps; i++) {
		scan_contents(&m->scan, m->scan.ps[i]);
		if (target_word(m->program->target, m->scan.ps[i] + head + l->p.timers, &list))
			scan_contents(&m->scan, list);
		else
			mark_stop(m, MARK_UNREADABLE, "its timers cannot be read");
	}
}

/* ---- goroutines ---- */

struct again;
/* Of a g: its number in allgs, its address and its first bytes. 0 or -ENOMEM. */
typedef int (*see_fn)(struct again *a, __u64 number, __u64 address, const unsigned char *g);

struct again {
	struct mark *m;
	see_fn see;
	size_t listed, next; /* of the members: the first that may be the one that is read */
	size_t ended;	     /* of those that had ended: likewise */
	bool moved;
	__u64 address[AT_ONCE];
	struct target_piece piece[AT_ONCE];
	unsigned char bytes[AT_ONCE][LAYOUT_G_MAX];
};

static bool stands(const struct golang_layout *l, const unsigned char *g)
{
	return !target_u64(g + l->g.m) &&
	       mark_stands(goroutine_status_of(l, g), layout_wait_reason(l, g[l->g.waitreason]));
}

/* One that was listed and has moved: where it stands now, if it does. */
static void search_member(struct mark *m, __u32 owner, const unsigned char *g)
{
	const struct golang_layout *l = m->program->layout;
	struct member *member = &m->members.v[owner];

	member->parked = stands(l, g);
	member->runnable = goroutine_status_of(l, g) == GOROUTINE_RUNNABLE;
	member->calls = goroutine_status_of(l, g) == GOROUTINE_SYSCALL;
	member->id = target_u64(g + l->g.goid);
	member->turns = g[l->g.tracking_seq];
	member->pc = target_u64(g + (member->calls ? l->g.syscallpc : l->g.sched_pc));
	member->sp = target_u64(g + (member->calls ? l->g.syscallsp : l->g.sched_sp));
	member->lr = member->calls ? 0 : target_u64(g + l->g.sched_lr);
	member->lo = target_u64(g + l->g.stack_lo);
	member->hi = target_u64(g + l->g.stack_hi);
	if (member->live)
		mark_search(m, member);
	else
		mark_wake(m, owner);
}

/* Whether it had ended before memory was searched, and was not used again. */
static bool had_ended(struct again *a, __u64 number, const unsigned char *g)
{
	const struct mark *m = a->m;
	const struct golang_g *l = &m->program->layout->g;

	while (a->ended < m->ended.n && m->ended.v[a->ended].number < number)
		a->ended++;
	return a->ended < m->ended.n && m->ended.v[a->ended].number == number &&
	       m->ended.v[a->ended].id == target_u64(g + l->goid) &&
	       m->ended.v[a->ended].turns == g[l->tracking_seq];
}

/* One that has ended since handed on what it knew, but its stack, if it is still there, knows it
 * as well; and so does that of one that came and went. */
static void search_ended(struct again *a, __u64 number, const unsigned char *g)
{
	const struct golang_g *l = &a->m->program->layout->g;
	const __u64 lo = target_u64(g + l->stack_lo), hi = target_u64(g + l->stack_hi);

	if (had_ended(a, number, g))
		return;
	if (lo < hi && hi - lo <= BOUNDS_STACK_MAX)
		scan_range(&a->m->scan, lo, hi);
	a->moved = true;
}

static int see_again(struct again *a, __u64 number, __u64 address, const unsigned char *g)
{
	struct mark *m = a->m;
	const struct golang_layout *l = m->program->layout;
	struct member *member = NULL;

	while (a->next < a->listed && m->members.v[a->next].number < number)
		a->next++;
	if (a->next < a->listed && m->members.v[a->next].number == number)
		member = &m->members.v[a->next];
	if (goroutine_status_of(l, g) == GOROUTINE_DEAD) {
		search_ended(a, number, g);
		return 0;
	}
	if (member && member->id == target_u64(g + l->g.goid) &&
	    (member->parked ? !mark_moved(m, member, g)
			    : mark_threads_slept(m, member, target_u64(g + l->g.stack_lo),
						 target_u64(g + l->g.stack_hi))))
		return 0;
	if (member)
		member->restless = member->restless || member->sleeper;
	a->moved = true;
	if (member)
		search_member(m, (__u32)a->next, g);
	else
		mark_search(m, &(struct member){ .address = address });
	return 0;
}

/* One that still has a thread is about to begin; one that a thread of C code uses again and again
 * keeps its id, but not its turns, unless it does so 256 times meanwhile. */
static int note_ended(struct again *a, __u64 number, __u64 address, const unsigned char *g)
{
	const struct golang_layout *l = a->m->program->layout;
	const struct ended ended = { number, target_u64(g + l->g.goid), g[l->g.tracking_seq] };

	(void)address;
	if (goroutine_status_of(l, g) != GOROUTINE_DEAD || target_u64(g + l->g.m))
		return 0;
	return array_push(&a->m->ended, ended) ? -ENOMEM : 0;
}

static int list(struct again *a)
{
	const struct program *p = a->m->program;
	__u64 all;
	size_t n;
	int r = allgs_count(p, &all);

	for (__u64 first = 0; !r && first < all && goes_on(a->m); first += n) {
		r = allgs_read(p, first, AT_ONCE, a->address, &n);
		if (r || !n)
			break;
		for (size_t i = 0; i < n; i++)
			a->piece[i] = (struct target_piece){ a->address[i], a->bytes[i],
							     layout_g_head(p->layout) };
		target_read_all(p->target, a->piece, n);
		for (size_t i = 0; !r && i < n; i++)
			r = a->piece[i].there ? a->see(a, first + i, a->address[i], a->bytes[i])
					      : -EIO;
	}
	return r;
}

/* Shows all g's, dead ones included, to see(). *ret_moved is set if that found one that moved. */
static int list_all(struct mark *m, see_fn see, bool *ret_moved)
{
	_cleanup_free_ struct again *a = calloc(1, sizeof(*a));
	int r;

	if (!a)
		return -ENOMEM;
	a->m = m;
	a->see = see;
	a->listed = m->members.n;
	r = list(a);
	*ret_moved = *ret_moved || a->moved;
	if (r && r != -ENOMEM)
		mark_stop(m, MARK_UNREADABLE, "its goroutines could not be listed again");
	return r == -ENOMEM ? r : 0;
}

/* ---- spans ---- */

static int search_spans(struct mark *m, bool *ret_moved)
{
	_cleanup_free_ struct heap_range *changed = NULL;
	size_t n = 0;
	int r = heap_changed(m->program, &m->heap, m->limits.memory - m->memory, &changed, &n);

	if (r == -ENOMEM)
		return r;
	if (r)
		mark_stop(m, r == -E2BIG ? MARK_CUT : MARK_UNREADABLE,
			  "the heap changed while it was read");
	for (size_t i = 0; i < n; i++)
		scan_range(&m->scan, changed[i].start, changed[i].end);
	*ret_moved = *ret_moved || n;
	return 0;
}

/* ---- all of it ---- */

static int search_again(struct mark *m, bool *ret_moved)
{
	int r = 0;

	search_ps(m);
	mark_threads_ask(m);
	mark_follow(m);
	if (goes_on(m))
		r = list_all(m, see_again, ret_moved);
	if (!r && goes_on(m))
		r = search_spans(m, ret_moved);
	if (!r && goes_on(m))
		r = mark_root_globals(m);
	if (!r && goes_on(m)) {
		search_ps(m);
		mark_follow(m);
	}
	return r;
}

int remark_begin(struct mark *m)
{
	bool moved = false;

	return waits_in_vain(m) ? list_all(m, note_ended, &moved) : 0;
}

int remark(struct mark *m)
{
	unsigned int quiet = 0;
	int r = 0;

	for (unsigned int i = 0; !r && quiet < QUIET && waits_in_vain(m); i++) {
		const size_t before = m->nreached;
		bool moved = false;

		if (!goes_on(m))
			break;
		if (i == ROUNDS_MAX) {
			mark_stop(m, MARK_CUT, "it changes faster than it can be searched");
			break;
		}
		r = search_again(m, &moved);
		quiet = m->nreached != before ? 0 : moved ? quiet + 1 : QUIET;
	}
	return r;
}
