// SPDX-License-Identifier: GPL-2.0-only
/* unlock.c - which locks a goroutine that waits is to unlock when its calls return.
 *
 * Pure but for the target. Soundness: a deferred Unlock is a duty, and no lock. So
 *   - what was given to the deferred function must be the lock itself: it calls sync, and nothing
 *     else;
 *   - as many calls that lock must stand before the call under way as Unlocks are pending, for some
 *     defer first and lock then;
 *   - who unlocks for a while what it has deferred to unlock (`l.Unlock(); wait(); l.Lock()`,
 *     Cond.Wait, helpers that do) does not hold it meanwhile: any call on the stack that may do so,
 *     from the function that deferred it on, makes it unknown.
 * "Before" is that of the source, by lines. */
#include "golang/unlock.h"

#include <stdlib.h>
#include <string.h>

#include "golang/inlined.h"
#include "golang/lockcode.h"
#include "golang/unwind.h"

#define WORD 8
#define STACK_MAX (128u << 10)
#define RECORDS_MAX 256
#define OPEN_MAX 8     /* calls that a function may defer in slots of its frame (walk/walk.go) */
#define DEPTH_MAX 16   /* of inlined calls */
#define SLOTS_SINCE 22 /* the minor version from which on the slots lie in a row */
#define ANSWERS 1024
#define PLACE_STEPS 256 /* that finding a place is worth */

enum { FUNCDATA_OPEN_DEFERS = 4 }; /* runtime/symtab.go, the same in all versions */

/* Where an instruction stands, from the function on inwards: names, files and lines of calls. */
struct place {
	struct inlined_call level[DEPTH_MAX];
	size_t n;
};

/* A deferred call that unlocks, in a frame. */
struct pending {
	__u64 lock;
	enum lockcode_kind kind;
	size_t frame;
};

/* Of a call under way: whether what its function has locked may be unlocked. */
struct answer {
	__u64 pc; /* 0: none */
	bool exact, anywhere, lent;
};

struct unlock_reader {
	const struct program *p;
	struct lockcode *known;
	bool has_link;
	const struct goroutine *g;
	struct pending pending[UNLOCK_MAX];
	size_t npending;
	bool cut;   /* there may be more */
	size_t len; /* of the stack */
	struct answer answers[ANSWERS];
	struct unwind_frames frames;
	unsigned char stack[STACK_MAX];
};

/* ---- memory ---- */

static bool read_stack(void *arg, __u64 address, void *ret, size_t len)
{
	const struct unlock_reader *u = arg;
	const __u64 from = address - u->g->sp;

	if (address < u->g->sp || from > u->len || len > u->len - from)
		return false;
	memcpy(ret, u->stack + from, len);
	return true;
}

/* On the stack, or anywhere else. */
static bool read_word(struct unlock_reader *u, __u64 address, __u64 *ret)
{
	unsigned char v[WORD];

	if (!read_stack(u, address, v, sizeof(v)) &&
	    !target_read(u->p->target, address, v, sizeof(v)))
		return false;
	*ret = target_u64(v);
	return true;
}

static bool read_half(struct unlock_reader *u, __u64 address, __s32 *ret)
{
	unsigned char v[WORD / 2];

	if (!read_stack(u, address, v, sizeof(v)) &&
	    !target_read(u->p->target, address, v, sizeof(v)))
		return false;
	*ret = (__s32)target_u32(v);
	return true;
}

/* ---- places in the source ---- */

/* False: not known. */
static bool find_place(struct unlock_reader *u, const struct lockcode_function *in, __u64 pc,
		       struct place *ret)
{
	const struct program_module *m = in->module;
	struct inlined_call call;
	struct inlined i;
	size_t n = DEPTH_MAX;

	lockcode_spend(u->known, PLACE_STEPS + (in->f.end - in->f.entry) / 8);
	inlined_begin(m->table, &in->f, m->gofunc_bytes, pc - m->text, &i);
	while (inlined_next(&i, &call)) {
		if (!n || !call.place.file.n)
			return false;
		ret->level[--n] = call;
	}
	ret->n = DEPTH_MAX - n;
	memmove(ret->level, ret->level + n, ret->n * sizeof(*ret->level));
	return !i.damaged;
}

static bool is_same(struct pclntab_name x, struct pclntab_name y)
{
	return x.n == y.n && (!x.n || !memcmp(x.v, y.v, x.n));
}

