// SPDX-License-Identifier: GPL-2.0-only
/* stackmap.c - the words of a goroutine's stack that its code never reads again.
 *
 * Pure. Each frame has up to two bitmaps, of its local variables and of its arguments, which lie in
 * its caller's frame; and a list of variables whose address is taken, its stack objects: these live
 * when a live word of this stack points to them, as no other memory may
 * but a deferred call's record and the saved context register. Soundness:
 * a frame of which anything is not certain is kept whole; so is, as in the
 * runtime, one that a signal interrupted, where no call has a bitmap. */
#include "golang/stackmap.h"

#include <stdint.h>
#include <string.h>

#define WORD 8
#define BITS 64
#define WORDS_MAX (STACKMAP_BYTES_MAX / WORD)
#define OBJECTS_MAX 256
#define ARGS_UNKNOWN 0x80000000u /* internal/abi: ArgsSizeUnknown */

/* runtime/symtab.go, the same in all versions */
enum { PCDATA_STACKMAP = 1 };
enum { FUNCDATA_ARGS = 0, FUNCDATA_LOCALS = 1, FUNCDATA_OBJECTS = 2 };

/* struct stackmap: int32 n, nbit; then n bitmaps of whole bytes. */
enum { MAP_N = 0, MAP_NBIT = 4, MAP_BITS = 8 };
/* A list of objects: their number, then struct stackObjectRecord: int32 off,
 * size, how many bytes of it may have pointers (less than 0, before 1.24: a
 * program says which), uint32 where in rodata the bitmap of these is. */
enum {
	OBJECTS_FIRST = 8,
	OBJECT_OFFSET = 0,
	OBJECT_SIZE = 4,
	OBJECT_POINTERS = 8,
	OBJECT_MASK = 12
};
enum { OBJECT_RECORD = 16 };

struct object {
	__u64 start, end;
	const unsigned char *mask; /* of the words that may be pointers; NULL: all */
	__u32 nmask;		   /* bits */
	bool kept;
};

struct clearing {
	const struct program *p;
	bool has_link;
	__u64 lo, hi; /* what was read */
	unsigned char *bytes;
	__u64 live[WORDS_MAX / BITS];
	struct object objects[OBJECTS_MAX];
	size_t nobjects;
	__u64 room;		  /* for more of them: they do not overlap */
	__u16 queue[OBJECTS_MAX]; /* those kept, whose words are to be followed */
	size_t nqueue;
};

static __u64 word_at(const struct clearing *c, __u64 address)
{
	return target_u64(c->bytes + (address - c->lo));
}

static bool read_stack(void *arg, __u64 address, void *ret, size_t len)
{
	const struct clearing *c = arg;

	if (address < c->lo || address > c->hi || len > c->hi - address)
		return false;
	memcpy(ret, c->bytes + (address - c->lo), len);
	return true;
}

/* ---- keeping ---- */

static void keep_word(struct clearing *c, __u64 address)
{
	const __u64 i = (address - c->lo) / WORD;

	c->live[i / BITS] |= 1ull << i % BITS;
}

/* What of it was read; the rest is another goroutine's affair, or nobody's. */
static void keep(struct clearing *c, __u64 start, __u64 end)
{
	start = start > c->lo ? start : c->lo;
	end = end < c->hi ? end : c->hi;
	for (__u64 at = start / WORD * WORD; at < end; at += WORD)
		keep_word(c, at);
}

static bool is_kept(const struct clearing *c, __u64 address)
{
	const __u64 i = (address - c->lo) / WORD;

	return c->live[i / BITS] >> i % BITS & 1;
}

/* ---- one frame ---- */

/* A part of them; NULL: it is not there. */
static const unsigned char *part(const struct pclntab_bytes *b, __u64 offset, __u64 len)
{
	return b->v && offset <= b->n && len <= b->n - offset ? b->v + offset : NULL;
}

/* One of them, and its function. */
struct framed {
	const struct unwind_frame *frame;
	const struct program_module *m;
	struct pclntab_function f;
};

/* What the function says under a number; false: nothing. */
static bool funcdata(const struct framed *x, __u32 number, __u32 *ret)
{
	return pclntab_funcdata(x->m->table, &x->f, number, ret);
}

/* Keeps the words, from one on or up to one, that the bitmap with that index names. False: there is
 * none. */
