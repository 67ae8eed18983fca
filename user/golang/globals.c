// SPDX-License-Identifier: GPL-2.0-only
/* globals.c - finds allgs and semtable among the variables of a program.
 *
 * Pure but for the target. A g is known by g.sched.g, in which it names itself (proc.go, newproc1),
 * and allgs by what it holds: nothing but g's, all different. The linker
 * sorts variables by size, so that both are found early. While the collector
 * marks, work.stackRoots holds the same as allgs, or an older part of it: the
 * longest one counts, and of several the first (the smaller variable). */
#include "golang/globals.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define WORD 8
#define SLICE (3 * WORD)
#define CANDIDATES TARGET_PIECES_MAX
#define BATCHES_MAX 256 /* of candidates: only who forges them has more */
#define SAMPLES 8	/* of the goroutines of a slice, to see what it is */

struct candidate {
	__u64 at; /* its address */
	__u64 p, n;
	unsigned char head[SAMPLES * WORD];
};

struct hunt {
	const struct program *p;
	struct candidate candidate[CANDIDATES];
	struct target_piece piece[CANDIDATES];
	unsigned char object[CANDIDATES][LAYOUT_G_MAX];
	size_t n, batches;
	__u64 best, best_n; /* address and length */
};

static bool is_pointer(__u64 p)
{
	return p >= 4096 && !(p % WORD) && !(p >> 48);
}

static __s32 status_of(const struct golang_layout *layout, const unsigned char *g)
{
	return target_u32(g + layout->g.atomicstatus) & ~layout->status.scan;
}

bool globals_is_g(const struct golang_layout *layout, __u64 address, const unsigned char *v)
{
	const struct golang_status *known = &layout->status;
	const __u64 lo = target_u64(v + layout->g.stack_lo),
		    hi = target_u64(v + layout->g.stack_hi);
	const __s32 status = status_of(layout, v);

	if (target_u64(v + layout->g.sched_g) != address || lo > hi || lo % WORD || hi % WORD)
		return false;
	return status == known->idle || status == known->runnable || status == known->running ||
	       status == known->syscall || status == known->waiting || status == known->dead ||
	       status == known->copystack || status == known->preempted ||
	       (known->leaked >= 0 && status == known->leaked) ||
	       (known->deadextra >= 0 && status == known->deadextra);
}

/* ---- allgs ---- */

static void ask(struct hunt *h)
{
	target_read_all(h->p->target, h->piece, h->n);
}

static size_t head_words(const struct candidate *c)
{
	return c->n < SAMPLES ? c->n : SAMPLES;
}

static bool good_head(const struct candidate *c)
{
	for (size_t i = 0; i < head_words(c); i++) {
		const __u64 word = target_u64(c->head + i * WORD);

		if (!is_pointer(word))
			return false;
		for (size_t k = 0; k < i; k++)
			if (target_u64(c->head + k * WORD) == word)
				return false;
	}
	return true;
}

/* Whether all that a slice begins with are goroutines, and its last one. */
static bool good_samples(const struct hunt *h, const struct candidate *c)
{
	const struct golang_layout *layout = h->p->layout;
	unsigned char g[LAYOUT_G_MAX];
	__u64 address;

	for (size_t i = 0; i <= head_words(c); i++) {
		if (i < head_words(c))
			address = target_u64(c->head + i * WORD);
		else if (!target_word(h->p->target, c->p + (c->n - 1) * WORD, &address))
			return false;
		if (!is_pointer(address) ||
		    !target_read(h->p->target, address, g, layout->g.size) ||
		    !globals_is_g(layout, address, g))
			return false;
	}
	return true;
}

/* What became of the candidates: their first words, the first of these as a g, then some more. */
static void try_all(struct hunt *h)
{
	const struct golang_layout *layout = h->p->layout;
	size_t n = 0;

	h->batches += !!h->n;
	for (size_t i = 0; i < h->n; i++)
		h->piece[i] = (struct target_piece){ h->candidate[i].p, h->candidate[i].head,
						     head_words(&h->candidate[i]) * WORD, false };
	ask(h);
	for (size_t i = 0; i < h->n; i++)
		if (h->piece[i].there && good_head(&h->candidate[i]))
			h->candidate[n++] = h->candidate[i];
	h->n = n;
	for (size_t i = 0; i < h->n; i++)
		h->piece[i] = (struct target_piece){ target_u64(h->candidate[i].head), h->object[i],
						     layout->g.size, false };
	ask(h);
	for (size_t i = 0; i < h->n; i++) {
		const struct candidate *c = &h->candidate[i];

		if (h->piece[i].there && c->n > h->best_n &&
		    globals_is_g(layout, h->piece[i].address, h->object[i]) && good_samples(h, c)) {
			h->best = c->at;
			h->best_n = c->n;
		}
	}
	h->n = 0;
}

static bool see_slices(void *arg, const struct target_view *view)
{
	struct hunt *h = arg;

	for (size_t at = 0; at + SLICE <= view->n; at += WORD) {
		const __u64 p = target_u64(view->v + at), n = target_u64(view->v + at + WORD);

		if (!n || n > target_u64(view->v + at + 2 * WORD) || !is_pointer(p) ||
		    target_u64(view->v + at + 2 * WORD) > PROGRAM_GOROUTINES_MAX)
			continue;
		h->candidate[h->n++] =
			(struct candidate){ .at = view->address + at, .p = p, .n = n };
		if (h->n == CANDIDATES)
			try_all(h);
	}
	try_all(h);
	return h->best || h->batches > BATCHES_MAX;
}

/* ---- semtable ---- */

