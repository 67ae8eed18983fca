// SPDX-License-Identifier: GPL-2.0-only
/* index.c - the threads of a world, found by what they share. */
#include "analyze/index.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

static __u64 key_of(const struct wire_thread *t, enum index_key key)
{
	switch (key) {
	case INDEX_MM:
		return t->mm;
	case INDEX_FILES:
		return t->files;
	case INDEX_TGID:
		return t->tgid;
	case INDEX_PPID:
		return t->ppid;
	case INDEX_KEYS:
		break;
	}
	return 0;
}

static int compare(__u64 a, __u64 b)
{
	return a < b ? -1 : a > b;
}

/* Two more orders. */
#define BY_TLS INDEX_KEYS
#define BY_NS (INDEX_KEYS + 1)

struct sorting {
	const struct world *w;
	unsigned int order; /* enum index_key, or one of those */
};

static __u64 first_of(const struct wire_thread *t, unsigned int order)
{
	return order == BY_TLS ? t->mm : order == BY_NS ? t->ns_inum : key_of(t, order);
}

static int compare_threads(const void *a, const void *b, void *arg)
{
	const struct sorting *s = arg;
	const struct wire_thread *x = &s->w->threads.v[*(const __u32 *)a];
	const struct wire_thread *y = &s->w->threads.v[*(const __u32 *)b];
	const int c = compare(first_of(x, s->order), first_of(y, s->order));

	if (c)
		return c;
	return s->order == BY_TLS ? compare(x->tls, y->tls) : compare(x->ns_tid, y->ns_tid);
}

static __u32 *sorted(const struct world *w, unsigned int order)
{
	__u32 *v = malloc((w->threads.n + 1) * sizeof(*v));
	struct sorting s = { w, order };

	if (!v)
		return NULL;
	for (size_t i = 0; i < w->threads.n; i++)
		v[i] = i;
	qsort_r(v, w->threads.n, sizeof(*v), compare_threads, &s);
	return v;
}

/* Whether its parent, which may have made it, is in another pid namespace. CLONE_THREAD goes
 * with no new one (kernel/fork.c). */
static bool has_moved(const struct world *w, const struct wire_thread *t)
{
	const struct wire_thread *parent = world_thread(w, t->ppid);

	if (t->head.tid != t->tgid)
		return false;
	return !parent || parent->ns_inum != t->ns_inum;
}

/* Whether clone(2) was called by hand for it. Of one born during the look nothing is known
 * (collect/feed.c), and who ends has it no more; a vfork child is gone before its maker runs. */
static bool is_raw(const struct wire_thread *t)
{
	return t->mm && !t->cleartid && t->ns_tid &&
	       !(t->bits & (WIRE_ZOMBIE | WIRE_EXITING | WIRE_VFORK));
}

static bool find_raw(struct index *ix)
{
	ix->raw = calloc(ix->w->threads.n + 1, sizeof(*ix->raw));
	if (!ix->raw)
		return false;
	for (size_t i = 0; i < ix->w->threads.n; i++) {
		const struct wire_thread *t = &ix->w->threads.v[ix->by[INDEX_MM][i]];

		if (!is_raw(t))
			continue;
		if (!ix->nraw || ix->raw[ix->nraw - 1].mm != t->mm)
			ix->raw[ix->nraw++].mm = t->mm;
		ix->raw[ix->nraw - 1].moved |= has_moved(ix->w, t);
	}
	return true;
}

int index_new(const struct world *w, struct index **ret)
{
	struct index *ix = calloc(1, sizeof(*ix));
	bool whole = ix != NULL;

	if (!ix)
		return -ENOMEM;
	ix->w = w;
	for (int k = 0; k < INDEX_KEYS; k++) {
		ix->by[k] = sorted(w, k);
		whole = whole && ix->by[k];
	}
	ix->by_tls = sorted(w, BY_TLS);
	ix->by_ns = w->mappers.n ? sorted(w, BY_NS) : NULL;
	whole = whole && (ix->by_ns || !w->mappers.n);
	if (!whole || !ix->by_tls || !find_raw(ix)) {
		index_free(ix);
		return -ENOMEM;
	}
	*ret = ix;
	return 0;
}

