// SPDX-License-Identifier: GPL-2.0-only
/* sites.c - the populations of the places where threads are made, window by window.
 *
 * Pure. All windows of one length end together, at a look; a site's first window is only a part
 * of one and does not count. A site goes when its process does, but is freed only when its last
 * thread has given it back: deaths may be lost. */
#include "analyze/sites.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define HASH_NONFATAL_OOM 1
#include <uthash.h>

#include "analyze/accumulate.h"
#include "analyze/floors.h"
#include "base/fnv.h"

enum { QUICK, SLOW, SCALES }; /* lengths of windows */

struct site_key {
	__u64 site;
	__u64 tgid;
};

struct site_of {
	struct site_key key;
	struct site v;
	__u64 low[SCALES]; /* lowest population in this window */
	__u64 last;	   /* when its last thread was born */
	__u32 trace;	   /* number + 1 in sites.stacks; 0: not known */
	__u32 number;	   /* + 1, in the last sites_fill() */
	bool forgotten;	   /* it is in no table any more */
	UT_hash_handle hh;
};

struct process_of {
	__u32 tgid;
	__u32 alive;
	__u32 nsites;
	__u64 started; /* of the first thread that was seen */
	__u64 since;
	__u64 low[SCALES];
	__u64 floors[SCALES][SITE_WINDOWS];
	__u32 nfloors[SCALES];
	UT_hash_handle hh;
};

struct sites {
	struct site_of *all;
	struct process_of *processes;
	struct stacks stacks;
	__u64 window_ns;
	__u64 window_start[SCALES];
	__u64 starts[SCALES][SITE_WINDOWS]; /* of the last windows that are over, oldest first */
	__u32 nstarts[SCALES];
	bool crowded; /* no site is empty: none need be looked for */
};

struct sites *sites_new(__u64 now, __u64 window_ns)
{
	struct sites *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	s->window_ns = window_ns;
	s->window_start[QUICK] = s->window_start[SLOW] = now;
	return s;
}

void sites_free(struct sites *s)
{
	struct site_of *site, *next_site;
	struct process_of *p, *next;

	if (!s)
		return;
	HASH_ITER (hh, s->all, site, next_site) {
		HASH_DEL(s->all, site);
		free(site);
	}
	HASH_ITER (hh, s->processes, p, next) {
		HASH_DEL(s->processes, p);
		free(p);
	}
	stack_free(&s->stacks);
	free(s);
}

static struct process_of *find_process(struct sites *s, __u32 tgid)
{
	struct process_of *p;

	HASH_FIND(hh, s->processes, &tgid, sizeof(tgid), p);
	return p;
}

/* Its threads may still hold it. */
static void forget(struct sites *s, struct site_of *site)
{
	struct process_of *p = find_process(s, site->v.tgid);

	if (p)
		p->nsites--;
	HASH_DEL(s->all, site);
	site->forgotten = true;
	site->number = 0;
	if (!site->v.alive)
		free(site);
}

static struct process_of *get_process(struct sites *s, __u32 tgid, __u64 started)
{
	struct process_of *p = find_process(s, tgid);

	if (p)
		return p;
	p = calloc(1, sizeof(*p));
	if (!p)
		return NULL;
	p->tgid = tgid;
	p->started = p->since = started;
	HASH_ADD(hh, s->processes, tgid, sizeof(p->tgid), p);
	if (!p->hh.tbl) {
		free(p);
		return NULL;
	}
	return p;
}

static struct site_of *find_site(struct sites *s, __u32 tgid, __u64 site)
{
	struct site_key key = { site, tgid };
	struct site_of *one;

	HASH_FIND(hh, s->all, &key, sizeof(key), one);
	return one;
}

/* Makes room by forgetting the empty sites that were used last the longest ago, some at once: a
 * program can make a new site with each thread. False when there is none. */
