// SPDX-License-Identifier: GPL-2.0-only
/* final.c - what finalizers and cleanups keep alive: those that are set, and those that are due.
 *
 * Pure but for the target. What is set hangs on the spans (mspan.specials). What is due lies in
 * blocks outside the heap, all of which the runtime links (allfin, gcCleanups.all): each pointer
 * among the variables that leads to what looks like such a block is taken for one. These two have
 * less than 1 KiB, and the linker puts small variables first: what lies behind VARIABLES_MAX is
 * larger. mheap, whose free lists look like blocks, is left out.
 * Soundness: what is no block but looks like one can only keep more alive. */
#include "golang/final.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

#define WORD 8
#define AT_ONCE TARGET_PIECES_MAX
#define RECORDS_MAX (8u << 20)	 /* specials that are read */
#define BLOCKS_MAX (1u << 16)	 /* blocks that are read */
#define VARIABLES_MAX (2u << 20) /* bytes of a module's bss, or noptrbss, that are looked at */
#define RESULTS_MAX 65536	 /* bytes that a finalizer returns */
#define FORMS 2

static __u64 number(const unsigned char *bytes, __s32 at, unsigned int size)
{
	__u64 ret = 0;

	memcpy(&ret, bytes + at, size);
	return ret;
}

/* ---- those that are set ---- */

struct record {
	__u64 address;
	__u32 span;
};

struct records {
	const struct program *p;
	struct scan *s;
	ARRAY(struct record) now, next;
	__u64 seen;
	unsigned char bytes[AT_ONCE][LAYOUT_SPECIAL_MAX];
};

/* All words of what follows the record's head: function, argument, types. */
static void take_record(struct records *r, const struct record *record, const unsigned char *bytes)
{
	const struct golang_layout *l = r->p->layout;
	const struct heap_span *span = &r->s->heap->spans[record->span];
	const __u64 offset = number(bytes, l->special.offset, l->special.offset_size);
	const __s32 kind = bytes[l->special.kind];
	__s32 size = 0;

	if (kind == l->heap.special_finalizer)
		size = l->special_finalizer.size;
	else if (kind == l->heap.special_cleanup)
		size = l->special_cleanup.size;
	for (__s32 at = l->special.size; at + WORD <= size; at += WORD)
		scan_word(r->s, number(bytes, at, WORD));
	if (kind == l->heap.special_finalizer && offset < span->size * span->n)
		scan_contents(r->s, span->start + offset);
	/* Whoever has a weak pointer gets at the object while something keeps it, be it the stack
	 * of a goroutine that waits on it. */
	if (kind == l->heap.special_weak_handle && offset < span->size * span->n)
		scan_word(r->s, span->start + offset);
}

static int read_records(struct records *r, const struct record *v, size_t n)
{
	const struct golang_layout *l = r->p->layout;
	const struct target *t = r->p->target;
	struct target_piece pieces[AT_ONCE];
	size_t k = 0;

	for (size_t i = 0; i < n; i++)
		pieces[i] = (struct target_piece){ v[i].address, r->bytes[i], l->special.size };
	t->read(t->arg, pieces, n);
	for (size_t i = 0; i < n; i++) {
		const __s32 kind = r->bytes[i][l->special.kind];
		const __u64 next = number(r->bytes[i], l->special.next, WORD);

		if (!pieces[i].there)
			return -EIO;
		if (next && array_push(&r->next, (struct record){ next, v[i].span }))
			return -ENOMEM;
		if (kind == l->heap.special_finalizer)
			pieces[k++] = (struct target_piece){ v[i].address, r->bytes[i],
							     l->special_finalizer.size };
		else if (kind == l->heap.special_cleanup)
			pieces[k++] = (struct target_piece){ v[i].address, r->bytes[i],
							     l->special_cleanup.size };
	}
	if (k)
		t->read(t->arg, pieces, k);
	for (size_t i = 0; i < k; i++) {
		if (!pieces[i].there)
			return -EIO;
	}
	for (size_t i = 0; i < n; i++)
		take_record(r, &v[i], r->bytes[i]);
	return 0;
}

/* The first ones of all spans, then the second ones, and so on. */
static int read_all_records(struct records *r)
{
	const struct heap *h = r->s->heap;
	int e = 0;

	for (size_t i = 0; i < h->nspans; i++) {
		if (h->spans[i].specials &&
		    array_push(&r->now, (struct record){ h->spans[i].specials, (__u32)i }))
			return -ENOMEM;
	}
	while (!e && r->now.n) {
		r->seen += r->now.n;
		if (r->seen > RECORDS_MAX)
			return -E2BIG;
		for (size_t i = 0; !e && i < r->now.n; i += AT_ONCE)
			e = read_records(r, r->now.v + i,
					 r->now.n - i < AT_ONCE ? r->now.n - i : AT_ONCE);
		array_free(&r->now);
		r->now.v = r->next.v;
		r->now.n = r->next.n;
		r->now.cap = r->next.cap;
		memset(&r->next, 0, sizeof(r->next));
	}
	return e;
}