/* Whether x stands behind y for certain. */
static bool stands_behind(const struct place *x, const struct place *y)
{
	for (size_t i = 0; i < x->n && i < y->n; i++) {
		const struct inlined_call *a = &x->level[i], *b = &y->level[i];

		if (!is_same(a->name, b->name) || !is_same(a->place.file, b->place.file))
			return false;
		if (a->place.line != b->place.line)
			return a->place.line > b->place.line;
	}
	return false;
}

/* ---- what was unlocked for a while, or not yet locked ---- */

static __u64 pc_of(const struct unwind_frame *frame)
{
	return frame->pc - !frame->exact;
}

static bool is_cond_wait(const struct place *now)
{
	for (size_t i = 0; i < now->n; i++) {
		if (pclntab_is(now->level[i].name, "sync.(*Cond).Wait"))
			return true;
	}
	return false;
}

/* A function's body may run more than once while the one that it is a part of stands still. */
static bool is_part(struct pclntab_name name)
{
	return name.n &&
	       (memmem(name.v, name.n, "-range", 6) || memmem(name.v, name.n, ".func", 5));
}

/* Whether a call that unlocks, or may do so, stands before the one that
 * is under way; or anywhere. */
static bool lends_anew(struct unlock_reader *u, const struct unwind_frame *frame, bool anywhere)
{
	struct lockcode_function in;
	struct lockcode_walk w;
	struct lockcode_site s;
	struct place now, other;

	if (!lockcode_find(u->p, pc_of(frame), &in))
		return true;
	if (pclntab_begins(in.f.name, "runtime."))
		return false;
	if (!lockcode_begin(u->known, &in, &w) || !find_place(u, &in, pc_of(frame), &now) ||
	    is_cond_wait(&now))
		return true;
	anywhere = anywhere || is_part(in.f.name);
	while (lockcode_next(&w, &s)) {
		const bool own = s.closure && s.callee.f.id != u->p->layout->funcid.wrapper;

		if (own && lockcode_unlocks(u->known, &s.callee))
			return true;
		if (s.closure || s.kind == LOCKCODE_LOCKS || s.back == frame->pc)
			continue;
		if (!anywhere && find_place(u, &in, s.back - 1, &other) &&
		    stands_behind(&other, &now))
			continue;
		if (s.kind || lockcode_lends(u->known, &s.callee))
			return true;
	}
	return lockcode_is_spent(u->known);
}

static bool lends(struct unlock_reader *u, const struct unwind_frame *frame, bool anywhere)
{
	struct answer *a = &u->answers[(frame->pc >> 2 ^ frame->pc >> 12) % ANSWERS];
	bool lent;

	if (a->pc == frame->pc && a->exact == frame->exact && a->anywhere == anywhere)
		return a->lent;
	lent = lends_anew(u, frame, anywhere);
	*a = (struct answer){ frame->pc, frame->exact, anywhere, lent };
	return lent;
}

/* How many calls that lock stand before the one under way. */
static size_t locked_before(struct unlock_reader *u, const struct unwind_frame *frame)
{
	struct lockcode_function in;
	struct lockcode_walk w;
	struct lockcode_site s;
	struct place now, other;
	size_t n = 0;

	if (!lockcode_find(u->p, pc_of(frame), &in) || !lockcode_begin(u->known, &in, &w) ||
	    !find_place(u, &in, pc_of(frame), &now))
		return 0;
	while (lockcode_next(&w, &s)) {
		if (s.closure || !find_place(u, &in, s.back - 1, &other) ||
		    !stands_behind(&now, &other))
			continue;
		n += s.kind == LOCKCODE_LOCKS || (!s.kind && lockcode_takes(u->known, &s.callee));
	}
	return n;
}

/* Whether the lock that it waits for was called by its name, and not as
 * a sync.Locker, which may have been unlocked the same way before. What
 * the compiler made to call an embedded lock must be, too. */
static bool waits_by_name(struct unlock_reader *u)
{
	struct lockcode_function in;

	for (size_t i = 0; i < u->frames.n; i++) {
		const struct unwind_frame *frame = &u->frames.frame[i];

		if (!lockcode_find(u->p, pc_of(frame), &in))
			return false;
		if (pclntab_begins(in.f.name, "runtime.") || lockcode_is_of_sync(in.f.name))
			continue;
		if (!frame->exact && !lockcode_is_direct(u->known, frame->pc))
			return false;
		if (in.f.id != u->p->layout->funcid.wrapper)
			return true;
	}
	return false;
}

