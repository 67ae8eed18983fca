// SPDX-License-Identifier: GPL-2.0-only
/* groups_table.c - all labels that processes have, and which of them are shown by name.
 *
 * Pure. Soundness: a count goes to one total, that of a label with a name or that of "other",
 * and never moves from there. */
#include "analyze/groups_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static struct groups_record *record_new(const char *name, const char *unit)
{
	size_t len = strlen(name) + 1, unit_len = strlen(unit) + 1;
	struct groups_record *r = calloc(1, sizeof(*r) + len + unit_len);

	if (!r)
		return NULL;
	memcpy(r->name, name, len);
	memcpy(r->name + len, unit, unit_len);
	r->unit = r->name + len;
	return r;
}

int groups_table_init(struct groups_table *t, size_t limit)
{
	*t = (struct groups_table){ .limit = limit < GROUPS_LIMIT_MAX ? limit : GROUPS_LIMIT_MAX };
	t->named = calloc(t->limit + 1, sizeof(*t->named));
	t->all = calloc(t->limit + 1, sizeof(*t->all));
	t->other = record_new(GROUPS_OTHER, "");
	if (!t->named || !t->all || !t->other)
		return -ENOMEM;
	t->other->ranked = true;
	return 0;
}

void groups_table_free(struct groups_table *t)
{
	struct groups_record *r, *next;

	HASH_ITER (hh, t->records, r, next) {
		HASH_DEL(t->records, r);
		free(r);
	}
	free(t->other);
	free(t->named);
	free(t->all);
	array_free(&t->order);
}

struct groups_record *groups_table_record(struct groups_table *t, const char *name,
					  const char *unit)
{
	struct groups_record *r = record_new(name, unit), *found;
	size_t len;

	if (!r)
		return NULL;
	len = strlen(name) + 1 + strlen(unit);
	HASH_FIND(hh, t->records, r->name, len, found);
	if (!found && HASH_COUNT(t->records) >= GROUPS_TABLE_RECORDS)
		found = t->other;
	if (found) {
		free(r);
		return found;
	}
	HASH_ADD_KEYPTR(hh, t->records, r->name, len, r);
	if (!r->hh.tbl) {
		free(r);
		return NULL;
	}
	return r;
}

static void add(struct groups_tally *to, struct groups_tally n)
{
	to->born += n.born;
	to->ended += n.ended;
}

struct group *groups_table_shown(const struct groups_table *t, const struct groups_record *r)
{
	if (!r || !r->named)
		r = t->other;
	return r->slot ? &t->all[r->slot - 1] : NULL;
}

void groups_table_count(struct groups_table *t, struct groups_record *r, struct groups_tally n)
{
	struct group *shown;

	if (!r->ranked) {
		add(&r->fresh, n); /* may get its name at the next look */
		return;
	}
	if (!r->named)
		r = t->other;
	add(&r->total, n);
	shown = groups_table_shown(t, r);
	if (shown) {
		shown->born = r->total.born;
		shown->ended = r->total.ended;
	}
}

void groups_table_begin(struct groups_table *t)
{
	struct groups_record *r, *next;

	t->look++;
	t->other->threads = t->other->stuck = 0;
	HASH_ITER (hh, t->records, r, next)
		r->threads = r->stuck = 0;
}

/* ---- who has a name ---- */

static int compare_label(const struct groups_record *a, const struct groups_record *b)
{
	int c = strcmp(a->name, b->name);

	return c ? c : strcmp(a->unit, b->unit);
}

static int compare_rank(const void *a, const void *b)
{
	const struct groups_record *x = *(struct groups_record *const *)a,
				   *y = *(struct groups_record *const *)b;

	if (!x->stuck != !y->stuck)
		return x->stuck ? -1 : 1;
	if (x->threads != y->threads)
		return x->threads > y->threads ? -1 : 1;
	if (x->named != y->named)
		return x->named ? -1 : 1;
	return compare_label(x, y);
}

static int put_in_order(struct groups_table *t)
{
	struct groups_record *r, *next;

	t->order.n = 0;
	HASH_ITER (hh, t->records, r, next)
		if ((r->threads || r->named) && array_push(&t->order, r))
			return -ENOMEM;
	if (t->order.n)
		qsort(t->order.v, t->order.n, sizeof(*t->order.v), compare_rank);
	return 0;
}

