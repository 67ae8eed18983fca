// SPDX-License-Identifier: GPL-2.0-only
/* goroutine.c - the goroutines of a Go program that runs on, read in blocks.
 *
 * Pure but for the target. For each block there is a question for all of its g's, one for their
 * first sudogs, for the next ones of selects, for the channels, and for the g's again: who ran
 * between is torn. Nothing that was read is believed: pointers may lead anywhere, and lists in
 * circles; a sudog has to name its goroutine. */
#include "golang/goroutine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "golang/allgs.h"
#include "golang/globals.h"
#include "golang/parked.h"

#define WORD 8
#define BLOCK TARGET_PIECES_MAX
#define NOTED_MINOR                                                                                \
	26 /* from here on, g.waiting also has sudogs of semaphores and Conds (sema.go) */
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct block {
	const struct program *p;
	struct goroutine *g;
	size_t n;
	struct target_piece piece[BLOCK];
	__u64 pointer[BLOCK];
	unsigned char read[BLOCK][LAYOUT_G_MAX]; /* a g for each pointer, then for each of g */
	unsigned char again[BLOCK][LAYOUT_G_MAX];
	unsigned char object[BLOCK][LAYOUT_OBJECT_MAX]; /* sudogs, channels */
	size_t who[BLOCK], what[BLOCK]; /* of a piece: which goroutine, which object */
	__u64 next[BLOCK];		/* the sudog that comes next, for each of g */
	__u64 sudog[BLOCK][GOROUTINE_OBJECTS_MAX];
};

/* ---- what a g says ---- */

static bool wait_of(const char *reason, enum goroutine_wait *ret)
{
	static const struct {
		const char *reason;
		enum goroutine_wait wait;
	} known[] = {
		{ "chan receive", GOROUTINE_CHAN_RECEIVE },
		{ "chan receive (synctest)", GOROUTINE_CHAN_RECEIVE },
		{ "chan receive (durable)", GOROUTINE_CHAN_RECEIVE },
		{ "chan send", GOROUTINE_CHAN_SEND },
		{ "chan send (synctest)", GOROUTINE_CHAN_SEND },
		{ "chan send (durable)", GOROUTINE_CHAN_SEND },
		{ "chan receive (nil chan)", GOROUTINE_NIL_RECEIVE },
		{ "chan send (nil chan)", GOROUTINE_NIL_SEND },
		{ "select", GOROUTINE_SELECT },
		{ "select (synctest)", GOROUTINE_SELECT },
		{ "select (durable)", GOROUTINE_SELECT },
		{ "select (no cases)", GOROUTINE_NO_CASES },
		{ "semacquire", GOROUTINE_SEMAPHORE },
		{ "sync.Mutex.Lock", GOROUTINE_MUTEX },
		{ "sync.RWMutex.RLock", GOROUTINE_RWMUTEX_READ },
		{ "sync.RWMutex.Lock", GOROUTINE_RWMUTEX_WRITE },
		{ "sync.WaitGroup.Wait", GOROUTINE_WAIT_GROUP },
		{ "sync.WaitGroup.Wait (durable)", GOROUTINE_WAIT_GROUP },
		{ "sync.Cond.Wait", GOROUTINE_COND },
		{ "IO wait", GOROUTINE_IO },
		{ "sleep", GOROUTINE_SLEEP },
	};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		if (!strcmp(reason, known[i].reason)) {
			*ret = known[i].wait;
			return true;
		}
	}
	return false;
}

static __u32 status_number(const struct golang_layout *layout, const unsigned char *v)
{
	return target_u32(v + layout->g.atomicstatus) & ~(__u32)layout->status.scan;
}

enum goroutine_status goroutine_status_of(const struct golang_layout *layout,
					  const unsigned char *v)
{
	const struct golang_status *at = &layout->status;
	const __s32 known[] = {
		[GOROUTINE_IDLE] = at->idle,	       [GOROUTINE_RUNNABLE] = at->runnable,
		[GOROUTINE_RUNNING] = at->running,     [GOROUTINE_SYSCALL] = at->syscall,
		[GOROUTINE_WAITING] = at->waiting,     [GOROUTINE_DEAD] = at->dead,
		[GOROUTINE_COPYSTACK] = at->copystack, [GOROUTINE_PREEMPTED] = at->preempted,
		[GOROUTINE_LEAKED] = at->leaked,
	};
	const __s32 number = status_number(layout, v);

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		if (known[i] == number && number >= 0)
			return i;
	return number == at->deadextra && number >= 0 ? GOROUTINE_DEAD : GOROUTINE_IDLE;
}

