// SPDX-License-Identifier: GPL-2.0-only
/* report_explain_goroutine.c - the whole story of one goroutine: what it waits on, who made it, and
 * which rule decided. A part of report_explain.c. */
#include "report/report_explain_goroutine.h"

#include <errno.h>
#include <string.h>

#include "analyze/gowaits.h"
#include "base/duration.h"
#include "base/escape.h"
#include "report/explain_label.h"
#include "report/frames.h"
#include "report/phrase.h"

#define OTHERS_MOST 10

static const struct margin wait_label = EXPLAIN_LABEL("waits in    ");
static const struct margin object_label = EXPLAIN_LABEL("waits on    ");
static const struct margin block_label = EXPLAIN_LABEL("blocks in   ");
static const struct margin caller_label = EXPLAIN_LABEL("called from ");
static const struct margin start_label = EXPLAIN_LABEL("started as  ");
static const struct margin age_label = EXPLAIN_LABEL("blocked     ");
static const struct margin created_label = EXPLAIN_LABEL("created     ");
static const struct margin verdict_label = EXPLAIN_LABEL("verdict     ");
static const struct margin rule_label = EXPLAIN_LABEL("because     ");
static const struct margin finding_label = EXPLAIN_LABEL("finding     ");
static const struct margin fact_label = EXPLAIN_LABEL("evidence    ");
static const struct margin with_label = EXPLAIN_LABEL("with        ");
static const struct margin program_label = EXPLAIN_LABEL("program     ");
static const struct margin more_label = EXPLAIN_LABEL("            ");

struct story {
	struct lines lines;
	const struct verdicts *v;
	const struct world *w;
	const struct judged_goroutine *one;
	bool utf8;
};

static void print_head(struct story *s)
{
	const __u32 tgid = s->one->wait->tgid;
	const struct process *p = world_process(s->w, tgid);
	struct margin m = { "", "  ", LINES_PLAIN };
	char comm[ESCAPE_COMM];

	phrase_goroutine(s->lines.f, s->one->wait);
	fprintf(s->lines.f, " of %s [%u]", phrase_comm(comm, s->w, tgid, NULL, s->utf8), tgid);
	if (p && p->exe)
		fprintf(s->lines.f, ", %s", p->exe);
	if (p && p->unit)
		fprintf(s->lines.f, ", in %s", p->unit);
	lines_end(&s->lines, &m);
}

/* "channel 0xc000012, open, 0 of 16 elements, and 2 more" */
static void print_objects(struct story *s)
{
	const struct go_wait *g = s->one->wait;
	FILE *out = s->lines.f;

	if (g->bits & GO_NOTHING)
		fputs("nothing: a nil channel, or a select without cases", out);
	else if (!g->object)
		return;
	else
		fprintf(out, "%s0x%llx", g->bits & GO_CHANNEL ? "channel " : "", g->object);
	if (g->bits & GO_CHANNEL)
		fprintf(out, ", %s, %llu of %llu elements", g->bits & GO_CLOSED ? "closed" : "open",
			g->count, g->capacity);
	if (g->nobjects > 1)
		fprintf(out, ", and %llu more", g->nobjects - 1);
	lines_end(&s->lines, &object_label);
}

static void print_wait(struct story *s)
{
	const struct go_wait *g = s->one->wait;
	char reason[4 * sizeof(g->reason) + 1];

	escape_name(reason, sizeof(reason), g->reason, strnlen(g->reason, sizeof(g->reason)),
		    s->utf8);
	lines_print(&s->lines, &wait_label, *reason ? reason : "a wait that is not known");
	print_objects(s);
}

static void print_call(struct story *s, const struct frame *f, const struct margin *label)
{
	if (!f)
		return;
	frames_call(s->lines.f, f, s->utf8);
	lines_end(&s->lines, label);
}

static void print_age(struct story *s)
{
	char age[DURATION_TEXT];

	if (!s->one->age_ns) {
		lines_print(&s->lines, &age_label, "for how long is not known");
		return;
	}
	fprintf(s->lines.f, "for at least %s", duration_text(age, sizeof(age), s->one->age_ns));
	if (s->one->age_ns < s->w->real_time) {
		fputs(" (since ", s->lines.f);
		phrase_since(s->lines.f, s->w, s->one->age_ns);
		fputs(" at the latest)", s->lines.f);
	}
	lines_end(&s->lines, &age_label);
}