static int scan_records(const struct program *p, struct scan *s)
{
	_cleanup_free_ struct records *r = calloc(1, sizeof(*r));
	int e;

	if (!r)
		return -ENOMEM;
	r->p = p;
	r->s = s;
	e = read_all_records(r);
	array_free(&r->now);
	array_free(&r->next);
	return e;
}

/* ---- those that are due ---- */

/* How blocks of one kind look. */
struct form {
	__s32 alllink, count, entries, size, block;
	__s32 results; /* in an entry: bytes that the function returns; -1: it has no such thing */
};

struct blocks {
	const struct program *p;
	struct scan *s;
	struct form forms[FORMS];
	size_t nforms;
	unsigned int left; /* that may still be read */
	__u64 words[TARGET_BYTES_MAX / WORD];
};

static bool is_block(const struct form *f, const unsigned char *bytes)
{
	const __u64 n = number(bytes, f->count, 4), link = number(bytes, f->alllink, WORD);
	const __u64 fn = number(bytes, f->entries, WORD);

	if (link % WORD || link >> 56 || number(bytes, f->count + 4, 4) ||
	    n > (__u64)(f->block - f->entries) / f->size)
		return false;
	return !n ||
	       (fn && fn % WORD == 0 &&
		(f->results < 0 || number(bytes, f->entries + f->results, WORD) < RESULTS_MAX));
}

/* The block at an address, if it is one, and those that it links to. */
static void follow(struct blocks *b, const struct form *f, __u64 block, const unsigned char *head)
{
	unsigned char bytes[LAYOUT_BLOCK_HEAD];
	struct heap_object o;

	memcpy(bytes, head, sizeof(bytes));
	while (is_block(f, bytes)) {
		if (number(bytes, f->count, 4))
			scan_range(b->s, block + f->entries,
				   block + f->entries + number(bytes, f->count, 4) * f->size);
		block = number(bytes, f->alllink, WORD);
		if (!block || heap_object(b->s->heap, block, &o) || !b->left)
			return;
		b->left--;
		if (!target_read(b->p->target, block, bytes, LAYOUT_BLOCK_HEAD))
			return;
	}
}

static void try_words(struct blocks *b, size_t n)
{
	unsigned char bytes[AT_ONCE][LAYOUT_BLOCK_HEAD];
	struct target_piece pieces[AT_ONCE];
	struct heap_object o;
	size_t k = 0;

	for (size_t i = 0; i <= n; i++) {
		const __u64 word = i < n ? b->words[i] : 0;

		if (word > 4096 && word % WORD == 0 && word >> 56 == 0 &&
		    !heap_object(b->s->heap, word, &o)) {
			pieces[k] = (struct target_piece){ word, bytes[k], LAYOUT_BLOCK_HEAD };
			k++;
		}
		if (k < AT_ONCE && i < n)
			continue;
		target_read_all(b->p->target, pieces, k);
		for (size_t j = 0; j < k; j++) {
			for (size_t f = 0; f < b->nforms && pieces[j].there; f++)
				follow(b, &b->forms[f], pieces[j].address, bytes[j]);
		}
		k = 0;
	}
}

static int try_range(struct blocks *b, __u64 start, __u64 end)
{
	start = (start + WORD - 1) / WORD * WORD;
	while (start < end && end - start >= WORD) {
		const size_t n =
			(end - start < sizeof(b->words) ? end - start : sizeof(b->words)) / WORD;

		if (!target_read(b->p->target, start, b->words, WORD * n))
			return -EIO;
		try_words(b, n);
		start += WORD * n;
	}
	return b->left ? 0 : -E2BIG;
}

static int try_variables(struct blocks *b, __u64 start, __u64 end)
{
	struct heap_range kept;
	int r = 0;

	if (end > start && end - start > VARIABLES_MAX)
		end = start + VARIABLES_MAX;
	for (; !r && heap_kept(b->s->heap, start, end, &kept); start = kept.end)
		r = try_range(b, kept.start, kept.end);
	return r;
}

static int scan_blocks(const struct program *p, struct scan *s)
{
	const struct golang_layout *l = p->layout;
	_cleanup_free_ struct blocks *b = calloc(1, sizeof(*b));
	int r = 0;

	if (!b)
		return -ENOMEM;
	b->p = p;
	b->s = s;
	b->left = BLOCKS_MAX;
	b->forms[b->nforms++] = (struct form){ l->finblock.alllink, l->finblock.count,
					       l->finblock.fin,	    l->finalizer.size,
					       l->finblock.size,    l->finalizer.arg + WORD };
	if (l->cleanup_block.size > 0)
		b->forms[b->nforms++] = (struct form){
			l->cleanup_block.alllink,  l->cleanup_block.count,
			l->cleanup_block.cleanups, l->cleanup_block.cleanup_size,
			l->cleanup_block.size,	   -1,
		};
	if (p->nmodules)
		r = try_variables(b, p->modules[0].bss, p->modules[0].ebss);
	if (!r && p->nmodules)
		r = try_variables(b, p->modules[0].noptrbss, p->modules[0].enoptrbss);
	return r;
}

int final_scan(const struct program *p, struct scan *s)
{
	const int r = scan_records(p, s);

	return r ? r : scan_blocks(p, s);
}
