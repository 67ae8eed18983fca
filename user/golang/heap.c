// SPDX-License-Identifier: GPL-2.0-only
/* heap.c - which object of a Go program's heap an address lies in.
 *
 * Pure but for the target. All spans that ever were are in mheap_.allspans, and their records lie
 * outside the heap, for ever: so they are read once, in bulk, and neither arenas nor page tables.
 * Soundness: a span that makes no sense, or that overlaps another, ends it with an error: a heap of
 * which a part is not seen would make what lives look dead. */
#include "golang/heap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"
#include "base/cleanup.h"

#define WORD 8
#define SEARCH_MAX (1u << 30) /* bytes in which mheap_ is searched */
#define TABLE_ALIGN 4096      /* of the array that mheap_.arenas points to: mapped for it alone */
#define SPANS_AT_ONCE 512
#define ADDRESS_MAX (1ull << 56)

_Static_assert(SPANS_AT_ONCE <= TARGET_PIECES_MAX &&
		       SPANS_AT_ONCE * LAYOUT_SPAN_MAX <= TARGET_BYTES_MAX,
	       "one question has room for them");

static __u64 number(const unsigned char *bytes, __s32 at, unsigned int size)
{
	__u64 ret = 0;

	memcpy(&ret, bytes + at, size);
	return ret;
}

/* ---- mheap_ ---- */

struct search {
	const struct program *p;
	__u64 g; /* a pointer to a goroutine, so into the heap */
};

static bool read_slice(const struct target *t, __u64 address, __u64 *ret, __u64 *ret_n)
{
	__u64 slice[3];

	if (!target_read(t, address, slice, sizeof(slice)) || !slice[0] || slice[0] % WORD ||
	    !slice[1] || slice[1] > slice[2] || slice[2] > ADDRESS_MAX / WORD)
		return false;
	*ret = slice[0];
	*ret_n = slice[1];
	return true;
}

/* Whether it leads to a span in use that holds the goroutine. */
static bool is_mheap(const struct search *s, __u64 mheap, __u64 arena)
{
	const struct golang_layout *l = s->p->layout;
	const __u64 page = (s->g - l->arena_base_offset) / l->heap.page_bytes % l->heap.arena_pages;
	unsigned char bytes[LAYOUT_SPAN_MAX];
	__u64 span, start, all, n;

	if (!target_word(s->p->target, arena + l->heap_arena.spans + WORD * page, &span) || !span ||
	    !target_read(s->p->target, span, bytes, l->mspan.size))
		return false;
	start = number(bytes, l->mspan.start, WORD);
	return bytes[l->mspan.state] == l->heap.span_in_use && start <= s->g &&
	       (s->g - start) / l->heap.page_bytes < number(bytes, l->mspan.npages, WORD) &&
	       number(bytes, l->mspan.elemsize, WORD) >= (__u64)l->g.size &&
	       read_slice(s->p->target, mheap + l->mheap.allspans, &all, &n);
}

/* Words of data at `at` may be mheap_.arenas. */
static bool search_words(const struct search *s, const __u64 *words, size_t n, __u64 at, __u64 *ret)
{
	const struct golang_layout *l = s->p->layout;
	const __u64 index = (s->g - l->arena_base_offset) / l->heap.arena_bytes;
	struct target_piece pieces[64];
	__u64 mheaps[64], arenas[64];
	size_t k = 0;

	for (size_t i = 0; i <= n; i++) {
		if (i < n && words[i] && words[i] % TABLE_ALIGN == 0 && words[i] < ADDRESS_MAX) {
			mheaps[k] = at + WORD * i - l->mheap.arenas;
			pieces[k] =
				(struct target_piece){ words[i] + WORD * index, &arenas[k], WORD };
			k++;
		}
		if (k < 64 && i < n)
			continue;
		if (k)
			target_read_all(s->p->target, pieces, k);
		for (size_t j = 0; j < k; j++) {
			if (pieces[j].there && arenas[j] && is_mheap(s, mheaps[j], arenas[j])) {
				*ret = mheaps[j];
				return true;
			}
		}
		k = 0;
	}
	return false;
}

