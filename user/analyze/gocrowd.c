// SPDX-License-Identifier: GPL-2.0-only
/* gocrowd.c - the class `accumulating` for goroutines: made again and again, and none of them ends.
 *
 * Pure. As for threads (accumulate.c) a population is judged, that of one go
 * statement. Goroutines are cheap, so programs make one for each connection,
 * stream, session and job, and load that grows makes them grow. What speaks against
 * that is that nothing but a clock wakes them, again and again, and that those who
 * were there long ago are there still. All others are suspects at most. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "analyze/accumulate.h"
#include "analyze/floors.h"
#include "analyze/judge.h"
#include "analyze/sentence.h"
#include "analyze/unreachable.h"

/* What speaks for work, and not for a leak. */
struct doubts {
	bool few;      /* so many may well be meant to stay, one for each of what is looked after */
	bool run;      /* more than one in ten does */
	bool waits;    /* more than a quarter do not just sleep for a moment */
	bool replaced; /* who is there now came lately */
	bool sockets;  /* the process has one for each */
};

#define FEW 256 /* as a pool's: shards, tenants, devices are as many, perhaps */

static __u64 count_of(const struct go_site *g)
{
	return g->alive > g->stuck ? g->alive - g->stuck : 0;
}

static struct doubts doubts_of(const struct site *s, const struct go_site *g,
			       const struct process *p)
{
	const __u64 n = count_of(g), known = n > g->torn ? n - g->torn : 0;

	return (struct doubts){
		.few = (n < FEW),
		.run = g->running > n / 10,
		.waits = known < n / 2 || g->napping < known - known / 4,
		.replaced = !floors_stay(accumulate_floors(s), g->old),
		.sockets = p && p->sockets >= n - n / 4,
	};
}

/* ---- what it says ---- */

static int write_reason(const struct judge *j, struct finding *f, const struct site *s)
{
	const struct judged_goroutine *one = &j->v->goroutines.v[f->goroutines.v[0]];
	const struct wire_thread *lead = world_thread(j->w, f->pid);
	const char *maker = one->created ? one->created->function : NULL;
	char name[SENTENCE_NAME] = "a program";

	if (lead)
		sentence_name(lead, name, sizeof(name));
	if (asprintf(&f->reason, "%s makes %s%s%s: %zu live, about %.0f more every hour.", name,
		     f->confidence == CONFIDENCE_SUSPECT ? "more and more goroutines"
							 : "goroutines that do not end",
		     maker ? ", in " : "", maker ? maker : "", verdict_count(f),
		     accumulate_rate(s) * 3600) >= 0)
		return 0;
	f->reason = NULL;
	return -ENOMEM;
}

static int write_doubts(struct finding *f, const struct doubts *d)
{
	int err = 0;

	if (d->few)
		err = evidence_fact(f,
				    "fewer than %u: there may be one for each of what the program "
				    "looks after",
				    FEW);
	if (!err && d->waits)
		err = evidence_fact(f, "more than a quarter of them do not just sleep for a while: "
				       "they may work, or be there for somebody");
	if (!err && d->replaced)
		err = evidence_fact(f,
				    "it is not seen that those who came %u windows ago or "
				    "earlier stay: newer ones may take their place",
				    FLOORS_STAY);
	if (!err && d->run)
		err = evidence_fact(f, "more than one in ten of them runs now");
	return err;
}

static int write_evidence(const struct judge *j, struct finding *f, const struct site *s,
			  const struct go_site *g)
{
	const struct process *p = world_process(j->w, f->pid);
	const struct go_process *program = world_go_process(j->w, f->pid);
	const struct doubts doubts = doubts_of(s, g, p);
	int err = floors_say(accumulate_floors(s), f);

	if (!err && s->ended)
		err = evidence_fact(f,
				    "seen there since the first look: at least %llu, of which at "
				    "least %llu ended",
				    s->born, s->ended);
	else if (!err)
		err = evidence_fact(f,
				    "seen there since the first look: at least %llu, of which none "
				    "is known to have ended",
				    s->born);
	err = err ? err
		  : evidence_fact(f,
				  "%llu of them sleep, %llu of these not for long; %llu wait for "
				  "another goroutine, %llu for the network; %llu run or move",
				  g->sleeping, g->napping, g->waiting, g->network,
				  g->running + g->torn);
	err = err ? err : write_doubts(f, &doubts);
	if (!err && p && p->sockets)
		err = evidence_fact(f, "the process has %u socket%s", p->sockets,
				    p->sockets == 1 ? "" : "s");
	if (!err && f->confidence == CONFIDENCE_LIKELY)
		err = evidence_fact(f,
				    "assumes that they are not meant to stay, one for each of what "
				    "the program looks after");
	return err ? err : unreachable_program(f, program);
}

/* ---- findings ---- */

/* Those of the site that were read, but for the ones that are stuck. */
static int add_members(const struct judge *j, struct finding *f, const struct site *s)
{
	for (size_t i = 0; i < j->v->goroutines.n; i++) {
		const struct go_wait *g = j->v->goroutines.v[i].wait;

		if (g->tgid != s->tgid || g->made_at != s->made_at || (g->bits & GO_STUCK))
			continue;
		if (array_push(&f->goroutines, (__u32)i))
			return -ENOMEM;
	}
	return 0;
}

static int make(struct judge *j, const struct site *s, const struct go_site *g)
{
	const struct doubts d = doubts_of(s, g, world_process(j->w, s->tgid));
	const bool doubtful = d.few || d.run || d.waits || d.replaced || d.sockets;
	struct finding f = {
		.class = CLASS_ACCUMULATING,
		.confidence = doubtful ? CONFIDENCE_SUSPECT : CONFIDENCE_LIKELY,
		.pid = s->tgid,
		.place = s->id,
		.age_ns = world_ago(j->w, s->since),
	};
	int err = add_members(j, &f, s);

	if (!err && !f.goroutines.n)
		return 0; /* none was asked for: at the next look some will be */
	if (!err && count_of(g) > f.goroutines.n)
		f.others = count_of(g) - f.goroutines.n;
	err = err ? err : write_reason(j, &f, s);
	err = err ? err : write_evidence(j, &f, s, g);
	return finding_add(j, &f, err);
}

int gocrowd_make(struct judge *j)
{
	int err = 0;

	for (size_t i = 0; !err && i < j->w->past.sites.n; i++) {
		const struct site *s = &j->w->past.sites.v[i];
		const struct wire_thread *leader = world_thread(j->w, s->tgid);
		const struct go_process *p = world_go_process(j->w, s->tgid);
		const struct go_site *g = world_go_site(j->w, s->tgid, s->made_at);

		if (s->made_at && p && (p->bits & GO_READ) && g && accumulate_rises(s) &&
		    count_of(g) >= FLOORS_GROWTH && leader && leader->started == s->process_started)
			err = make(j, s, g);
	}
	return err;
}
