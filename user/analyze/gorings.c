// SPDX-License-Identifier: GPL-2.0-only
/* gorings.c - goroutines that wait for locks which nobody will unlock.
 *
 * Pure. Which they are, and for whom each waits, was found out where the memory is (golang/ring.c).
 * Who waits in a ring is deadlocked, and who stands behind it with it; where the
 * way ends at one that nothing can wake for another reason, they are orphaned.
 * Never proven: a deferred unlock is a duty, and no owner. Who has waited for
 * less than the threshold, or nobody knows how long, is a suspect. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyze/judge.h"
#include "analyze/sentence.h"
#include "analyze/unreachable.h"

#define FACTS_MAX 4 /* of who waits for whom */
#define NONE (~0u)

struct node {
	__u32 next; /* for whom it waits; NONE: for nobody of these */
	/* the first of the ring that its way leads to, or the last of its way; NONE: none */
	__u32 end;
	bool in_ring;
	bool seen;
	/* of an end */
	__u64 place;
	__u64 age_ns;
};

struct rings {
	struct judge *j;
	struct node *nodes; /* by number in verdicts.goroutines */
	__u32 *way;
};

static const struct judged_goroutine *goroutine(const struct rings *r, __u32 i)
{
	return &r->j->v->goroutines.v[i];
}

/* ---- where the ways lead ---- */

static __u32 next_of(const struct rings *r, __u32 i)
{
	const struct go_wait *g = goroutine(r, i)->wait;
	const struct judged_goroutine *holder = NULL;

	if ((g->bits & GO_HELD) && !(g->bits & (GO_STUCK | GO_TORN)))
		holder = verdict_goroutine(r->j->v, g->tgid, g->holder);
	return holder ? (__u32)(holder - r->j->v->goroutines.v) : NONE;
}

/* Of a ring that begins anywhere: the member with the lowest number. */
static __u32 mark_ring(struct rings *r, __u32 start)
{
	__u32 first = start, i = start;

	do {
		r->nodes[i].in_ring = true;
		first = i < first ? i : first;
		i = r->nodes[i].next;
	} while (i != start);
	return first;
}

/* Follows one way as far as it is new. */
static void follow(struct rings *r, __u32 start)
{
	__u32 end = NONE, i = start;
	size_t n = 0;

	for (; i != NONE && !r->nodes[i].seen; i = r->nodes[i].next) {
		r->nodes[i].seen = true;
		r->way[n++] = i;
	}
	if (i == NONE) /* the last of it never goes on for another reason, or is not known to */
		end = goroutine(r, r->way[n - 1])->wait->bits & GO_STUCK ? r->way[n - 1] : NONE;
	else if (r->nodes[i].end != NONE)
		end = r->nodes[i].end;
	else
		for (size_t k = 0; k < n && end == NONE; k++)
			end = r->way[k] == i ? mark_ring(r, i) : NONE;
	while (n--)
		r->nodes[r->way[n]].end = end;
}

/* ---- findings ---- */

static bool is_first(const struct rings *r, __u32 i)
{
	const struct node *node = &r->nodes[i];

	return node->in_ring || (node->next == node->end && !r->nodes[node->end].in_ring);
}

/* Sums up, of all that are first, where they stand; and how long each of
 * them has waited at least. */
static void find_ends(struct rings *r, size_t n)
{
	for (size_t i = 0; i < n; i++)
		r->nodes[i].age_ns = UINT64_MAX;
	for (size_t i = 0; i < n; i++) {
		const struct judged_goroutine *one = goroutine(r, i);
		struct node *end;

		if (r->nodes[i].next == NONE || r->nodes[i].end == NONE || !is_first(r, i))
			continue;
		end = &r->nodes[r->nodes[i].end];
		end->place += unreachable_place(one);
		end->age_ns = one->age_ns < end->age_ns ? one->age_ns : end->age_ns;
	}
}

static bool is_old(const struct rings *r, const struct node *end)
{
	return end->age_ns >= r->j->threshold_ns;
}

/* Those that are one finding are equal. */
static int compare_ends(const struct rings *r, __u32 x, __u32 y)
{
	const struct node *a = &r->nodes[r->nodes[x].end], *b = &r->nodes[r->nodes[y].end];
	const __u32 a_pid = goroutine(r, x)->wait->tgid, b_pid = goroutine(r, y)->wait->tgid;

	if (a_pid != b_pid)
		return a_pid < b_pid ? -1 : 1;
	if (a->in_ring != b->in_ring)
		return a->in_ring ? -1 : 1;
	if (a->place != b->place)
		return a->place < b->place ? -1 : 1;
	return is_old(r, b) - is_old(r, a);
}

static int compare(const void *a, const void *b, void *arg)
{
	const __u32 x = *(const __u32 *)a, y = *(const __u32 *)b;
	const struct rings *r = arg;
	const __u64 x_age = goroutine(r, x)->age_ns, y_age = goroutine(r, y)->age_ns;
	const int c = compare_ends(r, x, y);

	if (c)
		return c;
	if (is_first(r, x) != is_first(r, y))
		return is_first(r, x) ? -1 : 1;
	if (r->nodes[x].end != r->nodes[y].end)
		return r->nodes[x].end < r->nodes[y].end ? -1 : 1;
	if (x_age != y_age)
		return x_age > y_age ? -1 : 1;
	return x < y ? -1 : x > y;
}

