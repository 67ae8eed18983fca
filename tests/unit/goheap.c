// SPDX-License-Identifier: GPL-2.0-only
/* goheap.c - the memory of a small Go program, made by hand: globals, heap, stacks, goroutines. */
#include "goheap.h"

#include <stdlib.h>
#include <string.h>

#define HEAP 0xc000000000ull
#define STACKS 0xd000000000ull
#define TABLE 0x7e0000000000ull /* mheap_.arenas[0] */
#define ARENA 0x7d0000000000ull
#define BSS 0x510000ull
#define ALLGS BSS
#define MHEAP (BSS + 4096)
#define PAGE 8192u

/* Tests and fuzzing know no other way to fail. */
#define NEED(what)                                                                                 \
	do {                                                                                       \
		if (!(what))                                                                       \
			abort();                                                                   \
	} while (0)

static const struct {
	__u32 size, n, pages;
	bool noscan;
} kinds[GOHEAP_KINDS] = {
	[GOHEAP_G] = { 480, 17, 1, false },
	[GOHEAP_SUDOG] = { 112, 73, 1, false },
	[GOHEAP_CHANNEL] = { 112, 73, 1, false },
	[GOHEAP_CELL] = { 64, 128, 1, false },
	[GOHEAP_NUMBERS] = { 64, 128, 1, true },
	[GOHEAP_LIST] = { 8192, 1, 1, false },
	[GOHEAP_P] = { 16384, 1, 2, false },
	[GOHEAP_LARGE] = { GOHEAP_LARGE_BYTES, 1, GOHEAP_LARGE_BYTES / PAGE, false },
	[GOHEAP_NEW] = { 8192, 1, 1, false },
};

static struct region {
	__u64 address;
	size_t n;
	unsigned char *v;
} regions[8];
static size_t nregions;

struct program goheap_program;
__u64 goheap_unreadable;
unsigned int goheap_questions;
unsigned int goheap_when;
void (*goheap_change)(void);
struct goroutine goheap_g[GOHEAP_MAX];

static unsigned char *find(__u64 address, size_t len)
{
	for (size_t i = 0; i < nregions; i++) {
		const struct region *r = &regions[i];

		if (address >= r->address && address - r->address <= r->n &&
		    r->n - (address - r->address) >= len)
			return r->v + (address - r->address);
	}
	return NULL;
}

static void answer(void *arg, struct target_piece *pieces, size_t n)
{
	size_t bytes = 0;

	(void)arg;
	NEED(n <= TARGET_PIECES_MAX);
	if (++goheap_questions == goheap_when)
		goheap_change();
	for (size_t i = 0; i < n; i++) {
		struct target_piece *p = &pieces[i];
		const unsigned char *v = find(p->address, p->len);

		bytes += p->len;
		p->there = v && !(goheap_unreadable >= p->address &&
				  goheap_unreadable < p->address + p->len);
		if (p->there)
			memcpy(p->to, v, p->len);
	}
	NEED(bytes <= TARGET_BYTES_MAX);
}

static void add_region(__u64 address, size_t n)
{
	regions[nregions++] = (struct region){ address, n, calloc(1, n) };
	NEED(regions[nregions - 1].v);
}

void goheap_set(__u64 address, __u64 word)
{
	unsigned char *v = find(address, sizeof(word));

	NEED(v);
	memcpy(v, &word, sizeof(word));
}

__u64 goheap_get(__u64 address)
{
	__u64 ret;

	memcpy(&ret, find(address, sizeof(ret)), sizeof(ret));
	return ret;
}

void goheap_set_bytes(__u64 address, __u64 value, unsigned int size)
{
	memcpy(find(address, size), &value, size);
}

static __u64 page_of(enum goheap_kind kind)
{
	__u64 ret = HEAP;

	for (int i = 0; i < (int)kind; i++)
		ret += (__u64)kinds[i].pages * PAGE;
	return ret;
}

__u64 goheap_at(enum goheap_kind kind, unsigned int i)
{
	return page_of(kind) + (__u64)kinds[kind].size * i;
}

__u64 goheap_span(enum goheap_kind kind)
{
	return GOHEAP_RECORDS + 4096 + 256 * kind;
}

static void make_span(const struct golang_layout *l, enum goheap_kind kind)
{
	const __u64 at = goheap_span(kind);

	goheap_set(at + l->mspan.start, page_of(kind));
	goheap_set(at + l->mspan.npages, kinds[kind].pages);
	goheap_set_bytes(at + l->mspan.nelems, kinds[kind].n, l->mspan.nelems_size);
	goheap_set_bytes(at + l->mspan.spanclass, kinds[kind].noscan, 1);
	goheap_set_bytes(at + l->mspan.state, kind == GOHEAP_NEW ? 0 : l->heap.span_in_use, 1);
	goheap_set(at + l->mspan.elemsize, kinds[kind].size);
	goheap_set(GOHEAP_RECORDS + 8 * kind, at);
}

