// SPDX-License-Identifier: GPL-2.0-only
/* text.c - the report for people: findings first, then one line for all the rest. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "base/escape.h"
#include "report/frames.h"
#include "report/lines.h"
#include "report/phrase.h"
#include "report/report.h"
#include "report/text_goroutines.h"
#include "report/text_places.h"

/* How many of a kind are listed without --all. */
#define RING_MOST 12
#define KNOT_MOST 8
#define QUEUE_MOST 5
#define EDGES_MOST 3
#define REASONS_MOST 3
#define BLIND_MOST 8

struct page {
	struct lines lines;
	const struct verdicts *v;
	const struct world *w;
	const struct options *opts;
	bool utf8;
};

static const struct margin flush = { "", "  ", LINES_PLAIN };
static const struct margin inside = { "  ", "  ", LINES_PLAIN };
static const struct margin item = { "  ", "    ", LINES_PLAIN };
static const struct margin deeper = { "    ", "      ", LINES_PLAIN };
static const struct margin likewise = { "    likewise: ", "      ", LINES_PLAIN };

static size_t cut(const struct page *p, size_t n, size_t most)
{
	return report_cut(p->opts, n, most);
}

/* ---- one finding ---- */

/* "for 35 s (since 14:04:39)"; how long goroutines have waited is known from below, if at all. */
static void write_age(struct page *p, const struct finding *f)
{
	char age[DURATION_TEXT];
	FILE *out = p->lines.f;
	bool least = f->goroutines.n;

	if (least && !f->age_ns)
		return;
	fprintf(out, " for %s%s", least ? "at least " : "",
		duration_text(age, sizeof(age), f->age_ns));
	if (f->age_ns >= p->w->real_time)
		return;
	fputs(" (since ", out);
	phrase_since(out, p->w, f->age_ns);
	fputs(least ? " at the latest)" : ")", out);
}

static void print_headline(struct page *p, const struct finding *f)
{
	char label[64], comm[ESCAPE_COMM];
	const struct wire_thread *any = verdict_thread(p->v, f);
	struct margin m = { label, "  ",
			    f->confidence == CONFIDENCE_PROVEN ? LINES_BAD : LINES_WARN };
	FILE *out = p->lines.f;
	int n = snprintf(label, sizeof(label), "%s", verdict_class_name(f->class));

	for (char *s = label; *s; s++)
		*s = toupper(*s);
	snprintf(label + n, sizeof(label) - n, " (%s)  ", verdict_confidence_name(f->confidence));
	fprintf(out, "%s [%u]  ", phrase_comm(comm, p->w, f->pid, any, p->utf8), f->pid);
	phrase_count(out, verdict_count(f), f->goroutines.n ? "goroutine" : "thread");
	write_age(p, f);
	lines_end(&p->lines, &m);
}

/* What the process is: its program and its service. */
static void print_process(struct page *p, __u32 pid)
{
	const struct process *process = world_process(p->w, pid);

	if (!process || (!process->exe && !process->unit))
		return;
	if (process->exe)
		fprintf(p->lines.f, "%s", process->exe);
	if (process->unit)
		fprintf(p->lines.f, "%s%s", process->exe ? "  in " : "in ", process->unit);
	lines_end(&p->lines, &inside);
}

static const struct judged *member(const struct page *p, const struct finding *f, size_t i)
{
	return &p->v->judged.v[f->members.v[i]];
}

/* "worker-a [4712]  mutex 0x55d0…, held by worker-b [4713]" */
static void write_member(struct page *p, const struct finding *f, const struct judged *j)
{
	FILE *out = p->lines.f;

	phrase_thread(out, p->w, j->thread->head.tid, f->pid, p->utf8);
	fputs("  ", out);
	phrase_wait(out, &j->wait, j->primitive, p->utf8);
	phrase_edges(out, p->w, j, f->pid, cut(p, j->waits_for.n, EDGES_MOST), p->utf8);
}

static void print_more(struct page *p, size_t n, const struct margin *margin)
{
	fprintf(p->lines.f, "and %zu more", n);
	lines_end(&p->lines, margin);
}

static void print_ring(struct page *p, const struct finding *f)
{
	const struct style *style = p->lines.style;
	size_t n = f->nknot, shown = cut(p, n, RING_MOST);

	for (size_t i = 0; i + 1 < shown; i++) {
		write_member(p, f, member(p, f, i));
		lines_end(&p->lines, lines_ring(style, i, n));
	}
	if (shown < n)
		print_more(p, n - shown, lines_ring(style, 1, n));
	write_member(p, f, member(p, f, n - 1));
	lines_end(&p->lines, lines_ring(style, n - 1, n));
	if (n == 1)
		lines_print(&p->lines, &lines_glyphs(style)->ring_self_end, "");
}

