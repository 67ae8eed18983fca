// SPDX-License-Identifier: GPL-2.0-only
/* dot.c - who waits for whom, as a graph for Graphviz.
 *
 * One node a thread or process, a place of goroutines, or a goroutine of a ring; one cluster a
 * finding. Always UTF-8, as DOT is. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "base/escape.h"
#include "report/frames.h"
#include "report/phrase.h"
#include "report/places.h"
#include "report/report.h"

#define MEMBERS_MOST 60 /* drawn of one finding without --all; the knot always is */

struct graph {
	FILE *out;
	FILE *label; /* memory stream: a label before it is quoted */
	char *text;
	size_t size;
	const struct verdicts *v;
	const struct options *opts;
};

/* A double-quoted string; names in it have passed escape_name(). Graphviz reads
 * backslashes and HTML entities in labels: neither may come from a name. */
static void print_label(struct graph *g)
{
	fputc('\0', g->label);
	fflush(g->label);
	rewind(g->label);
	fputc('"', g->out);
	for (const char *s = g->text; s && *s; s++) {
		if (*s == '"' || *s == '\\')
			fputc('\\', g->out);
		if (*s == '\n')
			fputs("\\n", g->out);
		else if (*s == '&')
			fputs("&amp;", g->out);
		else
			fputc(*s, g->out);
	}
	fputc('"', g->out);
}

/* "pthread_mutex_lock from take (queue.c:12)" */
static void print_place(FILE *out, const struct place *place)
{
	if (!place->blocking && !place->n)
		return;
	fputc('\n', out);
	if (place->blocking)
		frames_name(out, place->blocking, true);
	if (place->blocking && place->n)
		fputs(" from ", out);
	if (place->n)
		frames_call(out, place->callers[0], true);
}

static void print_node(struct graph *g, const struct finding *f, const struct judged *j)
{
	char age[DURATION_TEXT];
	bool knot = j->role == ROLE_KNOT;

	phrase_thread(g->label, g->v->world, j->thread->head.tid, f->pid, true);
	fputc('\n', g->label);
	phrase_wait(g->label, &j->wait, j->primitive, true);
	print_place(g->label, &j->place);
	fprintf(g->label, "\nfor %s", duration_text(age, sizeof(age), j->age_ns));
	fprintf(g->out, "\t\tt%u [label=", j->thread->head.tid);
	print_label(g);
	fprintf(g->out, ", style=filled, fillcolor=\"%s\"];\n",
		!knot				     ? "#eeeeee"
		: f->confidence == CONFIDENCE_PROVEN ? "#ffb3b3"
						     : "#ffe0a0");
}

/* Somebody a member waits for who is in no finding of the drawing: drawn as an ellipse. */
static void print_other(struct graph *g, const struct waits_for *e)
{
	const struct judged *j = e->tid ? verdict_of(g->v, e->tid) : NULL;

	if (j && j->finding && report_selects(g->opts, g->v, &g->v->findings.v[j->finding - 1]))
		return;
	if (e->tid)
		phrase_thread(g->label, g->v->world, e->tid, e->tid, true);
	else
		phrase_process(g->label, g->v->world, e->pid, true);
	fprintf(g->out, "\t%c%u [shape=ellipse, label=", e->tid ? 't' : 'p',
		e->tid ? e->tid : e->pid);
	print_label(g);
	fputs("];\n", g->out);
}

/* Whether the edge is the one by which the cycle closes on the next member. */
static bool on_cycle(const struct graph *g, const struct finding *f, size_t i,
		     const struct waits_for *e)
{
	const struct wire_thread *next;

	if (!f->cycle || i >= f->nknot)
		return false;
	next = g->v->judged.v[f->members.v[(i + 1) % f->nknot]].thread;
	return e->tid ? e->tid == next->head.tid : e->pid == next->tgid;
}

static void print_edges(struct graph *g, const struct finding *f, size_t i)
{
	const struct judged *j = &g->v->judged.v[f->members.v[i]];

	for (size_t n = 0; n < j->waits_for.n; n++) {
		const struct waits_for *e = &j->waits_for.v[n];

		print_other(g, e);
		fprintf(g->out, "\tt%u -> %c%u [label=\"%s\"%s];\n", j->thread->head.tid,
			e->tid ? 't' : 'p', e->tid ? e->tid : e->pid, verdict_why_name(e->why),
			on_cycle(g, f, i, e) ? ", color=\"#cc0000\", penwidth=2" : "");
	}
}

static void print_title(struct graph *g, const struct finding *f)
{
	const struct wire_thread *any = verdict_thread(g->v, f);
	char comm[ESCAPE_COMM];

	fprintf(g->label, "%s (%s): %s [%u]", verdict_class_name(f->class),
		verdict_confidence_name(f->confidence),
		phrase_comm(comm, g->v->world, f->pid, any, true), f->pid);
	fputs("\t\tlabel=", g->out);
	print_label(g);
	fputs(";\n", g->out);
}

/* "3 goroutines such as 34\nchan receive\n…\nfor at least 2 min"; place:
 * NULL of those without a stack. */
