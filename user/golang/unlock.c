// SPDX-License-Identifier: GPL-2.0-only
/* unlock.c - which locks a goroutine that waits is to unlock when its calls return.
 *
 * Pure but for the target. What a function calls is read in its code: calls of x86_64 and arm64 whose
 * target is where a function of sync begins are no chance.
 * Soundness: who unlocks for a while what it has deferred to unlock (`l.Unlock(); wait(); l.Lock()`,
 * Cond.Wait) does not hold it meanwhile; so a call that unlocks anything and stands before the call
 * under way, in a function of the stack from the one that deferred it on, makes it unknown. */
#include "golang/unlock.h"

#include <stdlib.h>
#include <string.h>

#include "golang/inlined.h"
#include "golang/unwind.h"

#define WORD 8
#define STACK_MAX (128u << 10)
#define CODE_MAX (64u << 10) /* of one function */
#define RECORDS_MAX 256
#define OPEN_MAX 8     /* calls that a function may defer in slots of its frame (ssagen/ssa.go) */
#define DEPTH_MAX 16   /* of inlined calls */
#define SLOTS_SINCE 22 /* the minor version from which on the slots lie in a row */

enum { FUNCDATA_OPEN_DEFERS = 4 }; /* internal/abi/symtab.go, the same in all versions */

/* What a call does: it unlocks one of these, or locks any. */
enum kind { NOTHING, MUTEX, RWMUTEX, LOCKS };

/* An inlined call, or the function itself. */
struct level {
	struct pclntab_name name;
	__u32 line;
};

/* Where an instruction stands, from the function on inwards. */
struct place {
	struct level level[DEPTH_MAX];
	size_t n;
};

/* Of one function; at is behind the call that was told last. */
struct code {
	struct pclntab_function function;
	size_t len, at;
	unsigned char v[CODE_MAX];
};

