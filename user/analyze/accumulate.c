// SPDX-License-Identifier: GPL-2.0-only
/* accumulate.c - the class `accumulating`: threads that are made again and again, and stay.
 *
 * Pure; a part of the judgement that looks at populations, where all others look at waits:
 * no single thread of such a finding need be stuck, and each may wake now and then. What
 * speaks for a pool (one queue that they share; threads that are woken, or wait for work for a
 * while and would then end) or for work (as many sockets as threads) makes it a suspect at
 * most. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyze/accumulate.h"
#include "analyze/floors.h"
#include "analyze/judge.h"
#include "analyze/place.h"
#include "analyze/sentence.h"
#include "base/duration.h"

#define POOL_MAX 256 /* a pool that fills up slowly, one worker a job, is no larger than this */
#define POLL_MAX_NS 10000000000ull /* what waits so long at a time, or shorter, polls */

const struct floors *accumulate_floors(const struct site *s)
{
	return !floors_rise(&s->floors) && floors_rise(&s->slow) ? &s->slow : &s->floors;
}

bool accumulate_rises(const struct site *s)
{
	return floors_rise(&s->floors) || floors_rise(&s->slow);
}

bool accumulate_is_member(const struct world *w, const struct wire_thread *t)
{
	const struct site *s = past_site(&w->past, past_birth(&w->past, t));

	return s && accumulate_rises(s) && t->tgid != w->self && !world_is_go(w, t->tgid) &&
	       !(t->bits & (WIRE_ZOMBIE | WIRE_EXITING));
}

void accumulate_find(struct judge *j)
{
	for (size_t i = 0; i < j->w->threads.n && j->w->past.sites.n; i++) {
		const struct wire_thread *t = &j->w->threads.v[i];

		if (accumulate_is_member(j->w, t))
			j->states[i].site = past_birth(&j->w->past, t)->site;
	}
}

/* ---- what its threads do ---- */

struct crowd {
	size_t n;
	size_t running;
	size_t useless; /* stand in one wait for most of their lives, or sleep and poll */
	size_t parked;	/* of those: in a futex wait without a timeout, as workers without work */
	size_t parents; /* wait for a child: one thread for each job */
	size_t same;	/* wait on the futex word that most wait on */
	__u64 oldest;	/* age of the thread, ns */
	__u64 youngest;
};

static bool is_poll(const struct judged *one)
{
	switch (one->wait.kind) {
	case WAIT_SLEEP:
	case WAIT_POLL:
		return true;
	default:
		return one->wait.nfutexes && one->wait.timeout_ns >= 0 &&
		       one->age_ns + one->wait.timeout_ns <= POLL_MAX_NS;
	}
}

/* A worker of a pool that grows is woken for work, or waits for it with a timeout, to end. */
static bool is_useless(const struct world *w, const struct judged *one)
{
	if ((one->thread->bits & (WIRE_RUNNABLE | WIRE_MOVED)) == WIRE_RUNNABLE)
		return false;
	if (one->thread->bits & WIRE_MOVED)
		return true; /* asleep, and for so short that it is no worker's wait */
	if (is_poll(one))
		return true;
	return one->wait.source != SOURCE_TIMER &&
	       2 * one->age_ns >= world_ago(w, one->thread->started);
}

static int compare_u64(const void *a, const void *b)
{
	__u64 x = *(const __u64 *)a, y = *(const __u64 *)b;

	return x < y ? -1 : x > y;
}

static size_t longest_run(__u64 *v, size_t n)
{
	size_t best = 0, run = 0;

	qsort(v, n, sizeof(*v), compare_u64);
	for (size_t i = 0; i < n; i++) {
		run = i && v[i] == v[i - 1] ? run + 1 : 1;
		if (run > best)
			best = run;
	}
	return best;
}

/* 0 or -ENOMEM. */
static int count_crowd(const struct judge *j, const struct finding *f, struct crowd *ret)
{
	__u64 *words = malloc((f->members.n + 1) * sizeof(*words));
	size_t nwords = 0;
	struct crowd c = { .n = f->members.n, .youngest = UINT64_MAX };

	if (!words)
		return -ENOMEM;
	for (size_t i = 0; i < f->members.n; i++) {
		const struct judged *one = &j->v->judged.v[f->members.v[i]];
		__u64 age = world_ago(j->w, one->thread->started);

		c.running += (one->thread->bits & (WIRE_RUNNABLE | WIRE_MOVED)) == WIRE_RUNNABLE;
		if (is_useless(j->w, one)) {
			c.useless++;
			c.parked += one->wait.nfutexes && one->wait.timeout_ns < 0;
		}
		c.parents += one->wait.kind == WAIT_CHILD;
		if (one->wait.nfutexes)
			words[nwords++] = one->wait.futex.addr;
		if (age > c.oldest)
			c.oldest = age;
		if (age < c.youngest)
			c.youngest = age;
	}
	c.same = longest_run(words, nwords);
	free(words);
	*ret = c;
	return 0;
}