static bool may_hold(struct unlock_reader *u, size_t frame)
{
	size_t n = 0;

	for (size_t i = 0; i < u->npending; i++)
		n += u->pending[i].frame == frame;
	if (locked_before(u, &u->frames.frame[frame]) < n)
		return false;
	for (size_t i = 0; i <= frame; i++) {
		if (lends(u, &u->frames.frame[i], i == frame))
			return false;
	}
	return true;
}

/* ---- deferred calls ---- */

/* What a function that the compiler made does with what it was given: it must call sync itself. */
static enum lockcode_kind kind_of(struct unlock_reader *u, const struct lockcode_function *in)
{
	struct lockcode_walk w;
	struct lockcode_site s;
	struct place place;

	if (in->f.id != u->p->layout->funcid.wrapper || !lockcode_begin(u->known, in, &w))
		return LOCKCODE_OTHER;
	while (lockcode_next(&w, &s)) {
		enum lockcode_kind kind = s.kind;

		if (!kind)
			continue;
		if (!find_place(u, in, s.back - 1, &place))
			return LOCKCODE_OTHER;
		for (size_t i = 1; i < place.n; i++) {
			if (!lockcode_is_of_sync(place.level[i].name))
				return LOCKCODE_OTHER;
		}
		return place.n > 1 ? lockcode_kind(place.level[1].name) : kind;
	}
	return LOCKCODE_OTHER;
}

/* A function value, deferred in that frame. */
static void see_closure(struct unlock_reader *u, __u64 closure, size_t frame)
{
	struct lockcode_function in;
	struct pending pending = { .frame = frame };
	__u64 pc;

	u->cut = u->cut || u->npending == UNLOCK_MAX;
	if (u->cut || !closure || !read_word(u, closure, &pc) ||
	    !read_word(u, closure + WORD, &pending.lock) || !pending.lock ||
	    !lockcode_find(u->p, pc, &in) || pc != in.module->text + in.f.entry)
		return;
	pending.kind = kind_of(u, &in);
	if (pending.kind == LOCKCODE_UNLOCKS || pending.kind == LOCKCODE_UNLOCKS_READ ||
	    pending.kind == LOCKCODE_UNLOCKS_WRITE)
		u->pending[u->npending++] = pending;
}

/* Where the slots of a frame are, below its variables. How many there are; 0: not known. */
static size_t find_slots(const struct unlock_reader *u, const struct pclntab_bytes *b, size_t at,
			 __u32 ret[OPEN_MAX])
{
	__u32 n;

	if (!pclntab_varint(b, &at, &n))
		return 0;
	if (u->p->layout->minor >= SLOTS_SINCE) {
		for (__u32 i = 0; i < OPEN_MAX; i++)
			ret[i] = n - i * WORD;
		return OPEN_MAX;
	}
	if (n > OPEN_MAX)
		return 0;
	for (__u32 i = n; i--;) {
		if (!pclntab_varint(b, &at, &ret[i]))
			return 0;
	}
	return n;
}

/* Calls that are deferred in slots of a frame. */
static void see_frame(struct unlock_reader *u, size_t i)
{
	const struct unwind_frame *frame = &u->frames.frame[i];
	const __u64 locals = unwind_locals(frame, u->has_link);
	__u32 data, bits_at, slots[OPEN_MAX];
	struct lockcode_function in;
	size_t n, at;
	__u8 bits;

	if (!lockcode_find(u->p, pc_of(frame), &in) ||
	    !pclntab_funcdata(in.module->table, &in.f, FUNCDATA_OPEN_DEFERS, &data) ||
	    !in.module->gofunc_bytes.v)
		return;
	at = data;
	if (!pclntab_varint(&in.module->gofunc_bytes, &at, &bits_at) ||
	    !read_stack(u, locals - bits_at, &bits, 1))
		return;
	n = find_slots(u, &in.module->gofunc_bytes, at, slots);
	for (size_t k = 0; k < n; k++) {
		unsigned char v[WORD];

		if (bits >> k & 1 && read_stack(u, locals - slots[k], v, sizeof(v)))
			see_closure(u, target_u64(v), i);
	}
}

/* Calls that are deferred in records: the frame of each has its stack pointer. */
static void see_records(struct unlock_reader *u)
{
	const struct golang_layout *l = u->p->layout;
	__u64 record, closure, sp;

	u->cut = u->cut || !read_word(u, u->g->address + l->g.defer, &record);
	for (size_t n = 0; !u->cut && record; n++) {
		if (n == RECORDS_MAX || !read_word(u, record + l->deferred.fn, &closure) ||
		    !read_word(u, record + l->deferred.sp, &sp) ||
		    !read_word(u, record + l->deferred.link, &record)) {
			u->cut = true;
			return;
		}
		for (size_t i = 0; i < u->frames.n; i++) {
			if (u->frames.frame[i].sp == sp)
				see_closure(u, closure, i);
		}
	}
}

