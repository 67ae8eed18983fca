/* SPDX-License-Identifier: GPL-2.0-only */
/* heap.h - which object of a Go program's heap an address lies in.
 *
 * A copy of what the runtime knows of its spans (runs of pages with objects of one size), read in
 * bulk: runtime.mheap_ is found without symbols, by the way from it to a goroutine that is known.
 * Memory: some 50 bytes for each span, 4 for each page of 8 KiB. */
#pragma once

#include "golang/program.h"

struct heap_span {
	__u64 start;
	__u64 size;	/* of an object */
	__u64 inverse;	/* 2^64 / size, rounded up: a multiplication divides */
	__u64 first;	/* number of its first object in the heap, a multiple of 64 */
	__u64 specials; /* address of the first record of what its objects have besides; 0: none */
	__u32 n;	/* objects */
	bool noscan;	/* they hold no pointers */
};

struct heap_range {
	__u64 start, end;
};

struct heap {
	__u64 mheap; /* address of runtime.mheap_ */
	/* mheap_, the runtime's records of spans, and what else is not to be searched outside the
	 * heap: in order, and apart */
	struct heap_range *records;
	size_t nrecords;
	struct heap_span *spans;
	size_t nspans;
	__u64 objects; /* numbers of objects are below; a multiple of 64 */
	__u64 memory;  /* bytes that the copy takes */
	/* for heap_object() */
	__u64 lo, hi; /* all objects lie between */
	__u32 **arenas;
	size_t narenas;
	unsigned int arena_shift, page_shift;
};

struct heap_object {
	__u32 span; /* index in spans */
	__u32 index;
};

/* memory: how many bytes the copy may take. 0; -ENOENT: mheap_ is not to be found; -EIO: it could
 * not be read; -EAGAIN: it changed meanwhile, or is damaged; -E2BIG: memory does not suffice;
 * -ENOMEM. Then ret is left as it was. */
int heap_load(const struct program *p, __u64 memory, struct heap *ret);
void heap_clear(struct heap *h);
/* Adds such stretches of memory; of each end is above start. 0 or -ENOMEM. */
int heap_leave_out(struct heap *h, const struct heap_range *ranges, size_t n);
/* The first stretch from at to end of which nothing is left out; false: there is none. */
bool heap_kept(const struct heap *h, __u64 at, __u64 end, struct heap_range *ret);
/* The spans with pointers that were made since heap_load(), or are for other objects than they
 * were: where they lie now, to be freed. Specials of the others are read anew. 0, or as
 * heap_load(). */
int heap_changed(const struct program *p, struct heap *h, __u64 memory, struct heap_range **ret,
		 size_t *ret_n);

static inline __u64 heap_base(const struct heap *h, struct heap_object o)
{
	return h->spans[o.span].start + o.index * h->spans[o.span].size;
}

static inline __u64 heap_number(const struct heap *h, struct heap_object o)
{
	return h->spans[o.span].first + o.index;
}

/* Whether an address lies in an arena with objects, which is Go's alone;
 * *ret_until: up to where. */
static inline bool heap_is_arena(const struct heap *h, __u64 address, __u64 *ret_until)
{
	const __u64 arena = (address - h->lo) >> h->arena_shift;

	if (address < h->lo || arena >= h->narenas) {
		*ret_until = address < h->lo ? h->lo : ~0ull;
		return false;
	}
	*ret_until = h->lo + ((arena + 1) << h->arena_shift);
	return h->arenas[arena];
}

/* The number of the span that an address lies in, plus 1; 0: in none. */
static inline __u32 heap_span(const struct heap *h, __u64 address)
{
	const __u64 from = address - h->lo;
	const __u32 *pages;

	if (from >= h->hi - h->lo)
		return 0;
	pages = h->arenas[from >> h->arena_shift];
	return pages ? pages[(from & ((1ull << h->arena_shift) - 1)) >> h->page_shift] : 0;
}

/* Fetches what heap_span() needs; address lies between lo and hi. */
static inline void heap_prefetch(const struct heap *h, __u64 address)
{
	const __u64 from = address - h->lo;
	const __u64 page = (from & ((1ull << h->arena_shift) - 1)) >> h->page_shift;

	__builtin_prefetch(
		(const void *)((__u64)h->arenas[from >> h->arena_shift] + page * sizeof(__u32)));
}

/* The object of a span that an address of it lies in; what is no less than n is none. */
static inline __u64 heap_index(const struct heap_span *s, __u64 address)
{
	return (unsigned __int128)(address - s->start) * s->inverse >> 64;
}

/* The object that an address lies in; false: in none. */
static inline bool heap_object(const struct heap *h, __u64 address, struct heap_object *ret)
{
	const __u32 span = heap_span(h, address);
	__u64 index;

	if (!span)
		return false;
	index = heap_index(&h->spans[span - 1], address);
	if (index >= h->spans[span - 1].n)
		return false;
	*ret = (struct heap_object){ span - 1, (__u32)index };
	return true;
}