static bool make_room(struct sites *s)
{
	struct site_of *one, *next;
	__u64 oldest = UINT64_MAX, newest = 0;

	if (HASH_COUNT(s->all) < SITES_MAX)
		return true;
	for (one = s->all; one && !s->crowded; one = one->hh.next) {
		if (one->v.alive)
			continue;
		oldest = one->last < oldest ? one->last : oldest;
		newest = one->last > newest ? one->last : newest;
	}
	s->crowded = oldest > newest;
	if (s->crowded)
		return false;
	HASH_ITER (hh, s->all, one, next)
		if (!one->v.alive && one->last - oldest <= (newest - oldest) / 8)
			forget(s, one);
	return true;
}

static __u64 hash_of(const struct process_of *p, __u64 site)
{
	__u64 parts[] = { p->tgid, p->started, site };

	return fnv_add(FNV_START, parts, sizeof(parts));
}

/* *ret is NULL where there is no room for one more. 0 or -ENOMEM. */
static int get_site(struct sites *s, struct process_of *p, __u64 site, __u64 now,
		    struct site_of **ret)
{
	struct site_of *one = find_site(s, p->tgid, site);

	*ret = one;
	if (one || !make_room(s))
		return 0;
	one = calloc(1, sizeof(*one));
	if (!one)
		return -ENOMEM;
	one->key = (struct site_key){ site, p->tgid };
	one->v = (struct site){
		.id = hash_of(p, site),
		.process_started = p->started,
		.tgid = p->tgid,
		.since = now,
		.floors.window_ns = s->window_ns,
		.slow.window_ns = s->window_ns * SITE_SLOW,
	};
	HASH_ADD(hh, s->all, key, sizeof(one->key), one);
	if (!one->hh.tbl) {
		free(one);
		return -ENOMEM;
	}
	p->nsites++;
	*ret = one;
	return 0;
}

int sites_birth(struct sites *s, __u32 tgid, __u64 site, __u64 started, struct site_of **ret)
{
	struct process_of *p = get_process(s, tgid, started);
	struct site_of *one = NULL;
	int err;

	if (!p)
		return -ENOMEM;
	p->alive++;
	err = site ? get_site(s, p, site, started, &one) : 0;
	if (err)
		return err;
	*ret = one;
	if (!one)
		return 0;
	one->v.born++;
	one->v.alive++;
	one->last = started;
	return 0;
}

static void lower(__u64 low[SCALES], __u64 alive)
{
	for (int k = 0; k < SCALES; k++)
		if (alive < low[k])
			low[k] = alive;
}

static void give_back(struct site_of *site)
{
	site->v.alive--;
	lower(site->low, site->v.alive);
	if (site->forgotten && !site->v.alive)
		free(site);
}

void sites_leave(struct site_of *site)
{
	if (site)
		give_back(site);
}

static void end_process(struct sites *s, struct process_of *p)
{
	sites_exec(s, p->tgid);
	HASH_DEL(s->processes, p);
	free(p);
}

void sites_death(struct sites *s, __u32 tgid, struct site_of *site)
{
	struct process_of *p = find_process(s, tgid);

	if (site) {
		site->v.ended++;
		s->crowded = s->crowded && site->v.alive > 1;
		give_back(site);
	}
	if (!p)
		return;
	p->alive--;
	lower(p->low, p->alive);
	if (!p->alive)
		end_process(s, p);
}

void sites_exec(struct sites *s, __u32 tgid)
{
	struct process_of *p = find_process(s, tgid);
	struct site_of *one, *next;

	if (!p)
		return;
	memset(p->nfloors, 0, sizeof(p->nfloors));
	if (!p->nsites)
		return;
	HASH_ITER (hh, s->all, one, next)
		if (one->key.tgid == tgid)
			forget(s, one);
}

/* ---- windows ---- */

