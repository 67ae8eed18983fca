// SPDX-License-Identifier: GPL-2.0-only
/* scan.c - what can be reached in a Go program's heap from words that are handed in.
 *
 * Pure but for the target. Objects wait by span, and spans in a queue: while a span waits for its
 * turn more of its objects are reached, which one question then reads together.
 * Soundness: what cannot be read, or is too much, is remembered in end, and ends the search. */
#include "golang/scan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "golang/stale.h"

#define WORD 8
#define BATCH (256u << 10) /* bytes of one question: what a core has near */
#define GAP 1024	   /* objects with less than that between them are read as one piece */
#define WINDOW 128	   /* words that are followed together */
#define PLAIN (~0u)
#define STACK (PLAIN - 1)
#define G (PLAIN - 2)

enum { FLAG_QUEUED = 1, FLAG_SPECIAL = 2 };

_Static_assert(BATCH <= TARGET_BYTES_MAX, "a batch is one question");
_Static_assert(SCAN_STACK_MAX + LAYOUT_G_MAX <= BATCH, "a stack and its g are in one question");

static bool get(const __u64 *bits, __u64 i)
{
	return bits[i / 64] >> i % 64 & 1;
}

static void stop(struct scan *s, enum scan_end end, const char *why)
{
	if (s->end == SCAN_WHOLE) {
		s->end = end;
		s->why = why;
	}
}

/* ---- reaching ---- */

static void enqueue(struct scan *s, __u32 span)
{
	size_t at = s->head + s->queued;

	if (s->flags[span] & FLAG_QUEUED)
		return;
	s->flags[span] |= FLAG_QUEUED;
	if (at >= s->heap->nspans)
		at -= s->heap->nspans;
	s->queue[at] = span;
	s->queued++;
}

static void wait_for_search(struct scan *s, struct heap_object o)
{
	const __u64 number = heap_number(s->heap, o);

	s->waiting[number / 64] |= 1ull << number % 64;
	enqueue(s, o.span);
}

/* The first special with that base, or where it would be. */
static const struct scan_special *find_special(const struct scan *s, __u64 base)
{
	size_t lo = 0, hi = s->nspecials;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (s->specials[mid].base < base)
			lo = mid + 1;
		else
			hi = mid;
	}
	return s->specials + lo;
}

/* Says what a special object's kind is, and tells who waits for it. */
static bool reach_special(struct scan *s, __u64 base)
{
	const struct scan_special *end = s->specials + s->nspecials;
	bool search = true;

	for (const struct scan_special *i = find_special(s, base); i < end && i->base == base;
	     i++) {
		if (i->kind == SCAN_AWAITED)
			s->reached(s->arg, i->owner);
		else if (i->kind == SCAN_CLOSED)
			search = false;
	}
	return search;
}

static void reach(struct scan *s, struct heap_object o, __u64 number)
{
	s->marked[number / 64] |= 1ull << number % 64;
	s->objects++;
	if (s->flags[o.span] & FLAG_SPECIAL && !reach_special(s, heap_base(s->heap, o)))
		return;
	if (!s->heap->spans[o.span].noscan)
		wait_for_search(s, o);
}

void scan_word(struct scan *s, __u64 word)
{
	struct heap_object o;

	if (heap_object(s->heap, word, &o) && !get(s->marked, heap_number(s->heap, o)))
		reach(s, o, heap_number(s->heap, o));
}

/* ---- searching ---- */

/* Words that point into the heap, on their way to the mark of an object: each step needs memory
 * that is seldom near, so that of all of them is asked for first. */
struct scan_window {
	struct {
		__u64 word, number;
		struct heap_object o;
	} v[WINDOW];
	size_t n;
};

static void reach_window(struct scan *s)
{
	struct scan_window *w = s->window;
	const struct heap_span *spans = s->heap->spans;
	size_t n = 0, k = 0;

	for (size_t i = 0; i < w->n; i++) {
		const __u32 span = heap_span(s->heap, w->v[i].word);

		if (!span)
			continue;
		w->v[n].word = w->v[i].word;
		w->v[n++].o.span = span - 1;
		__builtin_prefetch(&spans[span - 1]);
	}
	for (size_t i = 0; i < n; i++) {
		const struct heap_span *span = &spans[w->v[i].o.span];
		const __u64 index = heap_index(span, w->v[i].word);

		if (index >= span->n)
			continue;
		w->v[k].o = (struct heap_object){ w->v[i].o.span, (__u32)index };
		w->v[k].number = span->first + index;
		__builtin_prefetch(&s->marked[w->v[k++].number / 64], 1);
	}
	for (size_t i = 0; i < k; i++) {
		if (!get(s->marked, w->v[i].number))
			reach(s, w->v[i].o, w->v[i].number);
	}
	w->n = 0;
}

