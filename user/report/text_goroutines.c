// SPDX-License-Identifier: GPL-2.0-only
/* text_goroutines.c - what the report for people says of goroutines: a part of text.c. */
#include "report/text_goroutines.h"

#include "analyze/gowaits.h"
#include "base/duration.h"
#include "base/escape.h"
#include "report/frames.h"
#include "report/phrase.h"

/* How many are listed without --all. */
#define LIST_MOST 8
#define UNJUDGED_MOST 3

static const struct margin flush = { "", "  ", LINES_PLAIN };
static const struct margin item = { "  ", "    ", LINES_PLAIN };
static const struct margin deeper = { "    ", "      ", LINES_PLAIN };

/* "goroutine 34  chan receive on channel 0xc000…, created at main.start (main.go:12)" */
static void write_goroutine(FILE *out, const struct judged_goroutine *one, bool utf8)
{
	phrase_goroutine(out, one->wait);
	fputs("  ", out);
	phrase_go_wait(out, one->wait, utf8);
	if (one->created || one->wait->parent)
		fputs(one->created ? ", created at " : ", created ", out);
	phrase_go_made(out, one, utf8);
}

/* Rings are drawn; who is neither in one nor at a cause stands behind it. */
static const struct margin *margin_of(const struct lines *l, const struct finding *f, size_t i)
{
	if (i >= f->nknot)
		return f->nknot ? &lines_behind : &deeper;
	return f->cycle ? lines_ring(l->style, i, f->nknot) : &deeper;
}

void text_goroutines_list(struct lines *l, const struct verdicts *v, const struct finding *f,
			  const struct options *opts)
{
	size_t n = f->goroutines.n, shown = report_cut(opts, n, LIST_MOST);

	for (size_t i = 0; i < shown; i++) {
		write_goroutine(l->f, &v->goroutines.v[f->goroutines.v[i]], l->style->utf8);
		lines_end(l, margin_of(l, f, i));
		if (f->cycle && f->nknot == 1 && !i)
			lines_print(l, &lines_glyphs(l->style)->ring_self_end, "");
	}
	if (shown < n) {
		fprintf(l->f, "and %zu more", n - shown);
		lines_end(l, &deeper);
	}
}

/* ---- all ---- */

static void print_goroutine(struct lines *l, const struct verdicts *v,
			    const struct judged_goroutine *one)
{
	struct gowaits_answer answer = gowaits_explain(v, one);
	char comm[ESCAPE_COMM], age[DURATION_TEXT];
	bool utf8 = l->style->utf8;
	FILE *out = l->f;

	fprintf(out, "%s [%u] ", phrase_comm(comm, v->world, one->wait->tgid, NULL, utf8),
		one->wait->tgid);
	phrase_goroutine(out, one->wait);
	fputs("  ", out);
	phrase_go_wait(out, one->wait, utf8);
	if (one->age_ns)
		fprintf(out, "  for at least %s", duration_text(age, sizeof(age), one->age_ns));
	fprintf(out, "  %s", verdict_class_name(answer.class));
	if (one->finding && v->findings.v[one->finding - 1].confidence == CONFIDENCE_SUSPECT)
		fputs(", suspected", out);
	if (answer.source)
		fprintf(out, ": %s", answer.source);
	if (one->place.n) {
		fputs("  in ", out);
		frames_call(out, one->place.callers[0], utf8);
	}
	lines_end(l, &item);
}

void text_goroutines_all(struct lines *l, const struct verdicts *v, const struct options *opts)
{
	bool any = false;

	for (size_t i = 0; i < v->goroutines.n; i++) {
		const struct judged_goroutine *one = &v->goroutines.v[i];

		if (!one->wait->nobjects && !(one->wait->bits & GO_NOTHING))
			continue; /* it was read for another reason */
		if (!report_selects_process(opts, v->world, one->wait->tgid))
			continue;
		if (!any)
			lines_print(l, &flush, "All goroutines that wait for another one:");
		any = true;
		print_goroutine(l, v, one);
	}
	if (any)
		fputc('\n', l->out);
}

/* ---- the summary ---- */

struct tally {
	size_t programs, unjudged;
	__u64 goroutines, waiting, unsited;
	size_t stuck, accumulating;
};

static struct tally count(const struct verdicts *v, const struct options *opts)
{
	const struct world *w = v->world;
	struct tally t = {};
	const char *why;

	for (size_t i = 0; i < w->go_processes.n; i++) {
		const struct go_process *p = &w->go_processes.v[i];

		if (!report_selects_process(opts, w, p->tgid))
			continue;
		t.unjudged += !gowaits_searched(p, &why);
		if (!(p->bits & GO_READ))
			continue;
		t.programs++;
		t.goroutines += p->goroutines;
		t.waiting += p->waiting;
		t.unsited += p->unsited;
	}
	for (size_t i = 0; i < v->findings.n; i++) {
		const struct finding *f = &v->findings.v[i];

		if (!f->goroutines.n || !report_selects_process(opts, w, f->pid))
			continue;
		if (f->confidence == CONFIDENCE_SUSPECT)
			continue;
		if (f->class != CLASS_ACCUMULATING)
			t.stuck += verdict_count(f);
		else
			t.accumulating += verdict_count(f);
	}
	return t;
}

/* "Goroutines not judged: those of server [7] (its version is not known: go1.29) and 2 more." */
static void print_unjudged(struct lines *l, const struct verdicts *v, const struct options *opts,
			   size_t n)
{
	size_t most = report_cut(opts, n, UNJUDGED_MOST), shown = 0;
	struct margin m = { "Goroutines not judged: ", "  ", LINES_WARN };
	const struct world *w = v->world;
	char comm[ESCAPE_COMM];
	const char *why;

	for (size_t i = 0; i < w->go_processes.n && shown < most; i++) {
		const struct go_process *p = &w->go_processes.v[i];

		if (!report_selects_process(opts, w, p->tgid) || gowaits_searched(p, &why))
			continue;
		fprintf(l->f, "%s%s [%u] (%s)", shown++ ? ", " : "those of ",
			phrase_comm(comm, w, p->tgid, NULL, l->style->utf8), p->tgid, why);
	}
	if (shown < n)
		fprintf(l->f, " and %zu more", n - shown);
	fputc('.', l->f);
	lines_end(l, &m);
}

void text_goroutines_summary(struct lines *l, const struct verdicts *v, const struct options *opts)
{
	struct tally t = count(v, opts);

	if (t.programs) {
		phrase_count(l->f, t.goroutines, "goroutine");
		fputs(" of ", l->f);
		phrase_count(l->f, t.programs, "Go program");
		fprintf(l->f, "; %llu wait%s for another one: %zu stuck.", t.waiting,
			t.waiting == 1 ? "s" : "", t.stuck);
		if (t.accumulating)
			fprintf(l->f, " %zu accumulate.", t.accumulating);
		if (t.unsited)
			fprintf(l->f, " %llu come from go statements that are not counted each.",
				t.unsited);
		lines_end(l, &flush);
	}
	if (t.unjudged)
		print_unjudged(l, v, opts, t.unjudged);
}
