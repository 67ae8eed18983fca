// SPDX-License-Identifier: GPL-2.0-only
/* confirm.c - a finding holds at two looks apart, or it does not hold.
 *
 * Pure. A thread that moved, a lock that changed hands or a wake that was under way at
 * the first look is gone at the second. */
#include "analyze/confirm.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/unreachable.h"

void confirm_number(struct verdicts *v)
{
	for (size_t i = 0; i < v->findings.n; i++) {
		const struct finding *f = &v->findings.v[i];

		for (size_t k = 0; k < f->goroutines.n; k++)
			v->goroutines.v[f->goroutines.v[k]].finding = i + 1;
		for (size_t k = 0; k < f->members.n; k++)
			v->judged.v[f->members.v[k]].finding = i + 1;
	}
}

void confirm_count(struct verdicts *v)
{
	v->blocked = v->idle = v->unknown = v->stuck = 0;
	for (size_t i = 0; i < v->judged.n; i++) {
		const struct judged *one = &v->judged.v[i];

		if (!verdict_blocked(v, one))
			continue;
		v->blocked++;
		if (one->class == CLASS_IDLE)
			v->idle++;
		else if (one->class == CLASS_UNKNOWN || one->confidence == CONFIDENCE_SUSPECT)
			v->unknown++;
		else
			v->stuck++;
	}
}

void confirm_clear(struct finding *f)
{
	for (size_t i = 0; i < f->evidence.n; i++)
		free(f->evidence.v[i]);
	array_free(&f->evidence);
	array_free(&f->members);
	array_free(&f->goroutines);
	free(f->reason);
}

static bool is_finding(enum verdict_class class)
{
	return class >= CLASS_DEADLOCK && class < CLASS_COUNT;
}

/* Whether the thread stood as still at the first look. */
static bool still(const struct verdicts *first, const struct world *second,
		  const struct judged *now)
{
	const struct stitch *stitch;
	const struct judged *then = verdict_of(first, now->thread->head.tid);

	if (!then || then->thread->started != now->thread->started)
		return false;
	stitch = world_stitch(second, now->thread);
	return then->thread->switches == now->thread->switches ||
	       (stitch && stitch->since < first->world->boot_time);
}

/* And as stuck. */
static bool stood(const struct verdicts *first, const struct world *second,
		  const struct judged *now)
{
	return still(first, second, now) &&
	       is_finding(verdict_of(first, now->thread->head.tid)->class);
}

/* Whether so stood what those wait for who only queue. It may be of a finding that is ignored. */
static bool cause_stood(const struct verdicts *first, const struct verdicts *second,
			const struct finding *f)
{
	const struct judged *cause = f->behind ? verdict_of(second, f->behind) : NULL;

	return !f->behind || (cause && still(first, second->world, cause));
}

/* Whether a thread can reach the word that another one sleeps on: in its own memory, or mapped. */
static bool reaches(const struct world *w, const struct wire_thread *t,
		    const struct wire_thread *sleeper)
{
	if (t->mm == sleeper->mm)
		return true;
	for (size_t i = 0; (sleeper->key_offset & 1) && i < w->mappers.n; i++) {
		const struct mapper *m = &w->mappers.v[i];

		if (m->tgid == t->tgid && m->key_id == sleeper->key_id &&
		    m->key_word == sleeper->key_word)
			return true;
	}
	return false;
}

/* A thread that was made runnable but got no CPU at either look may be the one whose
 * wake seems lost. */
static bool starved(const struct verdicts *first, const struct verdicts *second,
		    const struct wire_thread *sleeper)
{
	for (size_t i = 0; i < second->world->threads.n; i++) {
		const struct wire_thread *now = &second->world->threads.v[i], *then;

		if (!(now->bits & WIRE_RUNNABLE))
			continue;
		then = world_thread(first->world, now->head.tid);
		if (then && (then->bits & WIRE_RUNNABLE) && then->switches == now->switches &&
		    then->accounted == now->accounted && reaches(second->world, now, sleeper))
			return true;
	}
	return false;
}

