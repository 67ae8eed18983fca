// SPDX-License-Identifier: GPL-2.0-only
/* gosites.c - the populations of the places where goroutines are made, window by window.
 *
 * Pure. Who is known to be stuck does not count: that is a finding already. Where a look could not
 * tell who is, all count, but a floor is the lowest of several looks. */
#include "analyze/gosites.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "analyze/floors.h"
#include "base/fnv.h"

enum { QUICK, SLOW, SCALES }; /* lengths of windows */

struct place_made {
	struct site v;
	__u64 low[SCALES]; /* lowest population in this window */
	__u64 all;	   /* at the last look, with those that are stuck */
	bool seen;	   /* in this look */
};

struct window {
	__u64 start;
	__u32 looks; /* since then */
	__u32 n;     /* that are over, of those that are remembered */
	__u64 low;   /* lowest population of the program */
	__u64 floors[SITE_WINDOWS];
	__u64 starts[SITE_WINDOWS];
	__u64 newest[SITE_WINDOWS]; /* the highest id when they ended */
};

struct program {
	__u32 tgid;
	__u32 look; /* number of the last that had it */
	__u64 started;
	__u64 mm; /* with the time it started: which program it is */
	__u64 read;
	struct window windows[SCALES];
	ARRAY(struct place_made) places;
	UT_hash_handle hh;
};

struct gosites {
	struct program *programs;
	__u64 window_ns;
	__u32 look;
};

struct gosites *gosites_new(__u64 window_ns)
{
	struct gosites *s = calloc(1, sizeof(*s));

	if (s)
		s->window_ns = window_ns;
	return s;
}

static void forget(struct gosites *s, struct program *p)
{
	HASH_DEL(s->programs, p);
	array_free(&p->places);
	free(p);
}

/* Those that this look did not have; with all, every one. */
static void forget_gone(struct gosites *s, bool all)
{
	struct program *p, *next;

	HASH_ITER (hh, s->programs, p, next)
		if (all || p->look != s->look)
			forget(s, p);
}

void gosites_free(struct gosites *s)
{
	if (!s)
		return;
	forget_gone(s, true);
	free(s);
}

static bool is_it(const struct program *p, const struct wire_thread *leader)
{
	return leader && p->started == leader->started && p->mm == leader->mm;
}

/* NULL without memory. */
static struct program *get_program(struct gosites *s, const struct wire_thread *leader)
{
	struct program *p;

	HASH_FIND(hh, s->programs, &leader->tgid, sizeof(leader->tgid), p);
	if (p && is_it(p, leader))
		return p;
	if (p)
		forget(s, p);
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->tgid = leader->tgid;
	p->started = leader->started;
	p->mm = leader->mm;
	HASH_ADD(hh, s->programs, tgid, sizeof(p->tgid), p);
	if (!p->hh.tbl) {
		free(p);
		return NULL;
	}
	return p;
}

/* ---- one look at one program ---- */

static __u64 hash_of(const struct program *p, __u64 made_at)
{
	__u64 parts[] = { p->tgid, p->started, p->mm, made_at };

	return fnv_add(FNV_START, parts, sizeof(parts));
}

static struct place_made *find_place(struct program *p, __u64 made_at)
{
	for (size_t i = 0; i < p->places.n; i++)
		if (p->places.v[i].v.made_at == made_at)
			return &p->places.v[i];
	return NULL;
}

/* NULL without memory. */
static struct place_made *get_place(struct program *p, __u64 made_at, __u64 now)
{
	struct place_made *one = find_place(p, made_at);
	struct place_made fresh = {
		.v = {
			.id = hash_of(p, made_at),
			.process_started = p->started,
			.tgid = p->tgid,
			.since = now,
			.made_at = made_at,
		},
		.low = { UINT64_MAX, UINT64_MAX },
	};

	if (one)
		return one;
	return array_push(&p->places, fresh) ? NULL : &p->places.v[p->places.n - 1];
}

static __u64 more(__u64 a, __u64 b)
{
	return a > b ? a - b : 0;
}

/* Of those who came and went since the last look at least so many did.
 * Who could not be read now, torn in all, may still be there. */
static void count(struct place_made *one, const struct go_site *g, __u64 torn)
{
	const __u64 born = one->all ? g->fresh : g->alive;

	one->v.born += born;
	one->v.ended += more(one->all + born, g->alive + torn);
	one->all = g->alive;
	one->v.alive = more(g->alive, g->stuck) < UINT32_MAX ? more(g->alive, g->stuck)
							     : UINT32_MAX;
	for (int k = 0; k < SCALES; k++)
		if (one->v.alive < one->low[k])
			one->low[k] = one->v.alive;
	one->seen = true;
}