struct unlock_reader {
	const struct program *p;
	int wrapper;
	bool has_link;
	const struct goroutine *g;
	__u64 *ret;
	size_t n;
	size_t len; /* of the stack */
	struct unwind_frames frames;
	unsigned char stack[STACK_MAX];
	struct code code, callee;
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
static bool read_any(struct unlock_reader *u, __u64 address, void *ret, size_t len)
{
	return read_stack(u, address, ret, len) || target_read(u->p->target, address, ret, len);
}

static bool read_word(struct unlock_reader *u, __u64 address, __u64 *ret)
{
	unsigned char v[WORD];

	if (!read_any(u, address, v, sizeof(v)))
		return false;
	*ret = target_u64(v);
	return true;
}

static bool read_half(struct unlock_reader *u, __u64 address, __u32 *ret)
{
	unsigned char v[WORD / 2];

	if (!read_any(u, address, v, sizeof(v)))
		return false;
	*ret = target_u32(v);
	return true;
}

/* ---- code ---- */

static enum kind kind_of(struct pclntab_name name)
{
	static const struct {
		const char *name;
		enum kind kind;
	} known[] = {
		{ "sync.(*Mutex).Unlock", MUTEX },
		{ "sync.(*Mutex).unlockSlow", MUTEX },
		{ "internal/sync.(*Mutex).Unlock", MUTEX },
		{ "internal/sync.(*Mutex).unlockSlow", MUTEX },
		{ "sync.(*RWMutex).Unlock", RWMUTEX },
		{ "sync.(*RWMutex).RUnlock", RWMUTEX },
		{ "sync.(*RWMutex).rUnlockSlow", RWMUTEX },
		{ "sync.(*Mutex).Lock", LOCKS },
		{ "sync.(*Mutex).lockSlow", LOCKS },
		{ "internal/sync.(*Mutex).Lock", LOCKS },
		{ "internal/sync.(*Mutex).lockSlow", LOCKS },
		{ "sync.(*RWMutex).Lock", LOCKS },
		{ "sync.(*RWMutex).RLock", LOCKS },
		{ "sync.runtime_SemacquireMutex", LOCKS }, /* of RLock, inlined */
		{ "sync.runtime_SemacquireRWMutexR", LOCKS },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (pclntab_is(name, known[i].name))
			return known[i].kind;
	}
	return NOTHING;
}

static bool begins(struct pclntab_name name, const char *text)
{
	const size_t n = strlen(text);

	return name.n > n && !memcmp(name.v, text, n);
}

static bool is_of_sync(struct pclntab_name name)
{
	return begins(name, "sync.") || begins(name, "internal/sync.");
}

/* False: it is not there, or too long. */
static bool read_code(const struct unlock_reader *u, const struct pclntab_function *f,
		      struct code *ret)
{
	ret->function = *f;
	ret->len = f->end - f->entry;
	ret->at = 0;
	return f->end > f->entry && f->end - f->entry <= CODE_MAX &&
	       target_read(u->p->target, u->p->modules[0].text + f->entry, ret->v, ret->len);
}

/* The next call of a known function. *ret_back: where it returns to. */
static bool next_call(const struct unlock_reader *u, struct code *c, struct pclntab_function *ret,
		      __u64 *ret_back)
{
	const size_t step = u->has_link ? 4 : 1, size = u->has_link ? 4 : 5;

	while (c->at + size <= c->len) {
		const size_t at = c->at;
		const __u32 word = target_u32(c->v + at + size - 4);
		__u64 to;

		c->at += step;
		if (u->has_link ? word >> 26 != 0x25 : c->v[at] != 0xe8) /* BL, CALL rel32 */
			continue;
		*ret_back = c->function.entry + at + size;
		to = u->has_link ? *ret_back - size + (__u64)((__s64)(__s32)(word << 6) >> 6) * 4
				 : *ret_back + (__s64)(__s32)word;
		if (!pclntab_find(u->p->table, to, ret) && ret->entry == to)
			return true;
	}
	return false;
}

/* Whether a function unlocks something, and locks nothing. */
static bool only_unlocks(struct unlock_reader *u, const struct pclntab_function *f)
{
	struct pclntab_function called;
	bool unlocks = false;
	__u64 back;

	if (begins(f->name, "runtime.") || is_of_sync(f->name))
		return false;
	if (!read_code(u, f, &u->callee))
		return true; /* who knows */
	while (next_call(u, &u->callee, &called, &back)) {
		const enum kind kind = kind_of(called.name);

		if (kind == LOCKS)
			return false;
		unlocks = unlocks || kind;
	}
	return unlocks;
}

/* ---- places in the source ---- */

/* False: not known. */
static bool find_place(const struct unlock_reader *u, const struct pclntab_function *f, __u64 pc,
		       struct place *ret)
{
	struct inlined_call call;
	struct inlined i;
	size_t n = DEPTH_MAX;