static void print_list(struct page *p, const struct finding *f, size_t from, size_t to, size_t most,
		       const struct margin *margin)
{
	size_t shown = cut(p, to - from, most);

	for (size_t i = from; i < from + shown; i++) {
		write_member(p, f, member(p, f, i));
		lines_end(&p->lines, margin);
	}
	if (shown < to - from)
		print_more(p, to - from - shown, &deeper);
}

/* Who is in it; of a population that grows, its places say enough. */
static void print_members(struct page *p, const struct finding *f)
{
	size_t queue;

	if (f->class == CLASS_ACCUMULATING)
		return;
	if (f->goroutines.n) {
		text_goroutines_list(&p->lines, p->v, f, p->opts);
		return;
	}
	if (f->cycle && f->nknot)
		print_ring(p, f);
	else
		print_list(p, f, 0, f->nknot, KNOT_MOST, &deeper);
	/* What is filed together but is no part of what was drawn, then who queues. */
	for (queue = f->nknot; queue < f->members.n && member(p, f, queue)->role == ROLE_KNOT;)
		queue++;
	print_list(p, f, f->nknot, queue, QUEUE_MOST, &likewise);
	print_list(p, f, queue, f->members.n, QUEUE_MOST, &lines_behind);
}

static int print_finding(struct page *p, const struct finding *f)
{
	int err;

	print_headline(p, f);
	print_process(p, f->pid);
	if (f->reason)
		lines_print(&p->lines, &inside, f->reason);
	print_members(p, f);
	err = text_places_print(&p->lines, p->v, f, p->opts);
	for (size_t i = 0; i < f->evidence.n; i++)
		lines_print(&p->lines, &lines_glyphs(p->lines.style)->bullet, f->evidence.v[i]);
	fputc('\n', p->lines.out);
	return err;
}

/* ---- all the rest ---- */

static void print_thread(struct page *p, const struct judged *j)
{
	char age[DURATION_TEXT];
	FILE *out = p->lines.f;

	phrase_thread(out, p->w, j->thread->head.tid, j->thread->head.tid, p->utf8);
	fputs("  ", out);
	phrase_wait(out, &j->wait, j->primitive, p->utf8);
	fprintf(out, "  for %s  %s%s", duration_text(age, sizeof(age), j->age_ns),
		verdict_class_name(j->class),
		j->finding && j->confidence == CONFIDENCE_SUSPECT ? ", suspected" : "");
	if (j->source)
		fprintf(out, ": %s", j->source);
	if (j->place.n) {
		fputs("  in ", out);
		frames_call(out, j->place.callers[0], p->utf8);
	}
	lines_end(&p->lines, &item);
}

static void print_threads(struct page *p)
{
	char age[DURATION_TEXT];

	fprintf(p->lines.f, "All threads that are blocked for %s or longer:",
		duration_text(age, sizeof(age), p->v->threshold_ns));
	lines_end(&p->lines, &flush);
	for (size_t i = 0; i < p->v->judged.n; i++)
		if (verdict_blocked(p->v, &p->v->judged.v[i]) &&
		    report_selects_thread(p->opts, p->v, &p->v->judged.v[i]))
			print_thread(p, &p->v->judged.v[i]);
	fputc('\n', p->lines.out);
}

struct tally {
	size_t blocked, idle, unknown, stuck, suspect;
	ARRAY(const char *) reasons; /* why unknown, one for each thread */
};