/* Whose wake seems lost: of those who only queue, whom they queue behind. */
static const struct wire_thread *sleeper_of(const struct verdicts *v, const struct finding *f)
{
	const struct judged *cause = f->behind ? verdict_of(v, f->behind) : NULL;

	return cause ? cause->thread : v->judged.v[f->members.v[0]].thread;
}

void confirm_let_go(struct judged *one, const char *source, const char *rule)
{
	free(one->source);
	one->source = strdup(source);
	one->rule = rule;
	one->class = CLASS_UNKNOWN;
	one->confidence = CONFIDENCE_SUSPECT;
	one->finding = 0;
}

static bool has_id(const struct verdicts *v, const char *id)
{
	for (size_t i = 0; i < v->findings.n; i++)
		if (!strcmp(v->findings.v[i].id, id))
			return true;
	return false;
}

/* Keeps the members that stood; false when one of the knot did not. A population grows,
 * whatever its members do. */
static bool keep_members(const struct verdicts *first, struct verdicts *second, struct finding *f)
{
	size_t n = 0;
	bool whole = f->class != CLASS_ACCUMULATING || has_id(first, f->id);

	if (whole && f->class == CLASS_ACCUMULATING)
		return true;
	whole = whole && cause_stood(first, second, f);
	for (size_t i = 0; i < f->members.n; i++)
		if (i < f->nknot &&
		    !stood(first, second->world, &second->judged.v[f->members.v[i]]))
			whole = false;
	for (size_t i = 0; i < f->members.n; i++) {
		struct judged *one = &second->judged.v[f->members.v[i]];

		if (whole && stood(first, second->world, one))
			f->members.v[n++] = f->members.v[i];
		else
			confirm_let_go(one, "what held it changed between two looks",
				       "It looked stuck once and not again, so it is no finding.");
	}
	f->members.n = n;
	return whole && n;
}

/* The goroutine when it was found to wait likewise before, for the same; NULL: it was not. */
static const struct judged_goroutine *stuck_before(const struct verdicts *first,
						   const struct judged_goroutine *now)
{
	const struct judged_goroutine *then =
		verdict_goroutine(first, now->wait->tgid, now->wait->id);

	return then && then->finding &&
			       !((then->wait->bits ^ now->wait->bits) & (GO_STUCK | GO_HELD)) &&
			       then->wait->holder == now->wait->holder &&
			       then->wait->object == now->wait->object &&
			       then->wait->turns == now->wait->turns
		       ? then
		       : NULL;
}

/* Whether for whom it waits stood as well, if that is one that waits for a lock. */
static bool holder_stood(const struct verdicts *first, const struct verdicts *second,
			 const struct judged_goroutine *one)
{
	const struct judged_goroutine *holder;

	if (!(one->wait->bits & GO_HELD) || one->wait->bits & GO_STUCK)
		return true;
	holder = verdict_goroutine(second, one->wait->tgid, one->wait->holder);
	if (holder && holder->wait->bits & GO_STUCK)
		return stuck_before(first, holder);
	return holder && holder->finding;
}

/* Drops those whose holder was dropped, and so on: a ring stands as a whole. */
static void drop_released(const struct verdicts *first, struct verdicts *second,
			  const struct finding *f)
{
	bool dropped = true;

	while (dropped) {
		dropped = false;
		for (size_t i = 0; i < f->goroutines.n; i++) {
			struct judged_goroutine *one = &second->goroutines.v[f->goroutines.v[i]];

			if (!one->finding || holder_stood(first, second, one))
				continue;
			one->finding = 0;
			dropped = true;
		}
	}
}

/* Keeps the goroutines that were stuck already; whether any is left, and of rings all. How long
 * they have waited is known better the longer one looks. */
static bool keep_goroutines(const struct verdicts *first, struct verdicts *second,
			    struct finding *f)
{
	const __u64 apart = second->world->mono_time - first->world->mono_time;
	size_t n = 0, nknot = 0;

