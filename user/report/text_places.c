// SPDX-License-Identifier: GPL-2.0-only
/* text_places.c - in whose code the threads or goroutines of a finding stand: a part of text.c.
 *
 * One paragraph a place: who stands there, in which function they block, and below it the
 * calls that led there, innermost first, as a stack is read. */
#include "report/text_places.h"

#include <string.h>

#include "base/duration.h"
#include "report/frames.h"
#include "report/phrase.h"
#include "report/places.h"

/* How many are listed without --all. */
#define PLACES_MOST 4
#define CALLERS_MOST 3

#define LEFT "      "
static const struct margin caller = { LEFT, LEFT "  ", LINES_PLAIN };

struct part {
	struct lines *lines;
	const struct verdicts *v;
	const struct options *opts;
	bool utf8;
	bool goroutines;
};

static void write_one(const struct part *p, __u64 id)
{
	fprintf(p->lines->f, p->goroutines ? "goroutine %llu" : "[%llu]", id);
}

/* "[1], [2] and [3]", "2000 threads such as [1]", "goroutines 1 and 2" */
static void write_who(const struct part *p, const struct places_group *g)
{
	FILE *out = p->lines->f;

	if (g->n > PLACES_IDS) {
		phrase_count(out, g->n, p->goroutines ? "goroutine" : "thread");
		fputs(" such as ", out);
		write_one(p, g->ids[0]);
		return;
	}
	if (p->goroutines)
		fputs(g->n == 1 ? "goroutine " : "goroutines ", out);
	for (size_t i = 0; i < g->n; i++) {
		fputs(!i ? "" : i + 1 < g->n ? ", " : " and ", out);
		fprintf(out, p->goroutines ? "%llu" : "[%llu]", g->ids[i]);
	}
}

/* Of one thread the headline has said it already; of goroutines 0 is not known. */
static void write_ages(const struct part *p, const struct places_group *g)
{
	char oldest[DURATION_TEXT], youngest[DURATION_TEXT];
	FILE *out = p->lines->f;

	if (g->n == 1 || (p->goroutines && !g->youngest_ns))
		return;
	duration_text(oldest, sizeof(oldest), g->oldest_ns);
	duration_text(youngest, sizeof(youngest), g->youngest_ns);
	fprintf(out, p->goroutines ? " for at least %s" : " for %s", youngest);
	if (strcmp(oldest, youngest))
		fprintf(out, " to %s", oldest);
}

/* The function that they block in; of a stack without a place the innermost call. */
static const struct frame *blocking(const struct part *p, const struct places_group *g)
{
	if (g->place->blocking || g->place->n || !g->trace->frames.n)
		return g->place->blocking;
	return stack_frame(&p->v->world->stacks, g->trace, 0);
}

static bool is_start(const struct places_group *g, const struct frame *f)
{
	return g->nstarts == 1 && g->starts[0] == f;
}

/* What the threads were started to run, unless that was among the callers shown. */
static void print_starts(struct part *p, const struct places_group *g, size_t shown)
{
	FILE *out = p->lines->f;
	const char *dots = p->utf8 ? "\xe2\x80\xa6" : "...";

	for (size_t i = 0; i < shown; i++)
		if (is_start(g, g->place->callers[i]))
			return;
	if (!g->nstarts && shown == g->place->n)
		return;
	fputs(dots, out);
	for (size_t i = 0; i < g->nstarts && i < PLACES_STARTS; i++) {
		fputs(!i ? " started as " : i + 1 < g->nstarts ? ", " : " or ", out);
		frames_call(out, g->starts[i], p->utf8);
	}
	if (g->nstarts > PLACES_STARTS)
		fputs(" and others", out);
	lines_end(p->lines, &caller);
}

static void print_callers(struct part *p, const struct places_group *g)
{
	const struct place *place = g->place;
	size_t shown = p->opts->all || place->n < CALLERS_MOST ? place->n : CALLERS_MOST;
	FILE *out = p->lines->f;

	for (size_t i = 0; i < shown; i++) {
		frames_call(out, place->callers[i], p->utf8);
		if (is_start(g, place->callers[i]))
			fputs(", the start routine", out);
		lines_end(p->lines, &caller);
	}
	print_starts(p, g, shown);
	if (g->trace->stop && shown == place->n) {
		fprintf(out, "unwinding stopped: %s", g->trace->stop);
		lines_end(p->lines, &caller);
	}
}