static int count(const struct page *p, struct tally *ret)
{
	for (size_t i = 0; i < p->v->judged.n; i++) {
		const struct judged *j = &p->v->judged.v[i];

		/* Of a crowd that grows most are not. */
		if (!verdict_blocked(p->v, j) || !report_selects_thread(p->opts, p->v, j))
			continue;
		ret->blocked++;
		if (j->class == CLASS_IDLE)
			ret->idle++;
		else if (j->class == CLASS_UNKNOWN)
			ret->unknown++;
		else if (j->class != CLASS_NONE && j->confidence == CONFIDENCE_SUSPECT)
			ret->suspect++;
		else if (j->class != CLASS_NONE)
			ret->stuck++;
		if (j->class == CLASS_UNKNOWN &&
		    array_push(&ret->reasons, j->source ? j->source : "no reason is known"))
			return -ENOMEM;
	}
	return 0;
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

struct reason {
	const char *text;
	size_t n;
};

static int compare_reason(const void *a, const void *b)
{
	const struct reason *x = a, *y = b;

	return x->n != y->n ? (x->n > y->n ? -1 : 1) : strcmp(x->text, y->text);
}

/* Why they are unknown: the most frequent reasons. */
static int print_reasons(struct page *p, struct tally *tally)
{
	ARRAY(struct reason) reasons = {};
	size_t n = tally->reasons.n, shown;

	qsort(tally->reasons.v, n, sizeof(*tally->reasons.v), compare_text);
	for (size_t i = 0; i < n; i++) {
		if (i && !strcmp(tally->reasons.v[i], tally->reasons.v[i - 1])) {
			reasons.v[reasons.n - 1].n++;
		} else if (array_push(&reasons, (struct reason){ tally->reasons.v[i], 1 })) {
			array_free(&reasons);
			return -ENOMEM;
		}
	}
	qsort(reasons.v, reasons.n, sizeof(*reasons.v), compare_reason);
	lines_print(&p->lines, &flush, "Unknown, because:");
	shown = cut(p, reasons.n, REASONS_MOST);
	for (size_t i = 0; i < shown; i++) {
		fprintf(p->lines.f, "%s (", reasons.v[i].text);
		phrase_count(p->lines.f, reasons.v[i].n, "thread");
		fputc(')', p->lines.f);
		lines_end(&p->lines, &lines_glyphs(p->lines.style)->bullet);
	}
	if (shown < reasons.n)
		print_more(p, reasons.n - shown, &deeper);
	array_free(&reasons);
	return 0;
}

static void print_blind(struct page *p)
{
	size_t n = p->w->blind.n, shown = cut(p, n, BLIND_MOST);

	if (!n)
		return;
	lines_print(&p->lines, &(struct margin){ "Could not see:", "  ", LINES_WARN }, "");
	for (size_t i = 0; i < shown; i++)
		lines_print(&p->lines, &lines_glyphs(p->lines.style)->bullet, p->w->blind.v[i]);
	if (shown < n)
		print_more(p, n - shown, &deeper);
}

/* A helper that had to be killed, or died: what it was reading has no names. */
static void print_restarts(struct page *p)
{
	struct margin m = { "The symbolizer ", "  ", LINES_WARN };

	if (!p->w->restarts)
		return;
	fprintf(p->lines.f, "was restarted %u time%s: some calls have no names.", p->w->restarts,
		p->w->restarts == 1 ? "" : "s");
	lines_end(&p->lines, &m);
}

static void print_nothing(struct page *p)
{
	struct margin m = { "Nothing ", "  ", LINES_GOOD };

	if (report_narrowed(p->opts))
		fputs("of what was asked for ", p->lines.f);
	if (p->w->blind.n)
		fputs("that nowake could see ", p->lines.f);
	fputs("is stuck.", p->lines.f);
	lines_end(&p->lines, &m);
}

static int print_summary(struct page *p, size_t hidden)
{
	struct tally tally = {};
	char age[DURATION_TEXT];
	FILE *out = p->lines.f;
	int err = count(p, &tally);

	phrase_count(out, p->v->threads, "thread");
	fputs(" of ", out);
	fprintf(out, "%u process%s; ", p->v->processes, p->v->processes == 1 ? "" : "es");
	fprintf(out, "%zu%s blocked for %s or longer: ", tally.blocked,
		report_narrowed(p->opts) ? " of those asked for" : "",
		duration_text(age, sizeof(age), p->v->threshold_ns));
	fprintf(out, "%zu stuck, ", tally.stuck);
	if (tally.suspect)
		fprintf(out, "%zu suspect, ", tally.suspect);
	fprintf(out, "%zu idle, %zu unknown.", tally.idle, tally.unknown);
	lines_end(&p->lines, &flush);
	text_goroutines_summary(&p->lines, p->v, p->opts);
	if (hidden) {
		phrase_count(out, hidden, "finding");
		fputs(" only suspected: --suspects shows more.", out);
		lines_end(&p->lines, &flush);
	}
	if (!err && tally.unknown)
		err = print_reasons(p, &tally);
	array_free(&tally.reasons);
	return err;
}

static int print_text(FILE *out, const struct verdicts *v, const struct options *opts,
		      const struct style *style)
{
	struct page p = { .v = v, .w = v->world, .opts = opts, .utf8 = style->utf8 };
	struct options with_suspects = *opts;
	size_t shown = report_count(opts, v);
	int err = lines_open(&p.lines, out, style);

	if (err)
		return err;
	for (size_t i = 0; !err && i < v->findings.n; i++)
		if (report_selects(opts, v, &v->findings.v[i]))
			err = print_finding(&p, &v->findings.v[i]);
	if (opts->all) {
		print_threads(&p);
		text_goroutines_all(&p.lines, v, opts);
	}
	if (!shown)
		print_nothing(&p);
	with_suspects.suspects = true;
	err = err ? err : print_summary(&p, report_count(&with_suspects, v) - shown);
	print_blind(&p);
	print_restarts(&p);
	lines_close(&p.lines);
	return err ? err : ferror(out) ? -EIO : 0;
}

const struct output report_text = { "text", print_text };