static enum confidence confidence_of(const struct crowd *c, const struct process *p)
{
	if (10 * c->running > c->n || 2 * c->same > c->n || 4 * c->useless < 3 * c->n)
		return CONFIDENCE_SUSPECT;
	if (4 * c->parked > c->n && c->n < POOL_MAX)
		return CONFIDENCE_SUSPECT;
	if ((p && 4ull * p->sockets >= 3 * c->n) || 2 * c->parents > c->n)
		return CONFIDENCE_SUSPECT;
	return CONFIDENCE_LIKELY;
}

/* ---- what it says ---- */

/* "make_worker" of the creation stack, or "". */
static const char *maker_of(const struct judge *j, const struct site *s)
{
	const struct stacks *stacks = &j->w->stacks;
	struct place place;

	if (!s->trace || s->trace > stacks->traces.n)
		return "";
	place_find(stacks, &stacks->traces.v[s->trace - 1], false, &place);
	return place.n && place.callers[0]->function ? place.callers[0]->function : "";
}

double accumulate_rate(const struct site *s)
{
	return floors_rate(accumulate_floors(s));
}

static int say_limit(const struct judge *j, struct finding *f, const struct site *s)
{
	char left[DURATION_TEXT];
	__u64 limit = j->w->thread_limit, now = j->w->threads.n;
	double seconds = limit > now ? (limit - now) / accumulate_rate(s) : 0;

	if (!limit || seconds <= 0 || seconds > 100 * 365.25 * 86400)
		return 0;
	return evidence_fact(f, "at that rate the host reaches its limit of %llu threads in %s",
			     (unsigned long long)limit,
			     duration_text(left, sizeof(left), seconds * DURATION_SECOND));
}

static int say(const struct judge *j, struct finding *f, const struct site *s,
	       const struct crowd *c, const struct process *p)
{
	const struct judged *one = &j->v->judged.v[f->members.v[0]];
	const struct wire_thread *lead = world_thread(j->w, f->pid);
	const char *maker = maker_of(j, s);
	char name[SENTENCE_NAME];
	int err;

	if (asprintf(&f->reason,
		     "%s makes threads that do not end%s%s: %zu live, about %.0f more every hour.",
		     sentence_name(lead ? lead : one->thread, name, sizeof(name)),
		     *maker ? ", in " : "", maker, c->n, accumulate_rate(s) * 3600) < 0) {
		f->reason = NULL;
		return -ENOMEM;
	}
	err = floors_say(accumulate_floors(s), f);
	err = err ? err
		  : evidence_fact(f,
				  "made there since it was first seen: %llu, of which %llu ended",
				  (unsigned long long)s->born, (unsigned long long)s->ended);
	err = err ? err : say_limit(j, f, s);
	if (!err && c->running)
		err = evidence_fact(f, "%zu of them run now", c->running);
	if (!err && 4 * c->useless < 3 * c->n)
		err = evidence_fact(
			f,
			"%zu of them are woken now and then, or wait for a limited time: "
			"they may work",
			c->n - c->useless);
	if (!err && 4 * c->parked > c->n && c->n < POOL_MAX)
		err = evidence_fact(
			f, "%zu of them wait for a futex: they may be a pool that fills up",
			c->parked);
	if (!err && 2 * c->same > c->n)
		err = evidence_fact(f, "%zu of them wait on one futex word: they may be a pool",
				    c->same);
	if (!err && 2 * c->parents > c->n)
		err = evidence_fact(f, "%zu of them wait for a child: they may be its jobs",
				    c->parents);
	if (!err && f->confidence == CONFIDENCE_LIKELY)
		err = evidence_fact(f,
				    "assumes that they are not meant to stay, one for each of what "
				    "the program looks after");
	if (!err && p && p->sockets)
		err = evidence_fact(f, "the process has %u sockets", p->sockets);
	return err;
}

/* The finding of site number i + 1, if any of its threads is there. */
static int make(struct judge *j, __u32 number)
{
	const struct site *s = &j->w->past.sites.v[number - 1];
	const struct process *p = world_process(j->w, s->tgid);
	struct finding f = {
		.class = CLASS_ACCUMULATING,
		.pid = s->tgid,
		.place = s->id,
	};
	struct crowd crowd;
	int err = 0;

	for (__u32 i = 0; !err && i < j->w->threads.n; i++)
		if (j->states[i].site == number && j->states[i].judged &&
		    judge_cause(j, i) == GRAPH_NONE)
			err = array_push(&f.members, j->states[i].judged - 1) ? -ENOMEM : 0;
	if (!err && f.members.n >= FLOORS_GROWTH) {
		err = count_crowd(j, &f, &crowd);
		f.confidence = err ? CONFIDENCE_SUSPECT : confidence_of(&crowd, p);
		f.age_ns = err ? 0 : crowd.oldest;
		f.youngest_ns = err ? 0 : crowd.youngest;
		err = err ? err : say(j, &f, s, &crowd, p);
		for (size_t i = 0; !err && i < f.members.n; i++)
			j->v->judged.v[f.members.v[i]].class = CLASS_ACCUMULATING;
		return finding_add(j, &f, err);
	}
	array_free(&f.members);
	return err;
}

int accumulate_make(struct judge *j)
{
	int err = 0;

	for (size_t i = 0; !err && i < j->w->past.sites.n; i++)
		if (!j->w->past.sites.v[i].made_at && accumulate_rises(&j->w->past.sites.v[i]))
			err = make(j, i + 1);
	return err;
}
