// SPDX-License-Identifier: GPL-2.0-only
/* outcome.c - why is a finding gone, and was it wrong? */
#include "daemon/outcome.h"

#include <string.h>

static const struct {
	const char *word, *threads, *goroutines;
} words[] = {
	[OUTCOME_ENDED] = { "ended", "its threads have ended", "their process has ended" },
	[OUTCOME_WITHDRAWN] = { "withdrawn",
				"its threads still wait, but this is not sure any more",
				"whether its goroutines can be woken is not sure any more" },
	[OUTCOME_WOKE] = { "woke", "its threads went on", "its goroutines went on" },
	[OUTCOME_REACHED] = { "reached", "",
			      "something that can still run reaches what its goroutines wait on" },
	[OUTCOME_STEADY] = { "steady", "its threads grow no more in number",
			     "its goroutines grow no more in number" },
};

void outcome_open(struct outcome_subject *ret, const struct verdicts *v, const struct finding *f)
{
	const struct wire_thread *lead = world_thread(v->world, f->pid);

	*ret = (struct outcome_subject){
		.class = f->class,
		.pid = f->pid,
		.process_started = lead ? lead->started : 0,
		.process_mm = lead ? lead->mm : 0,
		.goroutines = f->goroutines.n,
	};
	memcpy(ret->id, f->id, sizeof(ret->id));
}

void outcome_note(struct outcome_subject *o, const struct verdicts *v, const struct finding *f)
{
	o->n = 0;
	for (size_t i = 0; i < f->members.n && o->n < OUTCOME_MEMBERS; i++) {
		const struct wire_thread *t = v->judged.v[f->members.v[i]].thread;

		o->members[o->n].id = t->head.tid;
		o->members[o->n].at = t->switches;
		o->members[o->n].mm = t->mm;
		o->members[o->n++].started = t->started;
	}
	for (size_t i = 0; i < f->goroutines.n && o->n < OUTCOME_MEMBERS; i++) {
		const struct go_wait *g = v->goroutines.v[f->goroutines.v[i]].wait;

		o->members[o->n].id = g->id;
		o->members[o->n++].at = g->object;
	}
}

/* An exec ends all threads of a process and gives one of them, as the first, its number and its
 * start: only the address space is another one. A first thread that has ended alone has none. */
static bool process_goes_on(const struct outcome_subject *o, const struct world *w)
{
	const struct wire_thread *lead = world_thread(w, o->pid);

	return lead && lead->started == o->process_started &&
	       (!lead->mm || lead->mm == o->process_mm);
}

static enum outcome of_threads(const struct outcome_subject *o, const struct world *w)
{
	enum outcome outcome = OUTCOME_ENDED;

	/* Whose process goes on without them were not killed with it: they woke, and ended. */
	if (process_goes_on(o, w) && o->class != CLASS_ACCUMULATING)
		outcome = OUTCOME_WOKE;
	for (__u32 i = 0; i < o->n; i++) {
		const struct wire_thread *t = world_thread(w, o->members[i].id);

		if (!t || t->started != o->members[i].started || t->mm != o->members[i].mm ||
		    (t->bits & WIRE_EXITING))
			continue;
		if (o->class == CLASS_ACCUMULATING)
			return OUTCOME_STEADY;
		if (t->switches != o->members[i].at)
			return OUTCOME_WOKE;
		outcome = OUTCOME_WITHDRAWN; /* those that are gone were of the queue, or woke */
	}
	return outcome;
}

static bool is_leaving(const struct wire_thread *t)
{
	return t->bits & (WIRE_EXITING | WIRE_ZOMBIE);
}

/* Who of them is there still is not known: those whose number grows no
 * more are not read any more. */
static enum outcome of_crowd(const struct outcome_subject *o, const struct world *w)
{
	const struct go_process *p = world_go_process(w, o->pid);

	if (!process_goes_on(o, w))
		return OUTCOME_ENDED;
	return p && (p->bits & GO_READ) ? OUTCOME_STEADY : OUTCOME_WITHDRAWN;
}

/* Nobody can end a goroutine but itself or its process, and what could not be reached once cannot
 * be reached later: while the process goes on, both prove the finding wrong. But both can only be
 * told of a program that was searched, all of it. */
static enum outcome of_goroutines(const struct outcome_subject *o, const struct world *w)
{
	const struct go_process *p = world_go_process(w, o->pid);
	enum outcome outcome = OUTCOME_WITHDRAWN;

	if (!process_goes_on(o, w) || (!p && is_leaving(world_thread(w, o->pid))))
		return OUTCOME_ENDED;
	for (__u32 i = 0; i < o->n; i++) {
		const struct go_wait *g = world_go_wait(w, o->pid, o->members[i].id);

		if (g && g->object != o->members[i].at && !(g->bits & GO_TORN))
			return OUTCOME_WOKE;
		if (!p || !(p->bits & GO_READ) || !(p->bits & GO_MARKED))
			continue;
		if (!g)
			return OUTCOME_WOKE;
		if (!(g->bits & (GO_STUCK | GO_HELD | GO_TORN)))
			outcome = OUTCOME_REACHED;
	}
	return outcome;
}

enum outcome outcome_of(const struct outcome_subject *o, const struct world *w)
{
	if (o->goroutines && o->class == CLASS_ACCUMULATING)
		return of_crowd(o, w);
	return o->goroutines ? of_goroutines(o, w) : of_threads(o, w);
}

bool outcome_was_wrong(enum outcome how)
{
	return how == OUTCOME_WOKE || how == OUTCOME_REACHED;
}

const char *outcome_word(enum outcome how)
{
	return words[how].word;
}

const char *outcome_message(const struct outcome_subject *o, enum outcome how)
{
	return o->goroutines ? words[how].goroutines : words[how].threads;
}