	inlined_begin(u->p->table, f, u->p->gofunc, pc, &i);
	while (inlined_next(&i, &call)) {
		if (!n || !call.place.file.n)
			return false;
		ret->level[--n] = (struct level){ call.name, call.place.line };
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
	for (size_t i = 0; i < x->n && i < y->n && is_same(x->level[i].name, y->level[i].name);
	     i++) {
		if (x->level[i].line != y->level[i].line)
			return x->level[i].line > y->level[i].line;
	}
	return false;
}

/* ---- what a goroutine has unlocked for a while ---- */

static __u64 pc_of(const struct unlock_reader *u, const struct unwind_frame *frame)
{
	return frame->pc - u->p->modules[0].text - !frame->exact;
}

/* Whether a call that unlocks stands before the one that is under way in that frame: of an unlock, or
 * of a function that does only that. */
static bool unlocks_before(struct unlock_reader *u, const struct unwind_frame *frame)
{
	const __u64 pc = pc_of(u, frame);
	struct pclntab_function f, called;
	struct place now, other;
	__u64 back;

	if (pclntab_find(u->p->table, pc, &f))
		return true;
	if (begins(f.name, "runtime."))
		return false;
	if (pclntab_is(f.name, "sync.(*Cond).Wait") || !read_code(u, &f, &u->code) ||
	    !find_place(u, &f, pc, &now))
		return true;
	while (next_call(u, &u->code, &called, &back)) {
		const enum kind kind = kind_of(called.name);

		if (kind == LOCKS || back == pc + !frame->exact)
			continue;
		if (find_place(u, &f, back - 1, &other) && stands_behind(&other, &now))
			continue;
		if (kind || only_unlocks(u, &called))
			return true;
	}
	return false;
}

/* Whether the function of that frame itself calls the lock that is waited for. */
static bool calls_lock(const struct unlock_reader *u, size_t i)
{
	struct pclntab_function f;
	struct place now;

	if (pclntab_find(u->p->table, pc_of(u, &u->frames.frame[i]), &f) ||
	    !find_place(u, &f, pc_of(u, &u->frames.frame[i]), &now))
		return true;
	if (now.n > 1)
		return is_of_sync(now.level[1].name);
	return !i || pclntab_find(u->p->table, pc_of(u, &u->frames.frame[i - 1]), &f) ||
	       is_of_sync(f.name);
}

static bool may_hold(struct unlock_reader *u, size_t frame, bool waits_for_it)
{
	for (size_t i = 0; i <= frame; i++) {
		if (unlocks_before(u, &u->frames.frame[i]))
			return false;
	}
	return !waits_for_it || !calls_lock(u, frame);
}

/* ---- deferred calls ---- */

/* The semaphores of a lock; 0: it is not locked. */
static size_t find_semaphores(struct unlock_reader *u, __u64 lock, enum kind kind, __u64 ret[3])
{
	const struct golang_layout *l = u->p->layout;
	__u32 state;

	ret[0] = lock + l->mutex.sema;
	ret[1] = lock + l->rwmutex.writer_sem;
	ret[2] = lock + l->rwmutex.reader_sem;
	if (kind == MUTEX)
		return read_half(u, lock + l->mutex.state, &state) && state & 1 ? 1 : 0;
	return read_half(u, lock + l->rwmutex.reader_count, &state) && state ? 3 : 0;
}

static void add(struct unlock_reader *u, __u64 lock, enum kind kind, size_t frame)
{
	__u64 semaphores[3];
	const size_t n = find_semaphores(u, lock, kind, semaphores);
	bool waits_for_it = false;

	for (size_t i = 0; i < n; i++)
		waits_for_it = waits_for_it || u->g->objects[0].address == semaphores[i];
	if (!n || !may_hold(u, frame, waits_for_it))
		return;
	for (size_t i = 0; i < n && u->n < UNLOCK_MAX; i++)
		u->ret[u->n++] = semaphores[i];
}

/* A function value, deferred in that frame. */
static void see_closure(struct unlock_reader *u, __u64 closure, size_t frame)
{
	const __u64 text = u->p->modules[0].text;
	struct pclntab_function f, called;
	enum kind kind = NOTHING;
	__u64 pc, lock, back;

	if (!closure || !read_word(u, closure, &pc) || !read_word(u, closure + WORD, &lock) ||
	    !lock || pclntab_find(u->p->table, pc - text, &f) || pc - text != f.entry ||
	    u->wrapper < 0 || f.id != u->wrapper || !read_code(u, &f, &u->code))
		return;
	while (!kind && next_call(u, &u->code, &called, &back))
		kind = kind_of(called.name);
	if (kind == MUTEX || kind == RWMUTEX)
		add(u, lock, kind, frame);
}

/* Numbers of 7 bits each, the lowest first; the last has no high bit. */
static bool next_number(struct pclntab_bytes *b, __u32 *ret)
{
	__u32 n = 0;

	for (unsigned int shift = 0; shift < 32 && b->n; shift += 7) {
		const unsigned char byte = *b->v++;

		b->n--;
		n |= (__u32)(byte & 0x7f) << shift;
		if (!(byte & 0x80)) {
			*ret = n;
			return true;
		}
	}
	return false;
}

/* Where the slots of a frame are, below its variables. How many there are; 0: not known. */
static size_t find_slots(const struct unlock_reader *u, struct pclntab_bytes b, __u32 ret[OPEN_MAX])
{
	__u32 n;

	if (u->p->layout->minor >= SLOTS_SINCE) {
		if (!next_number(&b, &n))
			return 0;
		for (__u32 i = 0; i < OPEN_MAX; i++)
			ret[i] = n - i * WORD;
		return OPEN_MAX;
	}
	if (!next_number(&b, &n) || n > OPEN_MAX)
		return 0;
	for (__u32 i = n; i--;) {
		if (!next_number(&b, &ret[i]))
			return 0;
	}
	return n;
}

/* Calls that are deferred in slots of a frame. */
static void see_frame(struct unlock_reader *u, size_t i)
{
	const struct unwind_frame *frame = &u->frames.frame[i];
	const __u64 locals = unwind_locals(frame, u->has_link);
	struct pclntab_bytes b = u->p->gofunc;
	__u32 data, bits_at, slots[OPEN_MAX];
	struct pclntab_function f;
	__u64 closure;
	size_t n;
	__u8 bits;

	if (pclntab_find(u->p->table, pc_of(u, frame), &f) ||
	    !pclntab_funcdata(u->p->table, &f, FUNCDATA_OPEN_DEFERS, &data) || !b.v || data > b.n)
		return;
	b.v += data;
	b.n -= data;
	if (!next_number(&b, &bits_at) || !read_stack(u, locals - bits_at, &bits, 1))
		return;
	n = find_slots(u, b, slots);
	for (size_t k = 0; k < n; k++) {
		unsigned char v[WORD];

		if (!(bits >> k & 1) || !read_stack(u, locals - slots[k], v, sizeof(v)))
			continue;
		closure = target_u64(v);
		see_closure(u, closure, i);
	}
}

/* Calls that are deferred in records: the frame of each has its stack pointer. */
static void see_records(struct unlock_reader *u)
{
	const struct golang_layout *l = u->p->layout;
	__u64 record, closure, sp;

	if (!read_word(u, u->g->address + l->g.defer, &record))
		return;
	for (size_t n = 0; record && n < RECORDS_MAX; n++) {
		if (!read_word(u, record + l->deferred.fn, &closure) ||
		    !read_word(u, record + l->deferred.sp, &sp) ||
		    !read_word(u, record + l->deferred.link, &record))
			return;
		for (size_t i = 0; i < u->frames.n; i++) {
			if (u->frames.frame[i].sp == sp)
				see_closure(u, closure, i);
		}
	}
}

/* ---- all of it ---- */

struct unlock_reader *unlock_new(const struct program *p, int wrapper)
{
	struct unlock_reader *u = malloc(sizeof(*u));

	if (!u)
		return NULL;
	u->p = p;
	u->wrapper = wrapper;
	u->has_link = p->layout->arch == GOLANG_ARM64;
	return u;
}

void unlock_free(struct unlock_reader *u)
{
	free(u);
}

size_t unlock_find(struct unlock_reader *u, const struct goroutine *g, __u64 ret[UNLOCK_MAX])
{
	const struct unwind_program program = { u->p->table, u->p->modules[0].text, u->has_link,
						read_stack, u };
	const struct unwind_start start = {
		.pc = g->pc, .sp = g->sp, .lr = g->lr, .lo = g->lo, .hi = g->hi
	};

	if (!goroutine_is_parked(g) || g->torn || g->sp % WORD || g->sp < g->lo || g->sp >= g->hi ||
	    g->hi - g->sp > STACK_MAX)
		return 0;
	u->g = g;
	u->ret = ret;
	u->n = 0;
	u->len = g->hi - g->sp;
	if (!target_read(u->p->target, g->sp, u->stack, u->len))
		return 0;
	unwind_goroutine(&program, &start, NULL, &u->frames);
	for (size_t i = 0; i < u->frames.n; i++)
		see_frame(u, i);
	see_records(u);
	return u->n;
}
