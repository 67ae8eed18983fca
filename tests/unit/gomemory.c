// SPDX-License-Identifier: GPL-2.0-only
/* gomemory.c - the memory of a Go program, made by hand
 */
#include "gomemory.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *at(struct gomemory *m, __u64 address, size_t len)
{
	cr_assert(address >= GOMEMORY_BASE && address - GOMEMORY_BASE <= GOMEMORY_SIZE - len);
	return m->bytes + (address - GOMEMORY_BASE);
}

void gomemory_put(struct gomemory *m, __u64 address, __u64 word)
{
	memcpy(at(m, address, 8), &word, 8);
}

void gomemory_put32(struct gomemory *m, __u64 address, __u32 word)
{
	memcpy(at(m, address, 4), &word, 4);
}

void gomemory_text(struct gomemory *m, __u64 address, const char *text)
{
	memcpy(at(m, address, strlen(text)), text, strlen(text));
}

__u64 gomemory_alloc(struct gomemory *m, size_t size)
{
	const __u64 ret = m->heap;

	m->heap += (size + 15) & ~(size_t)15;
	return ret;
}

static void answer(void *arg, struct target_piece *pieces, size_t n)
{
	struct gomemory *m = arg;
	size_t bytes = 0;

	cr_assert(n <= TARGET_PIECES_MAX);
	m->questions++;
	for (size_t i = 0; i < n; i++) {
		const __u64 from = pieces[i].address - GOMEMORY_BASE;

		bytes += pieces[i].len;
		pieces[i].there = from < GOMEMORY_SIZE && pieces[i].len <= GOMEMORY_SIZE - from;
		if (pieces[i].there)
			memcpy(pieces[i].to, m->bytes + from, pieces[i].len);
	}
	cr_assert(bytes <= TARGET_BYTES_MAX);
	if (m->then)
		m->then(m);
}

void gomemory_info(struct gomemory *m, __u64 address, const char *version)
{
	gomemory_text(m, address, "\xff Go buildinf:\x08\x02");
	*at(m, address + 32, 1) = strlen(version);
	gomemory_text(m, address + 33, version);
}

static void make_module(struct gomemory *m)
{
	const struct golang_moduledata *l = &m->layout->moduledata;
	const struct {
		__s32 offset;
		__u64 value;
	} member[] = {
		{ l->pc_header, GOMEMORY_PCLNTAB }, { l->text, GOMEMORY_TEXT },
		{ l->minpc, GOMEMORY_TEXT },	    { l->maxpc, GOMEMORY_RODATA },
		{ l->etext, GOMEMORY_RODATA },	    { l->rodata, GOMEMORY_RODATA },
		{ l->types, GOMEMORY_RODATA },	    { l->etypes, GOMEMORY_PCLNTAB },
		{ l->noptrdata, GOMEMORY_MODULE },  { l->enoptrdata, GOMEMORY_BSS },
		{ l->data, GOMEMORY_DATA },	    { l->edata, GOMEMORY_MODULE },
		{ l->bss, GOMEMORY_BSS },	    { l->ebss, GOMEMORY_BSS_END },
		{ l->noptrbss, GOMEMORY_BSS_END },  { l->enoptrbss, GOMEMORY_LIST },
	};

	for (size_t i = 0; i < sizeof(member) / sizeof(member[0]); i++)
		gomemory_put(m, GOMEMORY_MODULE + member[i].offset, member[i].value);
}

struct gomemory *gomemory_new(unsigned int minor, const char *version)
{
	struct gomemory *m = calloc(1, sizeof(*m));

	cr_assert(m);
	m->layout = layout_find(minor, GOLANG_AMD64);
	cr_assert(m->layout);
	m->target = (struct target){ m, answer };
	m->range[0] = (struct program_range){ GOMEMORY_TEXT, GOMEMORY_DATA, false };
	m->range[1] = (struct program_range){ GOMEMORY_DATA, GOMEMORY_LIST, true };
	m->heap = GOMEMORY_HEAP;
	make_module(m);
	gomemory_put(m, GOMEMORY_ALLGS, GOMEMORY_LIST);
	gomemory_put(m, GOMEMORY_ALLGS + 16, 1024);
	if (version)
		gomemory_info(m, GOMEMORY_INFO, version);
	gomemory_g(m, 1, NULL);
	return m;
}

__u64 gomemory_g(struct gomemory *m, __u64 id, const char *reason)
{
	const struct golang_g *l = &m->layout->g;
	const __u64 g = gomemory_alloc(m, l->size), stack = gomemory_alloc(m, 1024);
	__u64 n;

	memcpy(&n, at(m, GOMEMORY_ALLGS + 8, 8), 8);
	gomemory_put(m, GOMEMORY_LIST + 8 * n, g);
	gomemory_put(m, GOMEMORY_ALLGS + 8, n + 1);
	gomemory_put(m, g + l->goid, id);
	gomemory_put(m, g + l->stack_lo, stack);
	gomemory_put(m, g + l->stack_hi, stack + 1024);
	gomemory_put(m, g + l->sched_sp, stack + 256);
	gomemory_put(m, g + l->sched_pc, GOMEMORY_TEXT + 16);
	gomemory_put(m, g + l->sched_g, g);
	gomemory_put32(m, g + l->atomicstatus,
		       reason ? m->layout->status.waiting : m->layout->status.running);
	for (unsigned int i = 0; reason && i < m->layout->wait_reason_count; i++)
		if (!strcmp(m->layout->wait_reasons[i], reason))
			*at(m, g + l->waitreason, 1) = i;
	return g;
}

__u64 gomemory_sudog(struct gomemory *m, __u64 g, __u64 channel, __u64 elem)
{
	const struct golang_sudog *l = &m->layout->sudog;
	const __u64 sudog = gomemory_alloc(m, l->size);
	__u64 waiting;

	gomemory_put(m, sudog + l->g, g);
	gomemory_put(m, sudog + l->c, channel);
	gomemory_put(m, sudog + l->elem, elem);
	memcpy(&waiting, at(m, g + m->layout->g.waiting, 8), 8);
	if (!waiting)
		gomemory_put(m, g + m->layout->g.waiting, sudog);
	return sudog;
}

__u64 gomemory_channel(struct gomemory *m, __u64 count, __u64 capacity)
{
	const __u64 c = gomemory_alloc(m, m->layout->hchan.size);

	gomemory_put(m, c + m->layout->hchan.qcount, count);
	gomemory_put(m, c + m->layout->hchan.dataqsiz, capacity);
	return c;
}

int gomemory_find(struct gomemory *m, struct program *ret, const char **ret_why)
{
	const struct program_place place = {
		.target = &m->target,
		.arch = GOLANG_AMD64,
		.ranges = m->range,
		.n = 2,
		.pclntab = GOMEMORY_PCLNTAB,
		.own = m->own,
		.arg = m,
	};

	return program_find(&place, ret, ret_why);
}

struct goroutine gomemory_read(struct gomemory *m, __u64 id)
{
	static struct goroutine g[64];
	struct program p;
	const char *why;
	size_t n;

	cr_assert(!gomemory_find(m, &p, &why), "%s", why);
	cr_assert(!goroutine_read(&p, 0, 64, g, &n));
	for (size_t i = 0; i < n; i++)
		if (g[i].id == id)
			return g[i];
	cr_assert_fail("no goroutine %llu", (unsigned long long)id);
	abort();
}