static void search_words(struct scan *s, const unsigned char *bytes, size_t n)
{
	const __u64 lo = s->heap->lo, size = s->heap->hi - lo;
	struct scan_window *w = s->window;

	for (size_t i = 0; i < n; i++) {
		__u64 word;

		memcpy(&word, bytes + WORD * i, WORD);
		if (word - lo >= size)
			continue;
		w->v[w->n++].word = word;
		heap_prefetch(s->heap, word);
		if (w->n == WINDOW)
			reach_window(s);
	}
}

/* elem and c have two words from Go 1.26 on: that is where elem no longer follows prev. */
static void search_sudog(struct scan *s, const unsigned char *bytes, size_t size)
{
	const struct golang_sudog *l = &s->program->layout->sudog;
	const size_t wide = l->elem - l->prev > WORD ? 2 : 1;

	for (size_t at = 0; at + WORD <= size; at += WORD) {
		const size_t end = at + WORD;

		if (end > l->elem + WORD - WORD * wide && end <= (size_t)l->elem + WORD)
			continue;
		if (end > l->c + WORD - WORD * wide && end <= (size_t)l->c + WORD)
			continue;
		search_words(s, bytes + at, 1);
	}
}

/* Others may be reached from its timers later on. */
static void note_p(struct scan *s, __u64 base)
{
	for (size_t i = 0; i < s->nps; i++)
		if (s->ps[i] == base)
			return;
	if (s->nps == SCAN_PS_MAX)
		stop(s, SCAN_CUT, "there are too many Ps");
	else
		s->ps[s->nps++] = base;
}

static void search_object(struct scan *s, const struct heap_span *span, __u32 index, bool special,
			  unsigned char *bytes)
{
	const __u64 base = span->start + index * span->size;

	if (special) {
		const struct scan_special *i = find_special(s, base);

		for (; i < s->specials + s->nspecials && i->base == base; i++) {
			if (i->kind == SCAN_SUDOG) {
				search_sudog(s, bytes, span->size);
				return;
			}
		}
	}
	if (stale_clear(s->program, base, bytes, span->size))
		note_p(s, base);
	search_words(s, bytes, span->size / WORD);
}

/* Those objects of a piece that wait now: perhaps more than when it was asked for. */
static void search_piece(struct scan *s, const struct scan_piece *p)
{
	unsigned char *bytes = s->buffer + p->at;
	const struct heap_span *span;
	bool special;

	if (p->span == G)
		return;
	if (p->span == STACK)
		s->stack(s->arg, p->from, bytes, p->len, s->buffer + p[1].at);
	if (p->span == PLAIN || p->span == STACK) {
		search_words(s, bytes, p->len / WORD);
		return;
	}
	span = &s->heap->spans[p->span];
	special = s->flags[p->span] & FLAG_SPECIAL;
	for (__u32 i = 0; i < p->len / span->size; i++) {
		const __u64 number = span->first + p->from + i;
		const __u64 bit = 1ull << number % 64;

		if (!(s->waiting[number / 64] & bit))
			continue;
		s->waiting[number / 64] &= ~bit;
		search_object(s, span, p->from + i, special, bytes + i * span->size);
	}
}

static void flush(struct scan *s)
{
	const struct target *t = s->program->target;
	const size_t n = s->npieces;

	s->npieces = 0;
	if (!n || s->end != SCAN_WHOLE)
		return;
	s->bytes += s->used;
	s->used = 0;
	if (s->bytes > s->limit) {
		stop(s, SCAN_CUT, "there is more memory to search than is allowed");
		return;
	}
	for (size_t i = 0; i < n; i++)
		s->question[i] = (struct target_piece){ .address = s->pieces[i].address,
							.to = s->buffer + s->pieces[i].at,
							.len = s->pieces[i].len };
	t->read(t->arg, s->question, n);
	for (size_t i = 0; i < n; i++) {
		if (!s->question[i].there)
			stop(s, SCAN_UNREADABLE, "memory that may hold pointers cannot be read");
	}
	for (size_t i = 0; i < n && s->end == SCAN_WHOLE; i++)
		search_piece(s, &s->pieces[i]);
	reach_window(s);
}

static void add_piece(struct scan *s, struct scan_piece p)
{
	if (s->npieces == TARGET_PIECES_MAX || BATCH - s->used < p.len)
		flush(s);
	if (s->end != SCAN_WHOLE)
		return;
	p.at = s->used;
	s->used += p.len;
	s->pieces[s->npieces++] = p;
}

void scan_range(struct scan *s, __u64 start, __u64 end)
{
	start = (start + WORD - 1) / WORD * WORD;
	end = end / WORD * WORD;
	while (start < end && s->end == SCAN_WHOLE) {
		const __u32 len = end - start < BATCH ? end - start : BATCH;

		add_piece(s, (struct scan_piece){ .address = start, .len = len, .span = PLAIN });
		start += len;
	}
}