static void drop_unseen(struct program *p)
{
	size_t n = 0;

	for (size_t i = 0; i < p->places.n; i++)
		if (p->places.v[i].seen)
			p->places.v[n++] = p->places.v[i];
	p->places.n = n;
	for (size_t i = 0; i < n; i++)
		p->places.v[i].seen = false;
}

/* 0 or -ENOMEM. */
static int look_at_places(struct program *p, const struct world *w, __u64 torn)
{
	for (size_t i = 0; i < w->go_sites.n; i++) {
		const struct go_site *g = &w->go_sites.v[i];
		struct place_made *one;

		if (g->tgid != p->tgid || !g->made_at)
			continue;
		one = get_place(p, g->made_at, p->read);
		if (!one)
			return -ENOMEM;
		count(one, g, torn);
	}
	drop_unseen(p);
	return 0;
}

/* ---- windows ---- */

/* Numbers that are remembered side by side have one count. */
static void push(__u64 *v, __u32 n, __u64 last)
{
	floors_push(v, &n, last);
}

static void end_window(struct program *p, int scale, __u64 alive, __u64 newest)
{
	struct window *w = &p->windows[scale];

	push(w->starts, w->n, w->start);
	push(w->newest, w->n, newest);
	floors_push(w->floors, &w->n, w->low);
	for (size_t i = 0; i < p->places.n; i++) {
		struct place_made *one = &p->places.v[i];
		struct floors *f = scale == SLOW ? &one->v.slow : &one->v.floors;

		if (one->v.since <= w->start) {
			floors_push(f->at, &f->n, one->low[scale]);
			f->window_ns = (p->read - w->starts[w->n - f->n]) / f->n;
		}
		one->low[scale] = one->v.alive;
	}
	w->start = p->read;
	w->looks = 0;
	w->low = alive;
}

/* Its first look begins its windows. */
static void look_at_windows(struct gosites *s, struct program *p, __u64 alive, __u64 newest)
{
	for (int k = 0; k < SCALES; k++) {
		struct window *w = &p->windows[k];
		const __u64 length = s->window_ns * (k == SLOW ? SITE_SLOW : 1);

		if (!w->start) {
			w->start = p->read;
			w->low = alive;
			continue;
		}
		w->looks++;
		w->low = alive < w->low ? alive : w->low;
		if (w->looks >= GOSITES_LOOKS && p->read - w->start >= length)
			end_window(p, k, alive, newest);
	}
}

static int look_at(struct gosites *s, const struct world *w, const struct go_process *now)
{
	const struct wire_thread *leader = world_thread(w, now->tgid);
	struct program *p = leader ? get_program(s, leader) : NULL;
	__u64 stuck = 0;
	int err;

	if (!leader)
		return 0;
	if (!p)
		return -ENOMEM;
	p->look = s->look;
	if (!(now->bits & GO_READ) || now->read <= p->read)
		return 0; /* it was carried over from the look before */
	p->read = now->read;
	for (size_t i = 0; i < w->go_sites.n; i++)
		stuck += w->go_sites.v[i].tgid == now->tgid ? w->go_sites.v[i].stuck : 0;
	err = look_at_places(p, w, now->torn);
	if (!err)
		look_at_windows(s, p, more(now->goroutines, stuck), now->newest);
	return err;
}

int gosites_look(struct gosites *s, const struct world *w)
{
	int err = 0;

	s->look++;
	for (size_t i = 0; !err && i < w->go_processes.n; i++)
		err = look_at(s, w, &w->go_processes.v[i]);
	if (!err)
		forget_gone(s, false);
	return err;
}

/* ---- what it says ---- */

static void fill_floors(const struct window *w, struct floors *ret)
{
	ret->nprocess = w->n;
	memcpy(ret->process, w->floors, sizeof(ret->process));
	ret->newest = w->n > FLOORS_STAY ? w->newest[w->n - 1 - FLOORS_STAY] : 0;
}

static int fill(const struct program *p, struct world *w)
{
	for (size_t i = 0; i < p->places.n; i++) {
		struct site site = p->places.v[i].v;

		fill_floors(&p->windows[QUICK], &site.floors);
		fill_floors(&p->windows[SLOW], &site.slow);
		if (array_push(&w->past.sites, site))
			return -ENOMEM;
	}
	return 0;
}

int gosites_fill(const struct gosites *s, struct world *w)
{
	int err = 0;

	for (const struct program *p = s->programs; !err && p; p = p->hh.next)
		if (!w->threads.n || is_it(p, world_thread(w, p->tgid)))
			err = fill(p, w);
	return err;
}