static int write_reason(const struct rings *r, struct finding *f, __u32 end, bool one_end)
{
	const struct go_wait *one = goroutine(r, f->goroutines.v[0])->wait;
	const struct wire_thread *t = world_thread(r->j->w, f->pid);
	char name[SENTENCE_NAME] = "a program", who[SENTENCE_NAME + 64], holder[64];
	int n;

	if (t)
		sentence_name(t, name, sizeof(name));
	snprintf(who, sizeof(who), "goroutine %llu of %s waits", one->id, name);
	if (f->nknot > 1)
		snprintf(who, sizeof(who), "%u goroutines of %s wait", f->nknot, name);
	snprintf(holder, sizeof(holder), "goroutine %llu", goroutine(r, end)->wait->id);
	if (!f->cycle && r->nodes[end].in_ring)
		n = asprintf(&f->reason,
			     "%s in rings, each for a lock that the next one, or it itself, is to "
			     "unlock when it returns.",
			     who);
	else if (f->cycle && f->nknot > 1)
		n = asprintf(&f->reason,
			     "%s in a ring, each for a lock that the next one is to unlock when it "
			     "returns.",
			     who);
	else if (f->cycle)
		n = asprintf(&f->reason,
			     "%s for a lock that it is itself to unlock when it returns.", who);
	else
		n = asprintf(&f->reason,
			     "%s for a lock that %s is to unlock when it returns, and nothing ever "
			     "wakes that one.",
			     who, one_end ? holder : "another one");
	if (n >= 0)
		return 0;
	f->reason = NULL;
	return -ENOMEM;
}

static int write_evidence(const struct rings *r, struct finding *f)
{
	const struct go_process *p = world_go_process(r->j->w, f->pid);
	int err = 0;

	for (__u32 i = 0; !err && i < f->nknot && i < FACTS_MAX; i++) {
		const struct go_wait *g = goroutine(r, f->goroutines.v[i])->wait;

		err = evidence_fact(f,
				    "goroutine %llu waits on 0x%llx, of a lock that is locked, and "
				    "goroutine %llu has a deferred Unlock of that still to run",
				    g->id, g->object, g->holder);
	}
	if (!err && f->goroutines.n > f->nknot)
		err = evidence_fact(f, "others wait behind");
	err = err ? err
		  : evidence_fact(f,
				  "Go records no owner of a lock: that who is to unlock it has it "
				  "is assumed");
	return err ? err : unreachable_program(f, p);
}

/* A ring in its order, when it is the only one; then those that are first. */
static int add_members(const struct rings *r, struct finding *f, const __u32 *members, size_t n)
{
	const __u32 end = r->nodes[members[0]].end;
	int err = 0;

	for (__u32 i = end; !err && f->cycle && (i != end || !f->nknot); i = r->nodes[i].next) {
		err = array_push(&f->goroutines, i) ? -ENOMEM : 0;
		f->nknot++;
	}
	for (size_t i = 0; !err && i < n; i++) {
		if (f->cycle && r->nodes[members[i]].in_ring)
			continue;
		err = array_push(&f->goroutines, members[i]) ? -ENOMEM : 0;
		f->nknot += !f->cycle && is_first(r, members[i]);
	}
	return err;
}

/* One finding of members[0..n-1], whose ways lead to ends that are alike. */
static int make(struct rings *r, const __u32 *members, size_t n)
{
	const __u32 number = r->nodes[members[0]].end;
	const struct node *end = &r->nodes[number];
	const bool old = is_old(r, end);
	struct finding f = {
		.class = end->in_ring ? CLASS_DEADLOCK : CLASS_ORPHANED,
		.confidence = old ? CONFIDENCE_LIKELY : CONFIDENCE_SUSPECT,
		.pid = goroutine(r, number)->wait->tgid,
		.place = end->place + !old, /* who is not old yet is another finding */
		.youngest_ns = UINT64_MAX,
	};
	bool one_end = true;
	int err;

	for (size_t i = 0; i < n; i++) {
		const __u64 age_ns = goroutine(r, members[i])->age_ns;

		one_end = one_end && r->nodes[members[i]].end == number;
		f.age_ns = age_ns > f.age_ns ? age_ns : f.age_ns;
		f.youngest_ns = age_ns < f.youngest_ns ? age_ns : f.youngest_ns;
	}
	f.cycle = end->in_ring && one_end;
	err = add_members(r, &f, members, n);
	err = err ? err : write_reason(r, &f, number, one_end);
	err = err ? err : write_evidence(r, &f);
	return finding_add(r->j, &f, err);
}

static int make_all(struct rings *r, size_t n)
{
	__u32 *members = r->way; /* no way is followed any more */
	size_t found = 0;
	int err = 0;

	for (size_t i = 0; i < n; i++) {
		const struct node *node = &r->nodes[i];

		if (node->next != NONE && node->end != NONE)
			members[found++] = i;
	}
	if (found)
		qsort_r(members, found, sizeof(*members), compare, r);
	for (size_t i = 0, end; !err && i < found; i = end) {
		for (end = i + 1; end < found && !compare_ends(r, members[i], members[end]);)
			end++;
		err = make(r, &members[i], end - i);
	}
	return err;
}

int gorings_make(struct judge *j)
{
	const size_t n = j->v->goroutines.n;
	struct rings r = { j, calloc(n + 1, sizeof(*r.nodes)), calloc(n + 1, sizeof(*r.way)) };
	int err = r.nodes && r.way ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < n; i++)
		r.nodes[i] = (struct node){ .next = next_of(&r, i), .end = NONE };
	for (size_t i = 0; !err && i < n; i++) {
		if (r.nodes[i].next != NONE)
			follow(&r, i);
	}
	if (!err) {
		find_ends(&r, n);
		err = make_all(&r, n);
	}
	free(r.nodes);
	free(r.way);
	return err;
}