static bool keep_mapped(struct clearing *c, const struct framed *x, __u32 map, __s32 index,
			__u64 from, __u64 upto)
{
	const unsigned char *head = part(&x->m->gofunc_bytes, map, MAP_BITS), *bits;
	__u32 n, nbit, size;

	if (!head)
		return false;
	n = target_u32(head + MAP_N);
	nbit = target_u32(head + MAP_NBIT);
	if (!n || n > INT32_MAX || index < 0 || (__u32)index >= n || nbit > WORDS_MAX)
		return false;
	size = (nbit + 7) / 8;
	bits = part(&x->m->gofunc_bytes, map + MAP_BITS + (__u64)index * size, size);
	from = upto ? upto - (__u64)nbit * WORD : from;
	if (!bits || from < c->lo || from > c->hi || from % WORD || (c->hi - from) / WORD < nbit)
		return false;
	for (__u32 i = 0; i < nbit; i++) {
		if (bits[i / 8] >> i % 8 & 1)
			keep_word(c, from + (__u64)i * WORD);
	}
	return true;
}

static bool add_object(struct clearing *c, const struct framed *x, const unsigned char *record,
		       __u64 locals, __u64 arguments)
{
	const __s32 offset = (__s32)target_u32(record + OBJECT_OFFSET);
	const __s32 size = (__s32)target_u32(record + OBJECT_SIZE);
	const __s32 pointers = (__s32)target_u32(record + OBJECT_POINTERS);
	const __u64 start = (offset < 0 ? locals : arguments) + (__s64)offset;
	struct object o = { .start = start, .end = start + size };

	if (c->nobjects == OBJECTS_MAX || size < 0 || start % WORD || start < c->lo ||
	    start > c->hi || (__u64)size > c->hi - start || (__u64)size > c->room ||
	    pointers > size)
		return false;
	if (pointers >= 0) {
		o.nmask = pointers / WORD;
		o.mask = part(&x->m->rodata_bytes, target_u32(record + OBJECT_MASK),
			      (o.nmask + 7) / 8);
	}
	c->room -= size;
	c->objects[c->nobjects++] = o;
	return true;
}

static bool add_objects(struct clearing *c, const struct framed *x, __u32 list, __u64 locals,
			__u64 arguments)
{
	const unsigned char *head = part(&x->m->gofunc_bytes, list, OBJECTS_FIRST), *record;
	const __u64 n = head ? target_u64(head) : 0;

	if (!head || n > OBJECTS_MAX)
		return false;
	for (__u64 i = 0; i < n; i++) {
		record = part(&x->m->gofunc_bytes, list + OBJECTS_FIRST + i * OBJECT_RECORD,
			      OBJECT_RECORD);
		if (!record || !add_object(c, x, record, locals, arguments))
			return false;
	}
	return true;
}

/* Whether all of its own words, and its objects, are known. */
static bool keep_own(struct clearing *c, const struct framed *x, __s32 index)
{
	const __u64 sp = x->frame->sp, cfa = x->frame->cfa;
	const __u64 arguments = cfa + (c->has_link ? WORD : 0);
	const __u64 locals = unwind_locals(x->frame, c->has_link);
	__u32 map;

	if (x->f.args == ARGS_UNKNOWN)
		return false; /* reflect's own, which have objects that no list names, too */
	if (locals > sp + (c->has_link ? WORD : 0) &&
	    !(funcdata(x, FUNCDATA_LOCALS, &map) && keep_mapped(c, x, map, index, 0, locals)))
		return false;
	return !funcdata(x, FUNCDATA_OBJECTS, &map) || add_objects(c, x, map, locals, arguments);
}

/* In the caller's frame. False: nobody knows how many there are. */
static bool keep_arguments(struct clearing *c, const struct framed *x, __s32 index)
{
	const __u64 at = x->frame->cfa + (c->has_link ? WORD : 0);
	__u32 map;

	if (x->f.args == ARGS_UNKNOWN)
		return false;
	if (!x->f.args || !funcdata(x, FUNCDATA_ARGS, &map) ||
	    !keep_mapped(c, x, map, index, at, 0))
		keep(c, at, at + x->f.args);
	return true;
}

