// SPDX-License-Identifier: GPL-2.0-only
/* memory.c - look-ups in the bytes that were read from processes.
 *
 * Pure: filled by collect/peek.c or report/snapshot.c. */
#include "analyze/memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static int compare_range(const void *a, const void *b)
{
	const struct mem_range *x = a, *y = b;

	if (x->mm != y->mm)
		return x->mm < y->mm ? -1 : 1;
	if (x->addr != y->addr)
		return x->addr < y->addr ? -1 : 1;
	/* The longer one last: the look-up below finds the last that starts in time. */
	return x->len < y->len ? -1 : x->len > y->len;
}

void memory_sort(struct memory *m)
{
	if (m->ranges.n)
		qsort(m->ranges.v, m->ranges.n, sizeof(*m->ranges.v), compare_range);
}

/* Index of the first range that starts after (mm, addr). */
static size_t range_after(const struct memory *m, __u64 mm, __u64 addr)
{
	size_t low = 0, high = m->ranges.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct mem_range *r = &m->ranges.v[mid];

		if (r->mm < mm || (r->mm == mm && r->addr <= addr))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The range that holds addr and reaches furthest, or NULL. */
static const struct mem_range *range_at(const struct memory *m, __u64 mm, __u64 addr)
{
	const struct mem_range *best = NULL;
	/* Ranges are short and windows around words overlap: look at a few before. */
	size_t i = range_after(m, mm, addr);

	for (int tries = 0; i-- > 0 && tries < 16 && m->ranges.v[i].mm == mm; tries++) {
		const struct mem_range *r = &m->ranges.v[i];

		if (addr - r->addr < r->len && (!best || r->addr + r->len > best->addr + best->len))
			best = r;
	}
	return best;
}

const void *memory_get(const struct memory *m, __u64 mm, __u64 addr, size_t len)
{
	const struct mem_range *r = range_at(m, mm, addr);

	if (!r || len > r->len - (addr - r->addr))
		return NULL;
	return m->bytes.v + r->pos + (addr - r->addr);
}

bool memory_copy(const struct memory *m, __u64 mm, __u64 addr, void *ret, size_t len)
{
	unsigned char bytes[256];
	size_t done = 0;

	if (len > sizeof(bytes))
		return false;
	while (done < len) { /* neighbouring ranges may be needed together */
		const struct mem_range *r = range_at(m, mm, addr + done);
		size_t from = r ? addr + done - r->addr : 0, n = r ? r->len - from : 0;

		if (!n)
			return false;
		n = n < len - done ? n : len - done;
		memcpy(bytes + done, m->bytes.v + r->pos + from, n);
		done += n;
	}
	memcpy(ret, bytes, len);
	return true;
}

int memory_add(struct memory *m, __u64 mm, __u64 addr, const void *bytes, size_t len)
{
	struct mem_range r = { .mm = mm, .addr = addr, .len = len, .pos = m->bytes.n };

	if (len > UINT32_MAX || m->bytes.n + len > UINT32_MAX)
		return -1;
	while (m->bytes.cap - m->bytes.n < len)
		if (array_grow_to((void **)&m->bytes.v, &m->bytes.cap, 1))
			return -1;
	if (array_push(&m->ranges, r))
		return -1;
	memcpy(m->bytes.v + m->bytes.n, bytes, len);
	m->bytes.n += len;
	return 0;
}