static int search_range(const struct search *s, __u64 start, __u64 end, __u64 *words, __u64 *ret)
{
	start = (start + WORD - 1) / WORD * WORD;
	if (end > start && end - start > SEARCH_MAX)
		end = start + SEARCH_MAX;
	while (start < end && end - start >= WORD) {
		const size_t n = end - start < TARGET_BYTES_MAX ? (end - start) / WORD
								: TARGET_BYTES_MAX / WORD;

		if (!target_read(s->p->target, start, words, WORD * n))
			return -EIO;
		if (search_words(s, words, n, start, ret))
			return 0;
		start += WORD * n;
	}
	return -ENOENT;
}

/* Some pointers to goroutines; the first may be none into the heap. */
static int find_mheap(const struct program *p, __u64 *ret)
{
	struct search s = { .p = p };
	_cleanup_free_ __u64 *words = malloc(TARGET_BYTES_MAX);
	__u64 all, n;

	if (!words)
		return -ENOMEM;
	if (!read_slice(p->target, p->allgs, &all, &n))
		return -EIO;
	for (__u64 i = 0; i < n && i < 4; i++) {
		if (!target_word(p->target, all + WORD * i, &s.g))
			return -EIO;
		for (size_t k = 0; k < p->nmodules && k < 1; k++) {
			const struct program_module *m = &p->modules[k];

			if (!search_range(&s, m->bss, m->ebss, words, ret) ||
			    !search_range(&s, m->noptrbss, m->enoptrbss, words, ret))
				return 0;
		}
	}
	return -ENOENT;
}

/* ---- its spans ---- */

struct load {
	const struct program *p;
	struct heap *before; /* what has changed since is asked for; NULL: everything is */
	__u64 memory;	     /* that may still be taken */
	ARRAY(struct heap_span) spans;
	ARRAY(struct heap_range) records;
	ARRAY(struct heap_range) changed;
	unsigned char bytes[SPANS_AT_ONCE][LAYOUT_SPAN_MAX];
};

/* An array grows by half, and is copied. */
static int take_memory(struct load *load, size_t size)
{
	if (load->memory < 2 * size)
		return -E2BIG;
	load->memory -= 2 * size;
	return 0;
}

/* A span that was made since, or is for other objects than it was; of others, what they have
 * besides may be new. */
static int add_changed(struct load *load, const struct heap_span *s)
{
	const __u32 i = heap_span(load->before, s->start);
	struct heap_span *was = i ? &load->before->spans[i - 1] : NULL;
	const struct heap_range range = { s->start, s->start + s->size * s->n };
	int r;

	if (was && was->start == s->start && was->size == s->size && was->n == s->n)
		was->specials = s->specials;
	else
		was = NULL;
	if (s->noscan || (was && !was->noscan))
		return 0;
	r = take_memory(load, sizeof(range));
	return r ? r : array_push(&load->changed, range) ? -ENOMEM : 0;
}

static int add_span(struct load *load, const unsigned char *bytes)
{
	const struct golang_layout *l = load->p->layout;
	const __u64 npages = number(bytes, l->mspan.npages, WORD);
	struct heap_span s = {
		.start = number(bytes, l->mspan.start, WORD),
		.size = number(bytes, l->mspan.elemsize, WORD),
		.specials = number(bytes, l->mspan.specials, WORD),
		.noscan = bytes[l->mspan.spanclass] & 1,
	};
	const __u64 n = number(bytes, l->mspan.nelems, l->mspan.nelems_size);
	int r;

	if (bytes[l->mspan.state] != l->heap.span_in_use)
		return 0;
	if (!s.start || s.start % l->heap.page_bytes || s.start >= ADDRESS_MAX || !npages ||
	    npages > ADDRESS_MAX / l->heap.page_bytes || s.size < WORD || s.size % WORD || !n ||
	    n > ~0u || s.size > npages * l->heap.page_bytes / n)
		return -EAGAIN;
	s.n = (__u32)n;
	s.inverse = ~0ull / s.size + 1;
	if (load->before)
		return add_changed(load, &s);
	r = take_memory(load, sizeof(s));
	return r ? r : array_push(&load->spans, s) ? -ENOMEM : 0;
}