/* As runtime.isSystemGoroutine; whoever runs finalizers and cleanups
 * does it for the program while it waits for something of its. */
static bool is_system(const struct program *p, const struct goroutine *g)
{
	static const char *const users[] = { "runtime.main", "runtime.corostart",
					     "runtime.handleAsyncEvent" };
	static const char *const runners[] = { "runtime.runfinq", "runtime.runFinalizers",
					       "runtime.runCleanups" };
	struct pclntab_function f;

	if (!program_function(p, g->startpc, &f) || !pclntab_begins(f.name, "runtime."))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(users); i++)
		if (pclntab_is(f.name, users[i]))
			return false;
	for (size_t i = 0; i < ARRAY_SIZE(runners); i++)
		if (pclntab_is(f.name, runners[i]))
			return g->wait == GOROUTINE_OTHER;
	return true;
}

bool goroutine_is_parked(const struct goroutine *g)
{
	return g->status == GOROUTINE_WAITING || g->status == GOROUTINE_LEAKED;
}

static __u64 member(const unsigned char *v, __s32 offset)
{
	return offset < 0 ? 0 : target_u64(v + offset);
}

static void parse_registers(const struct golang_g *at, const unsigned char *v, struct goroutine *g)
{
	if (g->status == GOROUTINE_SYSCALL) {
		g->pc = target_u64(v + at->syscallpc);
		g->sp = target_u64(v + at->syscallsp);
	} else if (g->status != GOROUTINE_RUNNING) {
		g->pc = target_u64(v + at->sched_pc);
		g->sp = target_u64(v + at->sched_sp);
		g->lr = target_u64(v + at->sched_lr);
	}
	g->lo = target_u64(v + at->stack_lo);
	g->hi = target_u64(v + at->stack_hi);
}

static void parse(const struct program *p, const unsigned char *v, struct goroutine *g)
{
	const struct golang_g *at = &p->layout->g;

	g->id = target_u64(v + at->goid);
	g->parent = member(v, at->parent_goid);
	g->gopc = target_u64(v + at->gopc);
	g->startpc = target_u64(v + at->startpc);
	g->wait_since = target_u64(v + at->waitsince);
	g->status = goroutine_status_of(p->layout, v);
	g->locked = target_u64(v + at->lockedm);
	g->turns = v[at->tracking_seq];
	parse_registers(at, v, g);
	if (goroutine_is_parked(g)) {
		g->reason = layout_wait_reason(p->layout, v[at->waitreason]);
		/* One that stops the world says that it waits, and up to 1.19 what for it
		 * waited last; but it has its thread still. */
		if (!g->reason || target_u64(v + at->m) || !wait_of(g->reason, &g->wait))
			g->wait = GOROUTINE_OTHER;
	}
	g->system = is_system(p, g);
}

/* ---- sudogs ---- */

static bool on_channels(const struct goroutine *g)
{
	return g->wait == GOROUTINE_CHAN_RECEIVE || g->wait == GOROUTINE_CHAN_SEND ||
	       g->wait == GOROUTINE_SELECT;
}

static bool on_semaphore(const struct goroutine *g)
{
	return g->wait == GOROUTINE_SEMAPHORE || g->wait == GOROUTINE_MUTEX ||
	       g->wait == GOROUTINE_RWMUTEX_READ || g->wait == GOROUTINE_RWMUTEX_WRITE ||
	       g->wait == GOROUTINE_WAIT_GROUP || g->wait == GOROUTINE_COND;
}