/* Who made it, and where; and how many more were made there. */
static void print_created(struct story *s)
{
	const struct go_wait *g = s->one->wait;
	const struct go_site *site = g->made_at ? world_go_site(s->w, g->tgid, g->made_at) : NULL;
	const bool made = phrase_go_made(s->lines.f, s->one, s->utf8);

	if (made)
		lines_end(&s->lines, &created_label);
	if (!site)
		return;
	phrase_count(s->lines.f, site->alive, "goroutine");
	fputs(" made there live", s->lines.f);
	lines_end(&s->lines, made ? &more_label : &created_label);
}

static void print_others(struct story *s, const struct finding *f)
{
	size_t shown = 0;

	for (size_t i = 0; i < f->goroutines.n && shown < OTHERS_MOST; i++) {
		const struct judged_goroutine *other = &s->v->goroutines.v[f->goroutines.v[i]];

		if (other == s->one)
			continue;
		fputs(shown++ ? ", " : "", s->lines.f);
		phrase_goroutine(s->lines.f, other->wait);
	}
	if (!shown)
		return;
	if (verdict_count(f) - 1 > shown)
		fprintf(s->lines.f, " and %zu more", verdict_count(f) - 1 - shown);
	lines_end(&s->lines, &with_label);
}

static void print_finding(struct story *s, const struct finding *f)
{
	lines_print(&s->lines, &finding_label, f->id);
	if (f->reason)
		lines_print(&s->lines, &more_label, f->reason);
	for (size_t i = 0; i < f->evidence.n; i++)
		lines_print(&s->lines, i ? &more_label : &fact_label, f->evidence.v[i]);
	print_others(s, f);
}

static void print_verdict(struct story *s)
{
	const __u32 number = s->one->finding;
	const struct finding *f = number ? &s->v->findings.v[number - 1] : NULL;
	struct gowaits_answer answer = gowaits_explain(s->v, s->one);

	fputs(verdict_class_name(answer.class), s->lines.f);
	if (f)
		fprintf(s->lines.f, " (%s)", verdict_confidence_name(f->confidence));
	else if (answer.source)
		fprintf(s->lines.f, ": %s", answer.source);
	lines_end(&s->lines, &verdict_label);
	lines_print(&s->lines, &rule_label, answer.rule);
	if (f)
		print_finding(s, f);
}

static void print_program(struct story *s)
{
	const struct go_process *p = world_go_process(s->w, s->one->wait->tgid);

	if (!p)
		return;
	fprintf(s->lines.f, "made with %s", *p->version ? p->version : "a Go that is not known");
	if (p->bits & GO_READ)
		fprintf(s->lines.f, "; %llu goroutines, of which %llu wait for another one",
			p->goroutines, p->waiting);
	if (p->bits & GO_OWN_LAYOUT)
		fputs("; read as its own DWARF says", s->lines.f);
	lines_end(&s->lines, &program_label);
}

int report_explain_goroutine(FILE *out, const struct verdicts *v, const struct options *opts,
			     const struct style *style)
{
	struct story s = { .v = v, .w = v->world, .utf8 = style->utf8 };
	int err;

	s.one = verdict_goroutine(v, opts->tid, opts->goid);
	if (!s.one)
		return -ESRCH;
	err = lines_open(&s.lines, out, style);
	if (err)
		return err;
	print_head(&s);
	print_wait(&s);
	print_call(&s, s.one->place.blocking, &block_label);
	print_call(&s, s.one->place.n ? s.one->place.callers[0] : NULL, &caller_label);
	print_call(&s, s.one->place.start, &start_label);
	print_age(&s);
	print_created(&s);
	print_verdict(&s);
	print_program(&s);
	frames_print(&s.lines, &s.w->stacks, NULL, s.one->trace, "  stack       ", more_label.first,
		     opts->verbose);
	lines_close(&s.lines);
	return ferror(out) ? -EIO : 0;
}