static void print_goroutines(struct graph *g, const struct finding *f, size_t index, size_t n,
			     const struct judged_goroutine *first, const struct places_group *place)
{
	char age[DURATION_TEXT];
	__u64 age_ns = place ? place->oldest_ns : f->age_ns;

	if (n == 1) {
		phrase_goroutine(g->label, first->wait);
	} else {
		phrase_count(g->label, n, "goroutine");
		fprintf(g->label, " such as %llu", first->wait->id);
	}
	fputc('\n', g->label);
	phrase_go_wait(g->label, first->wait, true);
	if (place)
		print_place(g->label, place->place);
	if (age_ns)
		fprintf(g->label, "\nfor at least %s", duration_text(age, sizeof(age), age_ns));
	fprintf(g->out, "\t\tg%zu_%llu [label=", index, first->wait->id);
	print_label(g);
	fprintf(g->out, ", style=filled, fillcolor=\"%s\"];\n",
		f->confidence == CONFIDENCE_PROVEN ? "#ffb3b3" : "#ffe0a0");
}

static bool is_among(const struct graph *g, const struct finding *f, size_t n, __u64 id)
{
	for (size_t i = 0; i < n; i++)
		if (g->v->goroutines.v[f->goroutines.v[i]].wait->id == id)
			return true;
	return false;
}

/* Who waits for a lock: a node each, and for whom. */
static void print_goroutine_ring(struct graph *g, const struct finding *f, size_t index)
{
	const size_t n = report_cut(g->opts, f->goroutines.n, MEMBERS_MOST);

	for (size_t i = 0; i < n; i++) {
		const struct judged_goroutine *one = &g->v->goroutines.v[f->goroutines.v[i]];
		const struct places_group alone = { .place = &one->place,
						    .oldest_ns = one->age_ns };

		print_goroutines(g, f, index, 1, one, &alone);
		if (!is_among(g, f, n, one->wait->holder))
			fprintf(g->out,
				"\t\tg%zu_%llu [shape=ellipse, label=\"goroutine %llu\"];\n", index,
				one->wait->holder, one->wait->holder);
		fprintf(g->out, "\t\tg%zu_%llu -> g%zu_%llu [label=\"%s\"%s];\n", index,
			one->wait->id, index, one->wait->holder, verdict_why_name(EDGE_OWNER),
			f->cycle && i < f->nknot ? ", color=\"#cc0000\", penwidth=2" : "");
	}
}

/* One node for each place where they stand; nobody waits for whom. */
static int print_goroutine_places(struct graph *g, const struct finding *f, size_t index)
{
	const struct judged_goroutine *first = NULL;
	size_t n = 0, without = 0;
	struct places places;
	int err = places_of(g->v, f, &places);

	if (err)
		return err;
	for (; n < places.groups.n; n++) {
		const struct places_group *place = &places.groups.v[n];

		print_goroutines(g, f, index, place->n,
				 &g->v->goroutines.v[f->goroutines.v[place->first]], place);
	}
	for (size_t i = 0; i < f->goroutines.n; i++) {
		const struct judged_goroutine *one = &g->v->goroutines.v[f->goroutines.v[i]];

		first = first || one->trace ? first : one;
		without += !one->trace;
	}
	if (without)
		print_goroutines(g, f, index, without, first, NULL);
	array_free(&places.groups);
	return 0;
}

static int print_finding(struct graph *g, const struct finding *f, size_t index)
{
	int err = 0;
	size_t n = f->members.n, most = f->nknot > MEMBERS_MOST ? f->nknot : MEMBERS_MOST;

	if (!g->opts->all && n > most)
		n = most;
	fprintf(g->out, "\tsubgraph cluster%zu {\n", index);
	print_title(g, f);
	if (f->goroutines.n && f->nknot)
		print_goroutine_ring(g, f, index);
	else if (f->goroutines.n)
		err = print_goroutine_places(g, f, index);
	for (size_t i = 0; i < n; i++)
		print_node(g, f, &g->v->judged.v[f->members.v[i]]);
	if (n < f->members.n)
		fprintf(g->out, "\t\tmore%zu [shape=plaintext, label=\"and %zu more\"];\n", index,
			f->members.n - n);
	fputs("\t}\n", g->out);
	for (size_t i = 0; i < n; i++)
		print_edges(g, f, i);
	return err;
}

static int print_dot(FILE *out, const struct verdicts *v, const struct options *opts,
		     const struct style *style)
{
	struct graph g = { .out = out, .v = v, .opts = opts };
	_cleanup_free_ char *text = NULL;
	int err = 0;

	(void)style;
	g.label = open_memstream(&g.text, &g.size);
	if (!g.label)
		return -ENOMEM;
	fputs("digraph nowake {\n\trankdir=LR;\n\tnode [shape=box, fontname=\"sans-serif\"];\n"
	      "\tedge [fontname=\"sans-serif\", fontsize=10];\n",
	      out);
	if (!report_count(opts, v))
		fputs("\tnothing [shape=plaintext, label=\"Nothing is stuck.\"];\n", out);
	for (size_t i = 0; !err && i < v->findings.n; i++)
		if (report_selects(opts, v, &v->findings.v[i]))
			err = print_finding(&g, &v->findings.v[i], i);
	fputs("}\n", out);
	fclose(g.label);
	text = g.text;
	return err ? err : ferror(out) ? -EIO : 0;
}

const struct output report_dot = { "dot", print_dot };