/* Whether a name may go from one group to another. */
static bool yields(const struct groups_table *t, const struct groups_record *from,
		   const struct groups_record *to)
{
	return (to->stuck && !from->stuck) || t->look - from->wanted > GROUPS_TABLE_HOLD;
}

/* The lowest whose name may go to r; NULL: there is none. */
static struct groups_record *victim(const struct groups_table *t, const struct groups_record *r)
{
	for (size_t i = t->order.n; i-- && t->order.v[i] != r;)
		if (t->order.v[i]->named && yields(t, t->order.v[i], r))
			return t->order.v[i];
	return NULL;
}

static void give_name(struct groups_table *t, struct groups_record *r)
{
	struct groups_record *loser = t->nnamed == t->limit ? victim(t, r) : NULL;
	size_t i = 0;

	if (t->nnamed < t->limit) {
		t->named[t->nnamed++] = r;
	} else if (loser) {
		while (t->named[i] != loser)
			i++;
		t->named[i] = r;
		loser->named = false;
	} else {
		return;
	}
	r->named = true;
}

static void give_names(struct groups_table *t)
{
	size_t first = t->order.n < t->limit ? t->order.n : t->limit;

	for (size_t i = 0; i < first; i++)
		if (t->order.v[i]->threads)
			t->order.v[i]->wanted = t->look;
	for (size_t i = 0; i < first; i++)
		if (t->order.v[i]->threads && !t->order.v[i]->named)
			give_name(t, t->order.v[i]);
}

/* Now that it is known where they belong. */
static void settle(struct groups_table *t)
{
	struct groups_record *r, *next;

	HASH_ITER (hh, t->records, r, next) {
		r->ranked = true;
		groups_table_count(t, r, r->fresh);
		r->fresh = (struct groups_tally){};
	}
}

/* ---- what is shown, and what is forgotten ---- */

static int compare_size(const void *a, const void *b)
{
	const struct groups_record *x = *(struct groups_record *const *)a,
				   *y = *(struct groups_record *const *)b;

	if (x->threads != y->threads)
		return x->threads > y->threads ? -1 : 1;
	return compare_label(x, y);
}

static void show(struct groups_table *t, struct groups_record *r)
{
	t->all[t->n++] = (struct group){
		.name = r->name,
		.unit = r->unit,
		.born = r->total.born,
		.ended = r->total.ended,
		.threads = r->threads,
	};
	r->slot = t->n;
}

static void show_all(struct groups_table *t)
{
	struct groups_record *r, *next, *other = t->other;

	HASH_ITER (hh, t->records, r, next)
		if (!r->named)
			other->threads += r->threads;
	if (t->nnamed)
		qsort(t->named, t->nnamed, sizeof(*t->named), compare_size);
	t->n = 0;
	for (size_t i = 0; i < t->nnamed; i++)
		show(t, t->named[i]);
	if (other->slot || other->threads || other->total.born || other->total.ended)
		show(t, other);
}

/* Of those without a process: the one that has been small for longest. */
static struct groups_record *oldest_dead(const struct groups_table *t, size_t *ret_n)
{
	struct groups_record *r, *next, *oldest = NULL;
	size_t n = 0;

	HASH_ITER (hh, t->records, r, next) {
		if (r->processes || r->named)
			continue;
		n++;
		if (!oldest || r->wanted < oldest->wanted)
			oldest = r;
	}
	*ret_n = n;
	return oldest;
}

static void forget(struct groups_table *t)
{
	struct groups_record *r, *next;
	size_t dead;

	HASH_ITER (hh, t->records, r, next) {
		if (r->processes || r->named || r->total.born || r->total.ended)
			continue;
		HASH_DEL(t->records, r);
		free(r);
	}
	while ((r = oldest_dead(t, &dead)) && dead > GROUPS_TABLE_DEAD) {
		HASH_DEL(t->records, r);
		free(r);
	}
}

int groups_table_end(struct groups_table *t)
{
	int err = put_in_order(t);

	if (!err)
		give_names(t);
	settle(t);
	show_all(t);
	forget(t);
	return err;
}