/* Most are made one behind the other. */
static int add_record(struct load *load, __u64 start)
{
	struct heap_range *last = load->records.n ? &load->records.v[load->records.n - 1] : NULL;
	const struct heap_range range = { start, start + load->p->layout->mspan.size };
	int r;

	if (range.end < start)
		return -EAGAIN;
	if (last && last->end == start) {
		last->end = range.end;
		return 0;
	}
	r = take_memory(load, sizeof(range));
	return r ? r : array_push(&load->records, range) ? -ENOMEM : 0;
}

static int compare_records(const void *a, const void *b)
{
	const struct heap_range *x = a, *y = b;

	return (x->start > y->start) - (x->start < y->start);
}

/* Sorts them, and makes one of those that meet. */
static void take_records(struct heap *h, struct heap_range *v, size_t count)
{
	size_t n = 0;

	if (count)
		qsort(v, count, sizeof(*v), compare_records);
	for (size_t i = 0; i < count; i++) {
		if (n && v[i].start <= v[n - 1].end)
			v[n - 1].end = v[i].end > v[n - 1].end ? v[i].end : v[n - 1].end;
		else
			v[n++] = v[i];
	}
	h->records = v;
	h->nrecords = n;
}

int heap_leave_out(struct heap *h, const struct heap_range *ranges, size_t n)
{
	struct heap_range *v = reallocarray(h->records, h->nrecords + n, sizeof(*v));

	if (!v)
		return h->nrecords + n ? -ENOMEM : 0;
	for (size_t i = 0; i < n; i++)
		v[h->nrecords + i] = ranges[i];
	take_records(h, v, h->nrecords + n);
	return 0;
}

bool heap_kept(const struct heap *h, __u64 at, __u64 end, struct heap_range *ret)
{
	size_t lo = 0, hi = h->nrecords;

	while (lo < hi) {
		const size_t mid = lo + (hi - lo) / 2;

		if (h->records[mid].end <= at)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; lo < h->nrecords && h->records[lo].start <= at; lo++)
		at = h->records[lo].end;
	ret->start = at;
	ret->end = lo < h->nrecords && h->records[lo].start < end ? h->records[lo].start : end;
	return at < end;
}

static int read_spans(struct load *load, const __u64 *addresses, size_t n)
{
	struct target_piece pieces[SPANS_AT_ONCE];
	int r;

	for (size_t i = 0; i < n; i++)
		pieces[i] = (struct target_piece){ addresses[i], load->bytes[i],
						   load->p->layout->mspan.size };
	load->p->target->read(load->p->target->arg, pieces, n);
	for (size_t i = 0; i < n; i++) {
		if (!pieces[i].there)
			return -EIO;
		r = load->before ? 0 : add_record(load, addresses[i]);
		r = r ? r : add_span(load, load->bytes[i]);
		if (r)
			return r;
	}
	return 0;
}

static int read_all(struct load *load, __u64 mheap)
{
	__u64 addresses[SPANS_AT_ONCE], all, n;
	int r;

	if (!read_slice(load->p->target, mheap + load->p->layout->mheap.allspans, &all, &n))
		return -EIO;
	if (n > load->memory / sizeof(struct heap_span)) /* those not in use cost time, too */
		return -E2BIG;
	for (__u64 i = 0; i < n; i += SPANS_AT_ONCE) {
		const size_t k = n - i < SPANS_AT_ONCE ? n - i : SPANS_AT_ONCE;

		if (!target_read(load->p->target, all + WORD * i, addresses, WORD * k))
			return -EIO;
		r = read_spans(load, addresses, k);
		if (r)
			return r;
	}
	return 0;
}

/* ---- from addresses to spans ---- */