void index_free(struct index *ix)
{
	if (!ix)
		return;
	for (int k = 0; k < INDEX_KEYS; k++)
		free(ix->by[k]);
	free(ix->by_tls);
	free(ix->by_ns);
	free(ix->raw);
	free(ix);
}

/* First place in by[key] whose (key, ns_tid) is not below. */
static size_t lower(const struct index *ix, enum index_key key, __u64 value, __u32 ns_tid)
{
	size_t low = 0, high = ix->w->threads.n;

	while (low < high) {
		size_t mid = low + (high - low) / 2;
		const struct wire_thread *t = &ix->w->threads.v[ix->by[key][mid]];
		int c = compare(key_of(t, key), value);

		if (c < 0 || (!c && t->ns_tid < ns_tid))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

const __u32 *index_range(const struct index *ix, enum index_key key, __u64 value, size_t *ret_n)
{
	size_t from = lower(ix, key, value, 0);
	size_t to = value == UINT64_MAX ? ix->w->threads.n : lower(ix, key, value + 1, 0);

	*ret_n = to - from;
	return ix->by[key] + from;
}

__u64 index_mm(const struct index *ix, __u32 tgid)
{
	size_t n;
	const __u32 *v = index_range(ix, INDEX_TGID, tgid, &n);

	for (size_t i = 0; i < n; i++)
		if (ix->w->threads.v[v[i]].mm)
			return ix->w->threads.v[v[i]].mm;
	return 0;
}

const struct wire_thread *index_ns_tid(const struct index *ix, __u64 mm, __u32 ns_tid)
{
	size_t i = lower(ix, INDEX_MM, mm, ns_tid);
	const struct wire_thread *t;

	if (i >= ix->w->threads.n)
		return NULL;
	t = &ix->w->threads.v[ix->by[INDEX_MM][i]];
	return t->mm == mm && t->ns_tid == ns_tid && ns_tid ? t : NULL;
}

bool index_ns_has(const struct index *ix, __u32 ns_inum, __u32 ns_tid)
{
	size_t low = 0, high = ix->by_ns ? ix->w->threads.n : 0;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		const struct wire_thread *t = &ix->w->threads.v[ix->by_ns[mid]];
		const int c = compare(t->ns_inum, ns_inum);

		if (!c && t->ns_tid == ns_tid && !(t->bits & WIRE_ZOMBIE))
			return true;
		if (c < 0 || (!c && t->ns_tid < ns_tid))
			low = mid + 1;
		else
			high = mid;
	}
	return false;
}

/* First place in by_tls whose (mm, tls) is not below. */
static size_t lower_tls(const struct index *ix, __u64 mm, __u64 tls)
{
	size_t low = 0, high = ix->w->threads.n;

	while (low < high) {
		const size_t mid = low + (high - low) / 2;
		const struct wire_thread *t = &ix->w->threads.v[ix->by_tls[mid]];
		const int c = compare(t->mm, mm);

		if (c < 0 || (!c && t->tls < tls))
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

/* The one at a place in by_tls, if that is its thread pointer. */
static const struct wire_thread *at_tls(const struct index *ix, size_t i, __u64 mm, __u64 tls)
{
	const struct wire_thread *t = i < ix->w->threads.n ? &ix->w->threads.v[ix->by_tls[i]]
							   : NULL;

	return t && tls && t->mm == mm && t->tls == tls ? t : NULL;
}

const struct wire_thread *index_tls(const struct index *ix, __u64 mm, __u64 tls)
{
	return at_tls(ix, lower_tls(ix, mm, tls), mm, tls);
}

bool index_tls_twins(const struct index *ix, __u64 mm, __u64 tls)
{
	return at_tls(ix, lower_tls(ix, mm, tls) + 1, mm, tls) != NULL;
}

static int compare_raw(const void *mm, const void *raw)
{
	return compare(*(const __u64 *)mm, ((const struct index_raw *)raw)->mm);
}

const struct index_raw *index_raw(const struct index *ix, __u64 mm)
{
	return bsearch(&mm, ix->raw, ix->nraw, sizeof(*ix->raw), compare_raw);
}