void scan_stack(struct scan *s, __u32 owner, __u64 start, __u64 end, __u64 g)
{
	const __u32 size = layout_g_head(s->program->layout);

	if (s->npieces + 2 > TARGET_PIECES_MAX || BATCH - s->used < end - start + size)
		flush(s);
	add_piece(s, (struct scan_piece){
			     .address = start, .len = end - start, .span = STACK, .from = owner });
	add_piece(s, (struct scan_piece){ .address = g, .len = size, .span = G });
}

void scan_contents(struct scan *s, __u64 address)
{
	struct heap_object o;

	if (heap_object(s->heap, address, &o) && !s->heap->spans[o.span].noscan)
		wait_for_search(s, o);
}

/* ---- the queue ---- */

/* The next object that waits, from index i on; n: there is none. */
static __u32 next_waiting(const struct scan *s, const struct heap_span *span, __u32 i)
{
	while (i < span->n) {
		const __u64 number = span->first + i;
		const __u64 bits = s->waiting[number / 64] >> number % 64;

		if (bits) {
			i += __builtin_ctzll(bits);
			return i < span->n ? i : span->n;
		}
		i = i / 64 * 64 + 64;
	}
	return span->n;
}

/* Objects that are larger than a batch are no special ones, but for a
 * closed one, which never waits. */
static void add_large(struct scan *s, const struct heap_span *span)
{
	for (__u32 i = 0; (i = next_waiting(s, span, i)) < span->n; i++) {
		const __u64 number = span->first + i;

		s->waiting[number / 64] &= ~(1ull << number % 64);
		scan_range(s, span->start + i * span->size, span->start + (i + 1) * span->size);
	}
}

static void add_span(struct scan *s, __u32 index)
{
	const struct heap_span *span = &s->heap->spans[index];
	__u32 from = next_waiting(s, span, 0), last, next;

	if (span->size > BATCH / 4) {
		add_large(s, span);
		return;
	}
	while (from < span->n && s->end == SCAN_WHOLE) {
		for (last = from;; last = next) {
			next = next_waiting(s, span, last + 1);
			if (next == span->n || (next - last - 1) * span->size >= GAP ||
			    (next - from + 1) * span->size > BATCH / 4)
				break;
		}
		add_piece(s, (struct scan_piece){ .address = span->start + from * span->size,
						  .len = (last - from + 1) * span->size,
						  .span = index,
						  .from = from });
		from = next;
	}
}

bool scan_step(struct scan *s)
{
	while (s->queued && s->npieces < TARGET_PIECES_MAX && s->used < BATCH &&
	       s->end == SCAN_WHOLE) {
		const __u32 span = s->queue[s->head];

		s->head = s->head + 1 < s->heap->nspans ? s->head + 1 : 0;
		s->queued--;
		s->flags[span] &= ~FLAG_QUEUED;
		add_span(s, span);
	}
	flush(s);
	return s->end == SCAN_WHOLE && (s->queued || s->npieces);
}

/* ---- making it ---- */

__u64 scan_memory(const struct heap *heap)
{
	return heap->objects / 8 * 2 + heap->nspans * (sizeof(__u8) + sizeof(__u32)) + BATCH +
	       TARGET_PIECES_MAX * (sizeof(struct scan_piece) + sizeof(struct target_piece));
}

int scan_open(struct scan *s)
{
	s->marked = calloc(s->heap->objects / 64, sizeof(*s->marked));
	s->waiting = calloc(s->heap->objects / 64, sizeof(*s->waiting));
	s->flags = calloc(s->heap->nspans, sizeof(*s->flags));
	s->queue = calloc(s->heap->nspans, sizeof(*s->queue));
	s->pieces = calloc(TARGET_PIECES_MAX, sizeof(*s->pieces));
	s->question = calloc(TARGET_PIECES_MAX, sizeof(*s->question));
	s->buffer = malloc(BATCH);
	s->window = calloc(1, sizeof(*s->window));
	if (!s->marked || !s->waiting || !s->flags || !s->queue || !s->pieces || !s->question ||
	    !s->buffer || !s->window) {
		scan_close(s);
		return -ENOMEM;
	}
	for (size_t i = 0; i < s->nspecials; i++) {
		struct heap_object o;

		if (heap_object(s->heap, s->specials[i].base, &o))
			s->flags[o.span] |= FLAG_SPECIAL;
	}
	return 0;
}

void scan_close(struct scan *s)
{
	free(s->marked);
	free(s->waiting);
	free(s->flags);
	free(s->queue);
	free(s->pieces);
	free(s->question);
	free(s->buffer);
	free(s->window);
	s->marked = s->waiting = NULL;
	s->flags = NULL;
	s->queue = NULL;
	s->pieces = NULL;
	s->question = NULL;
	s->buffer = NULL;
	s->window = NULL;
}