/* ---- all of it ---- */

/* The semaphores of a lock, and how many have locked it; 0: nobody has, or others. */
static __u32 find_semaphores(struct unlock_reader *u, const struct pending *p, __u64 ret[3])
{
	const struct golang_layout *l = u->p->layout;
	__s32 state, wait;
	bool by_writer;

	ret[0] = p->lock + l->mutex.sema;
	ret[1] = p->lock + l->rwmutex.writer_sem;
	ret[2] = p->lock + l->rwmutex.reader_sem;
	if (p->kind == LOCKCODE_UNLOCKS)
		return read_half(u, p->lock + l->mutex.state, &state) && state & 1;
	if (!read_half(u, p->lock + l->rwmutex.reader_count, &state) ||
	    !read_half(u, p->lock + l->rwmutex.reader_wait, &wait) || !state || wait < 0)
		return 0;
	by_writer = state < 0 && !wait;
	if (by_writer != (p->kind == LOCKCODE_UNLOCKS_WRITE))
		return 0;
	return by_writer ? 1 : state < 0 ? wait : state;
}

static size_t fill(struct unlock_reader *u, struct unlock ret[UNLOCK_MAX])
{
	const bool by_name = waits_by_name(u);
	size_t n = 0;

	for (size_t i = 0; i < u->npending; i++) {
		const struct pending *p = &u->pending[i];
		__u64 semaphores[3];
		const __u32 most = find_semaphores(u, p, semaphores);
		const size_t more = p->kind == LOCKCODE_UNLOCKS ? 1 : 3;
		bool doubtful;

		if (!most)
			continue;
		if (n + more > UNLOCK_MAX) {
			u->cut = true;
			break;
		}
		doubtful = !by_name || !may_hold(u, p->frame);
		for (size_t k = 0; k < more; k++)
			ret[n++] = (struct unlock){ semaphores[k], most, doubtful };
	}
	return n;
}

/* Reads the stack; false: it is not there, or was moved meanwhile. */
static bool read_whole(struct unlock_reader *u)
{
	const struct golang_g *l = &u->p->layout->g;
	const struct goroutine *g = u->g;
	const bool syscall = g->status == GOROUTINE_SYSCALL;
	__u64 sp, lo;

	u->len = g->hi - g->sp;
	return target_read(u->p->target, g->sp, u->stack, u->len) &&
	       target_word(u->p->target, g->address + (syscall ? l->syscallsp : l->sched_sp),
			   &sp) &&
	       sp == g->sp && target_word(u->p->target, g->address + l->stack_lo, &lo) &&
	       lo == g->lo;
}

struct unlock_reader *unlock_new(const struct program *p)
{
	struct unlock_reader *u = calloc(1, sizeof(*u));

	if (!u)
		return NULL;
	u->p = p;
	u->has_link = p->layout->arch == GOLANG_ARM64;
	u->known = lockcode_new(p);
	if (u->known)
		return u;
	free(u);
	return NULL;
}

void unlock_free(struct unlock_reader *u)
{
	if (u)
		lockcode_free(u->known);
	free(u);
}

bool unlock_is_spent(const struct unlock_reader *u)
{
	return lockcode_is_spent(u->known);
}

bool unlock_find(struct unlock_reader *u, const struct goroutine *g, struct unlock ret[UNLOCK_MAX],
		 size_t *ret_n)
{
	const struct unwind_program program = { u->p, u->has_link, read_stack, u };
	const struct unwind_start start = goroutine_start(g);
	size_t n;

	if ((!goroutine_is_parked(g) && !start.syscall && g->status != GOROUTINE_RUNNABLE) ||
	    g->torn || g->sp % WORD || g->sp < g->lo || g->sp >= g->hi || g->hi - g->sp > STACK_MAX)
		return false;
	u->g = g;
	u->npending = 0;
	if (!read_whole(u))
		return false;
	unwind_goroutine(&program, &start, NULL, &u->frames);
	u->cut = u->frames.end != UNWIND_TOP;
	for (size_t i = 0; i < u->frames.n; i++)
		see_frame(u, i);
	see_records(u);
	n = fill(u, ret);
	if (!u->cut)
		*ret_n = n;
	return !u->cut;
}