/* One sudog of a goroutine: what it waits on, and where the next one is. */
static void see_sudog(struct block *b, size_t i, const unsigned char *v, bool there)
{
	const struct golang_sudog *at = &b->p->layout->sudog;
	struct goroutine *g = &b->g[i];
	__u64 object = 0;

	if (there && target_u64(v + at->g) == g->address)
		object = target_u64(v + (on_channels(g) ? at->c : at->elem));
	if (!object || (!on_channels(g) && target_u64(v + at->c))) {
		g->torn = true;
		b->next[i] = 0;
		return;
	}
	if (g->nobjects < GOROUTINE_OBJECTS_MAX) {
		b->sudog[i][g->nobjects] = b->next[i];
		g->objects[g->nobjects] = (struct goroutine_object){
			.address = object,
			.channel = on_channels(g),
			.send = g->wait == GOROUTINE_CHAN_SEND,
		};
	}
	g->nobjects++;
	b->next[i] = g->wait == GOROUTINE_SELECT ? target_u64(v + at->waitlink) : 0;
}

/* The next sudog of each that has one; false when none has. */
static bool next_sudogs(struct block *b)
{
	size_t m = 0;

	for (size_t i = 0; i < b->n; i++) {
		if (!b->next[i])
			continue;
		b->who[m] = i;
		b->piece[m] = (struct target_piece){ b->next[i], b->object[m],
						     b->p->layout->sudog.size, false };
		m++;
	}
	target_read_all(b->p->target, b->piece, m);
	for (size_t k = 0; k < m; k++)
		see_sudog(b, b->who[k], b->object[k], b->piece[k].there);
	return m;
}

/* Those that are in g.waiting. One more than have room: to see that there are more. */
static void find_noted(struct block *b)
{
	const bool noted = b->p->layout->minor >= NOTED_MINOR;

	for (size_t i = 0; i < b->n; i++) {
		struct goroutine *g = &b->g[i];

		b->next[i] = 0;
		if (g->torn || !(on_channels(g) || (noted && on_semaphore(g))))
			continue;
		g->sudog = b->next[i] = target_u64(b->read[i] + b->p->layout->g.waiting);
		/* a select has none when all its channels are nil */
		g->torn = !g->sudog && g->wait != GOROUTINE_SELECT;
	}
	for (size_t i = 0; i <= GOROUTINE_OBJECTS_MAX && next_sudogs(b); i++)
		;
}

static int find_others(struct block *b)
{
	struct goroutine *g[BLOCK];
	size_t n = 0;

	if (b->p->layout->minor >= NOTED_MINOR)
		return 0;
	for (size_t i = 0; i < b->n; i++)
		if (!b->g[i].torn && on_semaphore(&b->g[i]))
			g[n++] = &b->g[i];
	return parked_find(b->p, g, n);
}

/* ---- channels ---- */

/* In which of a channel's queues a select's case is: nothing in the case itself says so. */
static bool is_sender(const struct golang_hchan *at, const unsigned char *v, __u64 sudog)
{
	if (!target_u64(v + at->recvq_first))
		return target_u64(v + at->sendq_first);
	return target_u64(v + at->sendq_first) == sudog || target_u64(v + at->sendq_last) == sudog;
}

static void see_channel(struct block *b, size_t k)
{
	const struct golang_hchan *at = &b->p->layout->hchan;
	struct goroutine *g = &b->g[b->who[k]];
	struct goroutine_object *o = &g->objects[b->what[k]];
	const unsigned char *v = b->object[k];

	if (!b->piece[k].there) {
		g->torn = true;
		return;
	}
	o->count = target_u64(v + at->qcount);
	o->capacity = target_u64(v + at->dataqsiz);
	o->closed = target_u32(v + at->closed);
	if (g->wait == GOROUTINE_SELECT)
		o->send = is_sender(at, v, b->sudog[b->who[k]][b->what[k]]);
	if (o->count > o->capacity)
		g->torn = true;
}

/* One that was stopped, or has fired, does not send, once it has sent. */
static bool is_set(const struct golang_timer *at, const unsigned char *v)
{
	return target_u64(v + at->when) || target_u64(v + at->mu) ||
	       target_u64(v + at->send_lock) || target_u32(v + at->is_sending);
}

static void see_timers(struct block *b, size_t m)
{
	const struct golang_layout *l = b->p->layout;
	size_t n = 0;

	for (size_t k = 0; k < m; k++) {
		const __u64 timer = b->piece[k].there ? member(b->object[k], l->hchan.timer) : 0;

		if (!timer)
			continue;
		b->who[n] = b->who[k];
		b->what[n] = b->what[k];
		b->piece[n] = (struct target_piece){ timer, b->object[n], l->timer.size, false };
		n++;
	}
	target_read_all(b->p->target, b->piece, n);
	for (size_t k = 0; k < n; k++)
		b->g[b->who[k]].objects[b->what[k]].timer = !b->piece[k].there ||
							    is_set(&l->timer, b->object[k]);
}