/* Keeps what lives in one frame; *whole: it is to be kept whole, and then for its caller. */
static void keep_frame(struct clearing *c, const struct unwind_frame *frame, bool *whole)
{
	struct framed x = { .frame = frame };
	bool known = false, arguments = false;
	__u64 pc = frame->pc - !frame->exact;
	__s32 index = 0; /* at its entry a function has the first bitmap */

	x.m = program_function(c->p, pc, &x.f);
	if (x.m && !unwind_is_injected(&x.f)) {
		pc -= x.m->text;
		if (*whole ||
		    !(frame->exact ? pc == x.f.entry
				   : pclntab_pcdata(x.m->table, &x.f, PCDATA_STACKMAP, pc, &index)))
			index = -1;
		known = index >= 0 && keep_own(c, &x, index);
		arguments = keep_arguments(c, &x, known ? index : -1);
	}
	*whole = !arguments;
	if (!known) /* a signal's handler keeps the link register right above what it calls */
		keep(c, frame->sp, frame->cfa + (c->has_link ? UNWIND_LINK_BUMP : 0));
}

/* ---- objects ---- */

static void keep_object(struct clearing *c, size_t i)
{
	struct object *o = &c->objects[i];

	if (o->kept)
		return;
	o->kept = true;
	if (!o->mask)
		keep(c, o->start, o->end);
	for (__u32 k = 0; o->mask && k < o->nmask; k++) {
		if (o->mask[k / 8] >> k % 8 & 1)
			keep_word(c, o->start + (__u64)k * WORD);
	}
	c->queue[c->nqueue++] = i;
}

/* Keeps the objects that live words in that part point to. */
static void follow(struct clearing *c, __u64 start, __u64 end)
{
	for (__u64 at = start / WORD * WORD; at < end; at += WORD) {
		const __u64 word = is_kept(c, at) ? word_at(c, at) : 0;

		if (word < c->lo || word >= c->hi)
			continue;
		for (size_t i = 0; i < c->nobjects; i++) {
			if (word >= c->objects[i].start && word < c->objects[i].end)
				keep_object(c, i);
		}
	}
}

/* The records of deferred calls, linked from the latest on. False: one is elsewhere, in the heap,
 * and nobody knows which are linked from there: no map names them. */
static bool keep_deferred(struct clearing *c, __u64 at)
{
	const struct golang_deferred *l = &c->p->layout->deferred;

	for (__u64 n = 0; at; n++) {
		if (at % WORD || at < c->lo || at > c->hi || c->hi - at < (__u64)l->size ||
		    n == WORDS_MAX)
			return false;
		keep_word(c, at + l->fn);
		keep_word(c, at + l->link);
		at = word_at(c, at + l->link);
	}
	return true;
}

static void keep_objects(struct clearing *c, __u64 context)
{
	for (size_t i = 0; i < c->nobjects; i++) {
		if (context >= c->objects[i].start && context < c->objects[i].end)
			keep_object(c, i);
	}
	if (c->nobjects)
		follow(c, c->lo, c->hi);
	for (size_t i = 0; i < c->nqueue; i++)
		follow(c, c->objects[c->queue[i]].start, c->objects[c->queue[i]].end);
}

/* ---- all of it ---- */

void stackmap_clear(const struct program *p, const struct unwind_start *start, __u64 deferred,
		    __u64 context, unsigned char *bytes, size_t len)
{
	const bool has_link = p->layout->arch == GOLANG_ARM64;
	struct clearing c;
	const struct unwind_program program = { p, has_link, read_stack, &c };
	struct unwind_frames frames;
	bool whole = false;

	if (len > STACKMAP_BYTES_MAX || start->sp % WORD || len % WORD)
		return;
	c.p = p;
	c.has_link = has_link;
	c.lo = start->sp;
	c.hi = start->sp + len;
	c.bytes = bytes;
	c.nobjects = c.nqueue = 0;
	c.room = len;
	memset(c.live, 0, (len / WORD + BITS - 1) / BITS * sizeof(c.live[0]));
	if (!keep_deferred(&c, deferred))
		return;
	unwind_goroutine(&program, start, NULL, &frames);
	for (size_t i = 0; i < frames.n; i++)
		keep_frame(&c, &frames.frame[i], &whole);
	keep(&c, frames.n ? frames.frame[frames.n - 1].cfa : c.lo, c.hi);
	keep_objects(&c, context);
	for (__u64 at = c.lo; at < c.hi; at += WORD) {
		if (!is_kept(&c, at))
			memset(bytes + (at - c.lo), 0, WORD);
	}
}