/* The number of the root that a semaphore belongs to (sema.go, rootFor). */
static __u64 root_of(const struct golang_layout *layout, const unsigned char *sudog)
{
	return (target_u64(sudog + layout->sudog.elem) >> 3) % layout->semtable.count;
}

/* A root, padded to a line of the cache with zeros. */
static bool could_be_root(const struct golang_layout *layout, const unsigned char *v)
{
	const __s32 end = layout->sema.nwait + 4;
	const __u64 treap = target_u64(v + layout->sema.treap);

	for (__s32 i = end; i < layout->semtable.stride; i++)
		if (v[i])
			return false;
	return !treap || (is_pointer(treap) && target_u32(v + layout->sema.nwait));
}

/* The top of a tree of waiters: it has a priority, a semaphore and a
 * goroutine, and nothing above. */
static bool could_be_top(const struct golang_layout *layout, const unsigned char *sudog)
{
	return !target_u64(sudog + layout->sudog.parent) &&
	       target_u32(sudog + layout->sudog.ticket) % 2 &&
	       !target_u64(sudog + layout->sudog.c) && target_u64(sudog + layout->sudog.elem) &&
	       is_pointer(target_u64(sudog + layout->sudog.g));
}

/* Reads the trees' tops of the candidates. */
static void read_tops(struct hunt *h)
{
	for (size_t i = 0; i < h->n; i++)
		h->piece[i] = (struct target_piece){ h->candidate[i].p, h->object[i],
						     h->p->layout->sudog.size, false };
	ask(h);
}

/* Whether the tops in a table at that address belong there. Some may move meanwhile. */
static bool good_table(struct hunt *h, __u64 base)
{
	const struct golang_layout *layout = h->p->layout;
	const __s32 stride = layout->semtable.stride, count = layout->semtable.count;
	unsigned char *v = malloc((size_t)count * stride);
	size_t good = 0, bad = 0;
	bool there;

	there = v && target_read(h->p->target, base, v, (size_t)count * stride);
	h->n = 0;
	for (__s32 i = 0; there && i < count; i++) {
		const __u64 treap = target_u64(v + i * stride + layout->sema.treap);

		there = could_be_root(layout, v + i * stride);
		if (there && treap && h->n < CANDIDATES)
			h->candidate[h->n++] = (struct candidate){ .p = treap, .n = i };
	}
	free(v);
	read_tops(h);
	for (size_t i = 0; i < h->n; i++) {
		if (h->piece[i].there && could_be_top(layout, h->object[i]) &&
		    root_of(layout, h->object[i]) == h->candidate[i].n)
			good++;
		else
			bad++;
	}
	return there && good > bad;
}

/* Whether a candidate's top is a waiter's, and what table it would then be in. */
static bool table_of(const struct hunt *h, size_t i, __u64 *ret)
{
	const struct golang_layout *layout = h->p->layout;
	unsigned char g[LAYOUT_G_MAX];
	__u64 address;

	if (!h->piece[i].there || !could_be_top(layout, h->object[i]))
		return false;
	address = target_u64(h->object[i] + layout->sudog.g);
	*ret = h->candidate[i].at - root_of(layout, h->object[i]) * layout->semtable.stride;
	return target_read(h->p->target, address, g, layout->g.size) &&
	       globals_is_g(layout, address, g);
}

static void try_roots(struct hunt *h)
{
	__u64 base[SAMPLES];
	size_t n = 0;

	h->batches += !!h->n;
	read_tops(h);
	for (size_t i = 0; i < h->n && n < SAMPLES; i++)
		n += table_of(h, i, &base[n]);
	for (size_t i = 0; i < n && !h->best; i++)
		if (good_table(h, base[i]))
			h->best = base[i];
	h->n = 0;
}

static bool see_roots(void *arg, const struct target_view *view)
{
	struct hunt *h = arg;
	const struct golang_layout *layout = h->p->layout;

	for (size_t at = 0; at + layout->semtable.stride <= view->n; at += WORD) {
		const unsigned char *v = view->v + at;
		const __u64 treap = target_u64(v + layout->sema.treap);

		if (!treap || !could_be_root(layout, v))
			continue;
		h->candidate[h->n++] = (struct candidate){ .at = view->address + at, .p = treap };
		if (h->n == CANDIDATES)
			try_roots(h);
		if (h->best)
			return true;
	}
	try_roots(h);
	return h->best || h->batches > BATCHES_MAX;
}

/* ---- what is asked for ---- */

static int hunt(const struct program *p, size_t overlap,
		bool (*see)(void *arg, const struct target_view *view), __u64 *ret)
{
	struct hunt *h;
	int rc = 0;

	h = calloc(1, sizeof(*h));
	if (!h)
		return -ENOMEM;
	h->p = p;
	for (size_t i = 0; i < p->nmodules && !rc; i++) {
		const struct program_module *m = &p->modules[i];
		__u64 end = m->ebss;

		if (end > m->bss && end - m->bss > GLOBALS_BYTES_MAX)
			end = m->bss + GLOBALS_BYTES_MAX;
		rc = target_scan(p->target, m->bss, end, overlap, see, h);
	}
	if (rc >= 0)
		rc = h->best ? 0 : -ENOENT;
	if (!rc)
		*ret = h->best;
	free(h);
	return rc;
}

int globals_allgs(const struct program *p, __u64 *ret)
{
	return hunt(p, 2 * WORD, see_slices, ret);
}

int globals_semtable(const struct program *p, __u64 *ret)
{
	return hunt(p, LAYOUT_ROOT_MAX - WORD, see_roots, ret);
}
