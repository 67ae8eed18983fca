// SPDX-License-Identifier: GPL-2.0-only
/* places.c - the threads or goroutines of a finding, by the place where they stand. */
#include "report/places.h"

#include <errno.h>
#include <stdlib.h>

#include "report/frames.h"

struct entry {
	const struct place *place;
	const struct trace *trace;
	__u64 id;
	__u64 age_ns;
	size_t at; /* in finding.members, or in finding.goroutines */
};

/* By place; what has a stack but no place in it, by its stack. */
static int compare_place(const struct entry *a, const struct entry *b)
{
	if (a->place->hash != b->place->hash)
		return a->place->hash < b->place->hash ? -1 : 1;
	if (a->place->hash || a->trace == b->trace)
		return 0;
	return a->trace < b->trace ? -1 : 1;
}

static int compare_entry(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;
	int c = compare_place(x, y);

	return c ? c : x->at < y->at ? -1 : x->at > y->at;
}

/* In a ring: before all others, as the ring goes. */
static int compare_group(const void *a, const void *b, void *finding)
{
	const struct places_group *x = a, *y = b;
	const struct finding *f = finding;
	bool x_ring = f->cycle && x->first < f->nknot, y_ring = f->cycle && y->first < f->nknot;

	if (x_ring != y_ring)
		return x_ring ? -1 : 1;
	if (!x_ring && x->n != y->n)
		return x->n > y->n ? -1 : 1;
	return x->first < y->first ? -1 : x->first > y->first;
}

static void add_start(struct places_group *g, const struct frame *start)
{
	if (!start || g->nstarts > PLACES_STARTS)
		return;
	for (size_t i = 0; i < g->nstarts && i < PLACES_STARTS; i++)
		if (frames_same(g->starts[i], start))
			return;
	if (g->nstarts < PLACES_STARTS)
		g->starts[g->nstarts] = start;
	g->nstarts++;
}

static struct places_group make(const struct entry *entries, size_t n)
{
	struct places_group g = { .place = entries->place,
				  .trace = entries->trace,
				  .first = entries->at,
				  .n = n,
				  .oldest_ns = entries->age_ns,
				  .youngest_ns = entries->age_ns };

	for (size_t i = 0; i < n; i++) {
		const struct entry *e = &entries[i];

		if (i < PLACES_IDS)
			g.ids[i] = e->id;
		if (e->age_ns > g.oldest_ns)
			g.oldest_ns = e->age_ns;
		if (e->age_ns < g.youngest_ns)
			g.youngest_ns = e->age_ns;
		add_start(&g, e->place->start);
	}
	return g;
}

/* Those that have a stack; how many. */
static size_t fill(const struct verdicts *v, const struct finding *f, struct entry *entries)
{
	size_t n = 0;

	for (size_t i = 0; i < f->members.n; i++) {
		const struct judged *j = &v->judged.v[f->members.v[i]];

		if (j->trace)
			entries[n++] = (struct entry){ &j->place, j->trace, j->thread->head.tid,
						       j->age_ns, i };
	}
	for (size_t i = 0; i < f->goroutines.n; i++) {
		const struct judged_goroutine *g = &v->goroutines.v[f->goroutines.v[i]];

		if (g->trace)
			entries[n++] =
				(struct entry){ &g->place, g->trace, g->wait->id, g->age_ns, i };
	}
	return n;
}

const struct place *places_cause(const struct verdicts *v, const struct finding *f)
{
	const struct place *first = NULL;

	if (f->goroutines.n) { /* they share it, but for those of a ring */
		first = &v->goroutines.v[f->goroutines.v[0]].place;
		return first->n ? first : NULL;
	}
	for (size_t i = 0; f->place && i < f->members.n; i++) {
		const struct place *p = &v->judged.v[f->members.v[i]].place;

		if (p->hash == f->place)
			return p;
		first = !first && p->hash ? p : first;
	}
	return first;
}

int places_of(const struct verdicts *v, const struct finding *f, struct places *ret)
{
	struct entry *entries = calloc(verdict_count(f) + 1, sizeof(*entries));
	size_t n = entries ? fill(v, f, entries) : 0;
	struct places places = {};
	int err = entries ? 0 : -ENOMEM;

	if (n)
		qsort(entries, n, sizeof(*entries), compare_entry);
	for (size_t i = 0, end; !err && i < n; i = end) {
		for (end = i + 1; end < n && !compare_place(&entries[i], &entries[end]);)
			end++;
		err = array_push(&places.groups, make(entries + i, end - i)) ? -ENOMEM : 0;
	}
	free(entries);
	if (err) {
		array_free(&places.groups);
		return err;
	}
	if (places.groups.n)
		qsort_r(places.groups.v, places.groups.n, sizeof(*places.groups.v), compare_group,
			(void *)f);
	*ret = places;
	return 0;
}