/* Of the last n, which end at looks: from the first's start to the last's it is exact. */
static __u64 length_of(const struct sites *s, int scale, __u32 n, __u64 now)
{
	const __u64 *end = s->starts[scale] + s->nstarts[scale];

	return n > 1 ? (end[-1] - end[-(ptrdiff_t)n]) / (n - 1) : now - s->window_start[scale];
}

static void end_window(struct sites *s, int scale, __u64 now)
{
	const __u64 start = s->window_start[scale];

	floors_push(s->starts[scale], &s->nstarts[scale], start);
	for (struct site_of *one = s->all; one; one = one->hh.next) {
		struct floors *f = scale == SLOW ? &one->v.slow : &one->v.floors;

		if (one->v.since <= start) {
			floors_push(f->at, &f->n, one->low[scale]);
			f->window_ns = length_of(s, scale, f->n, now);
		}
		one->low[scale] = one->v.alive;
	}
	for (struct process_of *p = s->processes; p; p = p->hh.next) {
		if (p->since <= start)
			floors_push(p->floors[scale], &p->nfloors[scale], p->low[scale]);
		p->low[scale] = p->alive;
	}
	s->window_start[scale] = now;
}

void sites_look(struct sites *s, __u64 now)
{
	if (now - s->window_start[QUICK] >= s->window_ns)
		end_window(s, QUICK, now);
	if (now - s->window_start[SLOW] >= s->window_ns * SITE_SLOW)
		end_window(s, SLOW, now);
}

/* ---- creation stacks ---- */

bool sites_wants_trace(struct sites *s, __u32 tgid, __u64 site)
{
	const struct site_of *one = find_site(s, tgid, site);

	return one && !one->trace;
}

struct stacks *sites_stacks(struct sites *s)
{
	return &s->stacks;
}

void sites_set_trace(struct sites *s, __u32 tgid, __u64 site, __u32 trace)
{
	struct site_of *one = find_site(s, tgid, site);

	if (one)
		one->trace = trace + 1;
}

/* Drops the stacks of sites that are gone, when they are the most. 0 or -ENOMEM. */
static int compact(struct sites *s)
{
	struct stacks fresh = {};
	size_t used = 0;
	int err = 0;

	for (const struct site_of *one = s->all; one; one = one->hh.next)
		used += one->trace != 0;
	if (s->stacks.traces.n <= 2 * used + 64)
		return 0;
	for (struct site_of *one = s->all; !err && one; one = one->hh.next) {
		__u32 trace;

		if (!one->trace)
			continue;
		err = stack_copy_trace(&s->stacks, one->trace - 1, &fresh, &trace);
		one->trace = trace + 1;
	}
	for (struct site_of *one = s->all; err && one; one = one->hh.next)
		one->trace = 0;
	stack_free(&s->stacks);
	s->stacks = fresh;
	return err;
}

/* ---- what it says ---- */

static void fill_process(const struct process_of *p, int scale, struct floors *ret)
{
	ret->nprocess = p->nfloors[scale];
	memcpy(ret->process, p->floors[scale], sizeof(ret->process));
}

int sites_fill(struct sites *s, struct world *w, bool all_stacks)
{
	int err = compact(s);

	for (struct site_of *one = s->all; !err && one; one = one->hh.next) {
		const struct process_of *p = find_process(s, one->v.tgid);
		struct site site = one->v;
		__u32 trace;

		if (p) {
			fill_process(p, QUICK, &site.floors);
			fill_process(p, SLOW, &site.slow);
		}
		if (one->trace && (all_stacks || accumulate_rises(&site))) {
			err = stack_copy_trace(&s->stacks, one->trace - 1, &w->stacks, &trace);
			site.trace = err ? 0 : trace + 1;
		}
		err = err ? err : array_push(&w->past.sites, site) ? -ENOMEM : 0;
		one->number = w->past.sites.n;
	}
	return err;
}

__u32 sites_number(const struct site_of *site)
{
	return site ? site->number : 0;
}
