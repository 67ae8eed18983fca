// SPDX-License-Identifier: GPL-2.0-only
/* gowaits.c - goroutines that wait: what is known of each, why it is a finding or is none. */
#include "analyze/gowaits.h"

#include <errno.h>
#include <stdint.h>

#include "analyze/judge.h"

/* For how long no thread of a process has run: as long at least its goroutines have waited. */
static __u64 stillness(const struct judge *j, __u32 tgid)
{
	__u64 least = UINT64_MAX;

	for (size_t i = 0; i < j->w->threads.n; i++) {
		const struct wire_thread *t = &j->w->threads.v[i];

		if (t->tgid == tgid && !(t->bits & WIRE_ZOMBIE) && world_age(j->w, t) < least)
			least = world_age(j->w, t);
	}
	return least == UINT64_MAX ? 0 : least;
}

/* In a time namespace of its own its clock is another one than the host's. */
static __u64 age_of(const struct world *w, const struct go_wait *g, __u64 still)
{
	const struct wire_thread *leader = world_thread(w, g->tgid);
	const bool known = g->since && g->since < w->mono_time &&
			   !(leader && leader->bits & WIRE_TIMENS);
	const __u64 age = known ? w->mono_time - g->since : 0;

	return age > still ? age : still;
}

static const struct trace *trace_of(const struct stacks *s, __u32 number)
{
	return number && number <= s->traces.n ? &s->traces.v[number - 1] : NULL;
}

int gowaits_judge(struct judge *j)
{
	const struct world *w = j->w;
	__u64 still = 0;

	for (size_t i = 0; i < w->go_waits.n; i++) {
		const struct go_wait *g = &w->go_waits.v[i];
		const struct trace *created = trace_of(&w->stacks, g->created);
		struct judged_goroutine one = {
			.wait = g,
			.trace = trace_of(&w->stacks, g->trace),
			.created = created && created->frames.n
					   ? stack_frame(&w->stacks, created, 0)
					   : NULL,
		};

		if (!i || g[-1].tgid != g->tgid)
			still = stillness(j, g->tgid);
		one.age_ns = age_of(w, g, still);
		place_find(&w->stacks, one.trace, g->id == 1, &one.place);
		if (array_push(&j->v->goroutines, one))
			return -ENOMEM;
	}
	return 0;
}

bool gowaits_searched(const struct go_process *p, const char **ret_why)
{
	*ret_why = NULL;
	if (!p)
		*ret_why = "its program was not looked at";
	else if (!(p->bits & GO_READ))
		*ret_why = *p->trouble ? p->trouble : "its goroutines could not be listed";
	else if (*p->unsearched)
		*ret_why = p->unsearched;
	else if (!(p->bits & GO_MARKED) && p->waiting)
		*ret_why = "its memory was not searched";
	return !*ret_why;
}

static struct gowaits_answer answer(enum verdict_class class, const char *source, const char *rule)
{
	return (struct gowaits_answer){ class, source, rule };
}

struct gowaits_answer gowaits_explain(const struct verdicts *v, const struct judged_goroutine *one)
{
	const struct go_wait *g = one->wait;
	const char *why;

	if (one->finding && v->findings.v[one->finding - 1].class == CLASS_ACCUMULATING)
		return answer(CLASS_ACCUMULATING, NULL,
			      "More and more goroutines that live were made where it was made.");
	if (one->finding && (g->bits & GO_HELD))
		return answer(v->findings.v[one->finding - 1].class, NULL,
			      "Who is to unlock what it waits for never goes on; that it has "
			      "locked it is assumed.");
	if (one->finding && (g->bits & GO_NOTHING))
		return answer(CLASS_UNREACHABLE, NULL,
			      "It waits on nothing at all, so nothing can ever end the wait.");
	if (one->finding)
		return answer(
			CLASS_UNREACHABLE, NULL,
			"What it waits on is reached by nothing that can still run, so nobody "
			"can ever wake it.");
	if (g->bits & GO_TORN)
		return answer(CLASS_UNKNOWN, "it ran while it was read",
			      "What moves is not judged.");
	if (g->bits & (GO_STUCK | GO_HELD))
		return answer(CLASS_UNKNOWN, "what holds it changed between two looks",
			      "It looked stuck once and not again, so it is no finding.");
	if (!g->nobjects && !(g->bits & GO_NOTHING))
		return answer(
			CLASS_NONE, NULL,
			"It does not wait for another goroutine: only such waits are judged.");
	if (!gowaits_searched(world_go_process(v->world, g->tgid), &why))
		return answer(CLASS_UNKNOWN, why,
			      "What it waits on may be reached from memory that was not searched.");
	return answer(CLASS_IDLE, "something that can still run reaches what it waits on",
		      "Whoever reaches a channel or a lock may still wake those that wait on it.");
}