static void make_slice(__u64 address, __u64 v, __u64 n)
{
	goheap_set(address, v);
	goheap_set(address + 8, n);
	goheap_set(address + 16, n);
}

static void make_goroutines(const struct golang_layout *l)
{
	memset(goheap_g, 0, sizeof(goheap_g));
	for (unsigned int i = 0; i < GOHEAP_MAX; i++) {
		const __u64 g = goheap_at(GOHEAP_G, i), stack = STACKS + 4096ull * i;

		goheap_g[i] = (struct goroutine){
			.address = g,
			.number = i,
			.id = i + 1,
			.sp = stack + 2048,
			.lo = stack,
			.hi = stack + 4096,
			.status = GOROUTINE_WAITING,
			.wait = GOROUTINE_SLEEP,
		};
		goheap_set(g + l->g.goid, i + 1);
		goheap_set_bytes(g + l->g.atomicstatus, l->status.waiting, 4);
		goheap_set(g + l->g.stack_lo, stack);
		goheap_set(g + l->g.stack_hi, stack + 4096);
		goheap_set(g + l->g.sched_sp, stack + 2048);
		goheap_set(goheap_at(GOHEAP_LIST, 0) + 8 * i, g);
	}
	make_slice(ALLGS, goheap_at(GOHEAP_LIST, 0), GOHEAP_MAX);
}

void goheap_make(unsigned int minor)
{
	static const struct target target = { NULL, answer };
	const struct golang_layout *l = layout_find(minor, GOLANG_AMD64);
	const __u64 index = (HEAP - l->arena_base_offset) / l->heap.arena_bytes;

	for (size_t i = 0; i < nregions; i++)
		free(regions[i].v);
	nregions = 0;
	add_region(HEAP, page_of(GOHEAP_KINDS) - HEAP);
	add_region(STACKS, 4096 * GOHEAP_MAX);
	add_region(GOHEAP_DATA, 4096);
	add_region(GOHEAP_NOPTR, 4096);
	add_region(BSS, 4096 + l->mheap.size);
	add_region(GOHEAP_RECORDS, 16384);
	add_region(TABLE + 8 * index, 8);
	add_region(ARENA + l->heap_arena.spans, PAGE);
	goheap_unreadable = 0;
	goheap_questions = goheap_when = 0;
	for (int i = 0; i < GOHEAP_KINDS; i++)
		make_span(l, i);
	make_goroutines(l);
	goheap_set(TABLE + 8 * index, ARENA);
	goheap_set(ARENA + l->heap_arena.spans, goheap_span(GOHEAP_G));
	goheap_set(MHEAP + l->mheap.arenas, TABLE);
	make_slice(MHEAP + l->mheap.allspans, GOHEAP_RECORDS, GOHEAP_KINDS);
	goheap_program = (struct program){
		.target = &target,
		.layout = l,
		.nmodules = 1,
		.allgs = ALLGS,
		.modules = { {
			.data = GOHEAP_DATA,
			.edata = GOHEAP_DATA + 4096,
			.bss = BSS,
			.ebss = BSS + 4096 + l->mheap.size,
			.types = GOHEAP_TYPES,
			.etypes = GOHEAP_TYPES + 4096,
			.noptrbss = GOHEAP_NOPTR,
			.enoptrbss = GOHEAP_NOPTR + 4096,
		} },
	};
}

void goheap_wait(unsigned int i, unsigned int n, const __u64 *channels)
{
	const struct golang_layout *l = goheap_program.layout;
	struct goroutine *g = &goheap_g[i];
	const unsigned int used = i * 4; /* four for each */

	g->wait = GOROUTINE_SELECT;
	g->nobjects = n;
	g->sudog = goheap_at(GOHEAP_SUDOG, used);
	goheap_set(g->address + l->g.waiting, g->sudog);
	for (unsigned int k = 0; k < n; k++) {
		const __u64 sudog = goheap_at(GOHEAP_SUDOG, used + k);

		g->objects[k] =
			(struct goroutine_object){ .address = channels[k], .channel = true };
		goheap_set(sudog + l->sudog.g, g->address);
		goheap_set(sudog + l->sudog.c, channels[k]);
		goheap_set(sudog + l->sudog.c - 8 * (l->minor >= 26), channels[k]);
		goheap_set(sudog + l->sudog.waitlink,
			   k + 1 < n ? goheap_at(GOHEAP_SUDOG, used + k + 1) : 0);
		if (find(channels[k], 112) && channels[k] >= HEAP && channels[k] < STACKS)
			goheap_set(channels[k] + l->hchan.recvq_first, sudog);
	}
}