	for (size_t i = 0; i < f->goroutines.n; i++) {
		struct judged_goroutine *now = &second->goroutines.v[f->goroutines.v[i]];

		if (!stuck_before(first, now))
			now->finding = 0;
	}
	drop_released(first, second, f);
	f->youngest_ns = UINT64_MAX;
	for (size_t i = 0; i < f->goroutines.n; i++) {
		struct judged_goroutine *now = &second->goroutines.v[f->goroutines.v[i]];
		const struct judged_goroutine *then = stuck_before(first, now);

		if (!now->finding)
			continue;
		now->finding = 0;
		nknot += i < f->nknot;
		if (now->age_ns < then->age_ns + apart)
			now->age_ns = then->age_ns + apart;
		f->age_ns = now->age_ns > f->age_ns ? now->age_ns : f->age_ns;
		f->youngest_ns = now->age_ns < f->youngest_ns ? now->age_ns : f->youngest_ns;
		f->goroutines.v[n++] = f->goroutines.v[i];
	}
	f->goroutines.n = n;
	return n && (nknot == f->nknot || f->class == CLASS_UNREACHABLE);
}

static void weaken(struct verdicts *v, struct finding *f, enum confidence confidence)
{
	if (f->confidence <= confidence)
		return;
	f->confidence = confidence;
	for (size_t i = 0; i < f->members.n; i++)
		v->judged.v[f->members.v[i]].confidence = confidence;
}

static int add_evidence(const struct verdicts *v, struct finding *f)
{
	char *text;

	if (asprintf(&text, "%s at %u looks within %.2f s%s",
		     f->goroutines.n ? "found so" : "unchanged", v->looks,
		     (v->world->mono_time - v->first_look) / 1e9,
		     f->goroutines.n ? "" : ": none of them ran in between") < 0)
		return -ENOMEM;
	if (!array_push(&f->evidence, text))
		return 0;
	free(text);
	return -ENOMEM;
}

bool confirm_knows(const struct verdicts *first, const struct verdicts *second)
{
	for (size_t i = 0; i < second->findings.n; i++) {
		const struct finding *f = &second->findings.v[i];

		if (!has_id(first, f->id))
			return false;
		if (f->class == CLASS_ACCUMULATING)
			continue;
		for (size_t k = 0; k < f->goroutines.n; k++)
			if (!stuck_before(first, &second->goroutines.v[f->goroutines.v[k]]))
				return false;
		for (size_t k = 0; k < f->members.n; k++)
			if (!stood(first, second->world, &second->judged.v[f->members.v[k]]))
				return false;
	}
	return true;
}

/* Whether it holds still. */
static bool keep(const struct verdicts *first, struct verdicts *second, struct finding *f)
{
	if (f->goroutines.n && f->class != CLASS_ACCUMULATING) {
		/* What two searches agree in does not come from what moved in between. */
		if (f->class == CLASS_UNREACHABLE &&
		    unreachable_provable(world_go_process(second->world, f->pid)))
			f->confidence = CONFIDENCE_PROVEN;
		return keep_goroutines(first, second, f);
	}
	for (size_t i = 0; i < f->goroutines.n; i++)
		second->goroutines.v[f->goroutines.v[i]].finding = 0;
	if (!keep_members(first, second, f))
		return false;
	if (f->class == CLASS_LOST_WAKEUP && starved(first, second, sleeper_of(second, f)))
		weaken(second, f, CONFIDENCE_SUSPECT);
	return true;
}

int confirm_verdicts(const struct verdicts *first, struct verdicts *second)
{
	size_t n = 0;
	int err = 0;

	second->looks = first->looks + 1;
	second->first_look = first->first_look;
	for (size_t i = 0; i < second->findings.n; i++) {
		struct finding f = second->findings.v[i];

		if (!keep(first, second, &f)) {
			confirm_clear(&f);
			continue;
		}
		if (f.class != CLASS_ACCUMULATING)
			err = err ? err : add_evidence(second, &f);
		second->findings.v[n++] = f;
	}
	second->findings.n = n;
	confirm_number(second);
	confirm_count(second);
	return err;
}