static void print_whole(struct part *p, const struct places_group *g)
{
	const struct world *w = p->v->world;
	const struct kernel_wait *k = p->goroutines ? NULL : world_kernel_wait(w, g->ids[0]);

	frames_print(p->lines, &w->stacks, k, g->trace, LEFT, LEFT, true);
}

static void print_place(struct part *p, const struct places_group *g)
{
	const struct frame *f = blocking(p, g);
	const struct margin *head = &lines_glyphs(p->lines->style)->place;
	FILE *out = p->lines->f;

	if (!g->trace->frames.n) {
		fputs("no stack of ", out);
		write_who(p, g);
		fprintf(out, ": %s", g->trace->stop ? g->trace->stop : "none could be read");
		lines_end(p->lines, head);
		return;
	}
	write_who(p, g);
	if (f) {
		fputs(" in ", out);
		frames_name(out, f, p->utf8);
	}
	write_ages(p, g);
	if (p->opts->verbose) {
		fputs(g->n > 1 ? ", all calls of " : "", out);
		if (g->n > 1)
			write_one(p, g->ids[0]);
		fputc(':', out);
	} else if (g->place->n) {
		fputs(f ? ", called from" : " blocked in", out);
	}
	lines_end(p->lines, head);
	if (p->opts->verbose)
		print_whole(p, g);
	else
		print_callers(p, g);
}

static void print_go_birthplace(struct part *p, const struct finding *f)
{
	const struct judged_goroutine *one = &p->v->goroutines.v[f->goroutines.v[0]];

	if (f->class != CLASS_ACCUMULATING || !one->created)
		return;
	fputs("all made at ", p->lines->f);
	frames_call(p->lines->f, one->created, p->utf8);
	lines_end(p->lines, &lines_glyphs(p->lines->style)->place);
}

/* Below it, as of the places, the calls that led there. */
static void print_birthplace(struct part *p, const struct finding *f)
{
	const struct world *w = p->v->world;
	const struct wire_thread *one = f->members.n ? p->v->judged.v[f->members.v[0]].thread
						     : NULL;
	const struct site *site = one ? past_site(&w->past, past_birth(&w->past, one)) : NULL;
	const struct trace *trace = site && site->trace ? &w->stacks.traces.v[site->trace - 1]
							: NULL;
	struct place place;

	if (f->class != CLASS_ACCUMULATING || !trace)
		return;
	place_find(&w->stacks, trace, false, &place);
	if (!place.n && !p->opts->verbose)
		return;
	fputs("all made in", p->lines->f);
	lines_end(p->lines, &lines_glyphs(p->lines->style)->place);
	if (p->opts->verbose) {
		frames_print(p->lines, &w->stacks, NULL, trace, LEFT, LEFT, true);
		return;
	}
	for (size_t i = 0; i < place.n && (p->opts->all || i < CALLERS_MOST); i++) {
		frames_call(p->lines->f, place.callers[i], p->utf8);
		lines_end(p->lines, &caller);
	}
}

int text_places_print(struct lines *l, const struct verdicts *v, const struct finding *f,
		      const struct options *opts)
{
	struct part p = { l, v, opts, l->style->utf8, f->goroutines.n > 0 };
	struct places places;
	size_t shown;
	int err = places_of(v, f, &places);

	if (err)
		return err;
	if (p.goroutines)
		print_go_birthplace(&p, f);
	else
		print_birthplace(&p, f);
	shown = report_cut(opts, places.groups.n, PLACES_MOST);
	for (size_t i = 0; i < shown; i++)
		print_place(&p, &places.groups.v[i]);
	if (shown < places.groups.n) {
		fprintf(l->f, "and ");
		phrase_count(l->f, places.groups.n - shown, "more place");
		lines_end(l, &lines_glyphs(l->style)->place);
	}
	array_free(&places.groups);
	return 0;
}
