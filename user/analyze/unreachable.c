// SPDX-License-Identifier: GPL-2.0-only
/* unreachable.c - goroutines that nothing can wake any more.
 *
 * Which they are was found out where the memory is (golang/mark.c): nobody who can
 * still run reaches what they wait on. That does not change any more, so no
 * threshold of time is asked for; what has to hold is that nothing moved while
 * memory was searched, or that it is found twice (confirm.c); and that its version
 * of Go was measured, for what was not may differ in more than its layouts. */
#include "analyze/unreachable.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/judge.h"
#include "analyze/sentence.h"
#include "base/fnv.h"

static bool is_stuck(const struct judged_goroutine *one)
{
	return (one->wait->bits & GO_STUCK) && !(one->wait->bits & GO_TORN);
}

static int compare_kind(const struct judged_goroutine *x, const struct judged_goroutine *y)
{
	if (x->wait->tgid != y->wait->tgid)
		return x->wait->tgid < y->wait->tgid ? -1 : 1;
	if (x->place.hash != y->place.hash)
		return x->place.hash < y->place.hash ? -1 : 1;
	return strcmp(x->wait->reason, y->wait->reason);
}

static int compare_stuck(const void *a, const void *b)
{
	const struct judged_goroutine *x = *(const struct judged_goroutine *const *)a;
	const struct judged_goroutine *y = *(const struct judged_goroutine *const *)b;
	int kind = compare_kind(x, y);

	if (kind)
		return kind;
	if (x->age_ns != y->age_ns)
		return x->age_ns > y->age_ns ? -1 : 1;
	return x->wait->id < y->wait->id ? -1 : x->wait->id > y->wait->id;
}

/* "goroutine 21 of server [4711] waits", "goroutines of server [4711] wait" */
static void write_who(const struct judge *j, const struct finding *f, const struct go_wait *g,
		      char *ret, size_t size)
{
	const struct wire_thread *t = world_thread(j->w, g->tgid);
	char name[SENTENCE_NAME] = "a program";

	if (t)
		sentence_name(t, name, sizeof(name));
	if (f->goroutines.n > 1)
		snprintf(ret, size, "goroutines of %s wait", name);
	else
		snprintf(ret, size, "goroutine %llu of %s waits", g->id, name);
}

static int write_reason(const struct judge *j, struct finding *f, const struct go_wait *g)
{
	const bool many = f->goroutines.n > 1;
	const char *object = g->nobjects > 1	    ? "any of the channels"
			     : g->bits & GO_CHANNEL ? "the channel"
			     : many		    ? "what they wait on"
						    : "what it waits on";
	char who[SENTENCE_NAME + 64];
	int n;

	write_who(j, f, g, who, sizeof(who));
	if (g->bits & GO_NOTHING)
		n = asprintf(&f->reason, "%s in \"%s\", which nothing ever ends.", who, g->reason);
	else
		n = asprintf(&f->reason,
			     "%s in \"%s\", and nothing that can still run holds a pointer to %s.",
			     who, g->reason, object);
	if (n >= 0)
		return 0;
	f->reason = NULL;
	return -ENOMEM;
}

static int write_objects(struct finding *f, const struct judged_goroutine *one)
{
	const struct go_wait *g = one->wait;

	if (!g->object)
		return 0;
	if (!(g->bits & GO_CHANNEL))
		return evidence_fact(f, "goroutine %llu waits on 0x%llx", g->id, g->object);
	return evidence_fact(f, "goroutine %llu waits on %s0x%llx: %s, %llu of %llu elements",
			     g->id, g->nobjects > 1 ? "several channels, such as " : "channel ",
			     g->object, g->bits & GO_CLOSED ? "closed" : "open", g->count,
			     g->capacity);
}

int unreachable_program(struct finding *f, const struct go_process *p)
{
	int err = 0;

	if (p && p->version[0])
		err = evidence_fact(f, "the program was made with %s and has %llu goroutines",
				    p->version, p->goroutines);
	if (!err && p && (p->bits & GO_OWN_LAYOUT))
		err = evidence_fact(
			f, "no program of that version was measured: where its runtime keeps "
			   "what was read from its own DWARF, and so nothing is proven");
	return err;
}

bool unreachable_provable(const struct go_process *p)
{
	return !p || !(p->bits & GO_OWN_LAYOUT);
}

static int write_evidence(const struct judge *j, struct finding *f,
			  const struct judged_goroutine *one)
{
	const struct go_process *p = world_go_process(j->w, f->pid);
	int err = write_objects(f, one);

	if (!err && p && !(one->wait->bits & GO_NOTHING))
		err = evidence_fact(
			f, "%.1f MiB of its data, stacks and heap were searched for pointers%s",
			p->searched / 1048576.0,
			p->bits & GO_MOVED ? ", while it ran"
					   : ", and no thread of it ran meanwhile");
	return err ? err : unreachable_program(f, p);
}

__u64 unreachable_place(const struct judged_goroutine *one)
{
	return fnv_add(one->place.hash, one->wait->reason, strlen(one->wait->reason));
}

/* One finding of stuck[0..n-1], oldest first. */
static int make(struct judge *j, const struct judged_goroutine *const *stuck, size_t n)
{
	const struct judged_goroutine *first = stuck[0];
	const struct go_process *p = world_go_process(j->w, first->wait->tgid);
	bool moved = p && (p->bits & GO_MOVED) && !(first->wait->bits & GO_NOTHING);
	struct finding f = {
		.class = CLASS_UNREACHABLE,
		.confidence = moved || !unreachable_provable(p) ? CONFIDENCE_LIKELY
								: CONFIDENCE_PROVEN,
		.pid = first->wait->tgid,
		.place = unreachable_place(first),
		.age_ns = first->age_ns,
		.youngest_ns = stuck[n - 1]->age_ns,
	};
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		err = array_push(&f.goroutines, stuck[i] - j->v->goroutines.v) ? -ENOMEM : 0;
	err = err ? err : write_reason(j, &f, first->wait);
	err = err ? err : write_evidence(j, &f, first);
	return finding_add(j, &f, err);
}

int unreachable_make(struct judge *j)
{
	const struct judged_goroutine **stuck;
	size_t n = 0;
	int err = 0;

	stuck = calloc(j->v->goroutines.n + 1, sizeof(*stuck));
	if (!stuck)
		return -ENOMEM;
	for (size_t i = 0; i < j->v->goroutines.n; i++)
		if (is_stuck(&j->v->goroutines.v[i]))
			stuck[n++] = &j->v->goroutines.v[i];
	if (n)
		qsort(stuck, n, sizeof(*stuck), compare_stuck);
	for (size_t i = 0, end; !err && i < n; i = end) {
		for (end = i + 1; end < n && !compare_kind(stuck[i], stuck[end]);)
			end++;
		err = make(j, &stuck[i], end - i);
	}
	free(stuck);
	return err;
}