static void see_channels(struct block *b, size_t m)
{
	target_read_all(b->p->target, b->piece, m);
	for (size_t k = 0; k < m; k++)
		see_channel(b, k);
	see_timers(b, m);
}

static void find_channels(struct block *b)
{
	size_t m = 0;

	for (size_t i = 0; i < b->n; i++) {
		for (size_t k = 0; k < b->g[i].nobjects && k < GOROUTINE_OBJECTS_MAX; k++) {
			if (!b->g[i].objects[k].channel)
				continue;
			b->who[m] = i;
			b->what[m] = k;
			b->piece[m] = (struct target_piece){ b->g[i].objects[k].address,
							     b->object[m], b->p->layout->hchan.size,
							     false };
			if (++m == BLOCK) {
				see_channels(b, m);
				m = 0;
			}
		}
	}
	see_channels(b, m);
}

/* ---- blocks ---- */

/* Has it run since? Whatever the collector does to it between is no change. */
static bool same(const struct golang_layout *layout, const unsigned char *a, const unsigned char *b)
{
	const struct golang_g *at = &layout->g;
	const __s32 words[] = { at->goid,     at->stack_lo,  at->stack_hi,  at->sched_sp,
				at->sched_pc, at->syscallsp, at->syscallpc, at->waiting };

	if (status_number(layout, a) != status_number(layout, b))
		return false;
	if (status_number(layout, a) == (__u32)layout->status.running)
		return target_u64(a + at->goid) == target_u64(b + at->goid);
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		if (target_u64(a + words[i]) != target_u64(b + words[i]))
			return false;
	return a[at->waitreason] == b[at->waitreason] && a[at->tracking_seq] == b[at->tracking_seq];
}

static void read_again(struct block *b)
{
	const struct golang_layout *layout = b->p->layout;

	for (size_t i = 0; i < b->n; i++)
		b->piece[i] = (struct target_piece){ b->g[i].address, b->again[i], layout->g.size,
						     false };
	target_read_all(b->p->target, b->piece, b->n);
	for (size_t i = 0; i < b->n; i++)
		if (!b->piece[i].there || !same(layout, b->read[i], b->again[i]))
			b->g[i].torn = true;
}

/* The g's of the block's pointers, without the dead; first: the number of the first. */
static void read_block(struct block *b, __u64 first, size_t n)
{
	const struct golang_layout *layout = b->p->layout;

	for (size_t i = 0; i < n; i++)
		b->piece[i] =
			(struct target_piece){ b->pointer[i], b->read[i], layout->g.size, false };
	target_read_all(b->p->target, b->piece, n);
	b->n = 0;
	for (size_t i = 0; i < n; i++) {
		const bool good = b->piece[i].there &&
				  globals_is_g(layout, b->pointer[i], b->read[i]);
		struct goroutine *g = &b->g[b->n];

		if (good && goroutine_status_of(layout, b->read[i]) == GOROUTINE_DEAD)
			continue;
		memset(g, 0, offsetof(struct goroutine, objects)); /* these are most of it */
		g->address = b->pointer[i];
		g->number = first + i;
		g->torn = !good;
		if (good)
			parse(b->p, b->read[i], g);
		if (b->n != i)
			memcpy(b->read[b->n], b->read[i], layout->g.size);
		b->n++;
	}
}

int goroutine_read(const struct program *p, __u64 first, size_t n, struct goroutine *ret,
		   size_t *ret_n)
{
	size_t done = 0, out = 0, got = 0;
	struct block *b;
	int rc = 0;

	b = malloc(sizeof(*b));
	if (!b)
		return -ENOMEM;
	b->p = p;
	for (; !rc && done < n; done += got) {
		rc = allgs_read(p, first + done, n - done < BLOCK ? n - done : BLOCK, b->pointer,
				&got);
		if (rc || !got)
			break;
		b->g = ret + out;
		read_block(b, first + done, got);
		find_noted(b);
		rc = find_others(b);
		find_channels(b);
		read_again(b);
		out += b->n;
	}
	free(b);
	if (!rc)
		*ret_n = out;
	return rc;
}