static int enter_span(struct heap *h, __u32 index, __u64 *memory)
{
	const struct heap_span *s = &h->spans[index];
	const __u64 end = s->start + s->size * s->n;

	for (__u64 at = s->start; at < end; at += 1ull << h->page_shift) {
		__u32 **pages = &h->arenas[(at - h->lo) >> h->arena_shift];
		const __u64 in_arena = (at - h->lo) & ((1ull << h->arena_shift) - 1);
		const size_t bytes = sizeof(__u32) << (h->arena_shift - h->page_shift);

		if (!*pages) {
			if (*memory < bytes)
				return -E2BIG;
			*memory -= bytes;
			*pages = calloc(1, bytes);
			if (!*pages)
				return -ENOMEM;
		}
		if ((*pages)[in_arena >> h->page_shift])
			return -EAGAIN; /* two spans have one page */
		(*pages)[in_arena >> h->page_shift] = index + 1;
	}
	return 0;
}

/* Where the heap begins and ends, and which numbers its objects have. */
static void measure(struct heap *h)
{
	h->lo = ~0ull;
	for (size_t i = 0; i < h->nspans; i++) {
		struct heap_span *s = &h->spans[i];

		s->first = h->objects;
		h->objects += ((__u64)s->n + 63) & ~63ull;
		if (s->start < h->lo)
			h->lo = s->start;
		if (s->start + s->size * s->n > h->hi)
			h->hi = s->start + s->size * s->n;
	}
	h->lo = h->lo >> h->arena_shift << h->arena_shift;
}

static int enter_spans(struct heap *h, __u64 memory)
{
	const __u64 before = memory;
	int r = 0;

	if (!h->nspans || h->nspans >= ~0u)
		return -EAGAIN;
	measure(h);
	h->narenas = ((h->hi - 1 - h->lo) >> h->arena_shift) + 1;
	if (memory / sizeof(*h->arenas) < h->narenas)
		return -E2BIG;
	memory -= h->narenas * sizeof(*h->arenas);
	h->arenas = calloc(h->narenas, sizeof(*h->arenas));
	if (!h->arenas)
		return -ENOMEM;
	for (size_t i = 0; !r && i < h->nspans; i++)
		r = enter_span(h, (__u32)i, &memory);
	h->memory = before - memory + h->nspans * sizeof(*h->spans);
	return r;
}

static unsigned int log2_of(__u64 n)
{
	unsigned int ret = 0;

	while (n >>= 1)
		ret++;
	return ret;
}

int heap_load(const struct program *p, __u64 memory, struct heap *ret)
{
	const struct golang_layout *l = p->layout;
	_cleanup_free_ struct load *load = calloc(1, sizeof(*load));
	struct heap h = { .arena_shift = log2_of(l->heap.arena_bytes),
			  .page_shift = log2_of(l->heap.page_bytes) };
	int r;

	if (!load)
		return -ENOMEM;
	if (l->heap.arena_l1_bits || !p->allgs)
		return -ENOENT;
	r = find_mheap(p, &h.mheap);
	if (r)
		return r;
	load->p = p;
	load->memory = memory;
	r = read_all(load, h.mheap);
	h.spans = load->spans.v;
	h.nspans = load->spans.n;
	take_records(&h, load->records.v, load->records.n);
	if (!r)
		r = heap_leave_out(&h, &(struct heap_range){ h.mheap, h.mheap + l->mheap.size }, 1);
	if (!r)
		r = enter_spans(&h, load->memory);
	if (r) {
		heap_clear(&h);
		return r;
	}
	*ret = h;
	return 0;
}

int heap_changed(const struct program *p, struct heap *h, __u64 memory, struct heap_range **ret,
		 size_t *ret_n)
{
	_cleanup_free_ struct load *load = calloc(1, sizeof(*load));
	int r;

	if (!load)
		return -ENOMEM;
	load->p = p;
	load->before = h;
	load->memory = memory;
	r = read_all(load, h->mheap);
	if (r) {
		array_free(&load->changed);
		return r;
	}
	*ret = load->changed.v;
	*ret_n = load->changed.n;
	return 0;
}

void heap_clear(struct heap *h)
{
	for (size_t i = 0; h->arenas && i < h->narenas; i++)
		free(h->arenas[i]);
	free(h->arenas);
	free(h->spans);
	free(h->records);
	*h = (struct heap){};
}
