// SPDX-License-Identifier: GPL-2.0-only
/* settle.c - what is kept of a look from one pass to the next. */
#include "analyze/settle.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"

#define SMALL 4 /* times the waits that are kept */

/* Frees what the array has room for and does not need. */
#define array_shrink(a) array_shrink_to((void **)&(a)->v, &(a)->cap, (a)->n, sizeof(*(a)->v))

static void array_shrink_to(void **v, size_t *cap, size_t n, size_t size)
{
	void *p = reallocarray(*v, n + 1, size);

	if (!p)
		return; /* it stays as large as it was */
	*v = p;
	*cap = n + 1;
}

static int compare_ages(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? 1 : x > y ? -1 : 0;
}

/* The age above which are fewer waits than asked for; there are more waits than that. */
static int longest_waits(const struct verdicts *v, size_t waits, __u64 *ret_age)
{
	_cleanup_free_ __u64 *ages = calloc(v->judged.n, sizeof(*ages));

	if (!ages)
		return -ENOMEM;
	for (size_t i = 0; i < v->judged.n; i++)
		ages[i] = v->judged.v[i].age_ns;
	qsort(ages, v->judged.n, sizeof(*ages), compare_ages);
	*ret_age = ages[waits];
	return 0;
}

static void drop_judged(struct verdicts *v, __u32 *moved, size_t waits, __u64 age)
{
	size_t n = 0, left = waits;

	for (size_t i = 0; i < v->judged.n; i++)
		left -= v->judged.v[i].age_ns > age;
	for (size_t i = 0; i < v->judged.n; i++) {
		struct judged *one = &v->judged.v[i];
		bool is_long = one->age_ns > age;

		if (one->age_ns == age && left) {
			left--;
			is_long = true;
		}
		if (one->class >= CLASS_DEADLOCK || one->finding || is_long) {
			moved[i] = n;
			v->judged.v[n++] = *one;
			continue;
		}
		free(one->source);
		array_free(&one->waits_for);
	}
	v->judged.n = n;
	array_shrink(&v->judged);
	for (size_t i = 0; i < v->findings.n; i++)
		for (size_t k = 0; k < v->findings.v[i].members.n; k++)
			v->findings.v[i].members.v[k] = moved[v->findings.v[i].members.v[k]];
}

static void drop_threads(struct verdicts *v, struct world *w)
{
	size_t n = 0, next = 0;

	for (size_t i = 0; i < w->threads.n; i++) {
		const struct wire_thread *t = &w->threads.v[i];
		bool judged = next < v->judged.n && v->judged.v[next].thread == t;

		next += judged;
		if (judged || (t->bits & WIRE_RUNNABLE) || t->head.tid == t->tgid)
			w->threads.v[n++] = *t;
	}
	w->threads.n = n;
	array_shrink(&w->threads);
}

int settle_verdicts(struct verdicts *v, struct world *w, size_t waits)
{
	_cleanup_free_ __u32 *moved = NULL;
	_cleanup_free_ __u32 *tids = NULL;
	__u64 age;

	if (w->threads.n <= SMALL * waits || v->judged.n <= waits)
		return 0;
	moved = calloc(v->judged.n, sizeof(*moved));
	tids = calloc(v->judged.n, sizeof(*tids));
	if (!moved || !tids || longest_waits(v, waits, &age))
		return -ENOMEM;
	drop_judged(v, moved, waits, age);
	for (size_t i = 0; i < v->judged.n; i++)
		tids[i] = v->judged.v[i].thread->head.tid;
	drop_threads(v, w);
	for (size_t i = 0; i < v->judged.n; i++)
		v->judged.v[i].thread = world_thread(w, tids[i]);
	array_free(&w->files);
	array_free(&w->locks);
	array_free(&w->fds);
	array_free(&w->mappers);
	array_free(&w->memory.ranges);
	array_free(&w->memory.bytes);
	array_free(&w->past.births);
	return 0;
}
