// SPDX-License-Identifier: GPL-2.0-only
/* prometheus.c - the metrics, in Prometheus's text format 0.0.4.
 *
 * https://prometheus.io/docs/instrumenting/exposition_formats/. One malformed line or one
 * series twice spoils the whole file: names are printable and differ when they come here
 * (groups_pattern.c), numbers are made of integers (no locale, no NaN), and a metric says
 * its HELP and TYPE with its first series. What nowake could not see has no series at all,
 * for a zero would say that it had looked. */
#include "report/prometheus.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/groups.h"
#include "analyze/gowaits.h"
#include "base/array.h"
#include "base/cleanup.h"
#include "base/duration.h"
#include "base/escape.h"
#include "version.h"

#define VALUE_MAX 256 /* bytes of a label's value; longer ones are cut */

struct page {
	FILE *out;
	const struct health *health;
	const struct verdicts *v;
	const struct group **groups; /* by name */
	size_t ngroups;
	const char *name, *type, *help; /* of the metric at hand */
	bool announced;
};

struct label {
	const char *name;
	const char *value; /* "" is the same as no label */
};

#define LABELS(...) ((const struct label[]){ __VA_ARGS__, {} })
#define NO_LABELS ((const struct label[]){ {} })

/* ---- the format ---- */

static void metric(struct page *p, const char *name, const char *type, const char *help)
{
	p->name = name;
	p->type = type;
	p->help = help;
	p->announced = false;
}

static void print_value(FILE *out, const char *value)
{
	char text[4 * VALUE_MAX + 1];

	escape_text(text, sizeof(text), value, true);
	for (const char *c = text; *c; c++) {
		if (*c == '\\' || *c == '"')
			fputc('\\', out);
		if (*c == '\n')
			fputs("\\n", out);
		else
			fputc(*c, out);
	}
}

/* All of a line but its number. */
static void series(struct page *p, const struct label *labels)
{
	const char *before = "{";

	if (!p->announced)
		fprintf(p->out, "# HELP nowake_%s %s\n# TYPE nowake_%s %s\n", p->name, p->help,
			p->name, p->type);
	p->announced = true;
	fprintf(p->out, "nowake_%s", p->name);
	for (; labels->name; labels++) {
		if (!*labels->value)
			continue;
		fprintf(p->out, "%s%s=\"", before, labels->name);
		print_value(p->out, labels->value);
		fputc('"', p->out);
		before = ",";
	}
	fputs(*before == ',' ? "} " : " ", p->out);
}

static void number(struct page *p, const struct label *labels, __u64 n)
{
	series(p, labels);
	fprintf(p->out, "%llu\n", n);
}

/* A number of billionths. */
static void seconds(struct page *p, const struct label *labels, __u64 ns)
{
	char digits[16] = "";
	int len = snprintf(digits, sizeof(digits), "%09u", (unsigned int)(ns % DURATION_SECOND));

	while (len && digits[len - 1] == '0')
		digits[--len] = '\0';
	series(p, labels);
	fprintf(p->out, "%llu%s%s\n", ns / DURATION_SECOND, len ? "." : "", digits);
}

/* ---- nowake itself ---- */

static void print_presence(struct page *p)
{
	metric(p, "up", "gauge",
	       "Always 1, written by the daemon itself: it runs as long as this file is there and "
	       "fresh.");
	number(p, NO_LABELS, 1);
	metric(p, "build_info", "gauge", "Always 1; the version that runs.");
	number(p, LABELS({ "version", NOWAKE_VERSION }, { "revision", NOWAKE_REVISION }), 1);
	metric(p, "interval_seconds", "gauge", "Time between two passes over the host.");
	seconds(p, NO_LABELS, p->health->interval_ns);
}

static void print_passes(struct page *p)
{
	const struct health *h = p->health;

	metric(p, "passes_total", "counter", "Passes over the host that ended with a verdict.");
	number(p, NO_LABELS, h->passes);
	metric(p, "passes_failed_total", "counter", "Passes that ended with an error.");
	number(p, NO_LABELS, h->failed);
	if (!h->passes)
		return;
	metric(p, "last_scan_timestamp_seconds", "gauge",
	       "When the last pass that saw the host ended, since 1970.");
	seconds(p, NO_LABELS, h->last_pass);
	metric(p, "scan_duration_seconds", "gauge",
	       "Time that the kernel took to list all threads, in the last pass.");
	seconds(p, NO_LABELS, h->scan_ns);
	metric(p, "pass_duration_seconds", "gauge",
	       "Time that the last pass took, with all its looks and waits.");
	seconds(p, NO_LABELS, h->pass_ns);
}

static bool is_hooked(const struct health *h)
{
	return h->futex_hook && strcmp(h->futex_hook, "off") != 0;
}

static void print_blind(struct page *p)
{
	metric(p, "blind", "gauge",
	       "1 for each reason why nowake does not see everything: pass (none succeeded, or the "
	       "last failed), partial (`nowake report` says what), futex_events (--futex-events off, or "
	       "at rest, since wakes are too many; not where auto finds no hook), symbolizer (given up in the last pass: some calls have no names).");
	if (!p->v)
		number(p, LABELS({ "reason", "pass" }), 1);
	if (p->v && p->v->world->blind.n)
		number(p, LABELS({ "reason", "partial" }), 1);
	if (p->v && p->v->world->restarts)
		number(p, LABELS({ "reason", "symbolizer" }), 1);
	if (p->health->futex_blind)
		number(p, LABELS({ "reason", "futex_events" }), 1);
}

static void print_events(struct page *p)
{
	const struct health *h = p->health;

	metric(p, "futex_events", "gauge", "1 for the hook that sees who wakes a futex.");
	if (is_hooked(h))
		number(p, LABELS({ "hook", h->futex_hook }), 1);
	metric(p, "events_total", "counter", "Events that came from the kernel.");
	for (int i = 0; i < HEALTH_EVENTS; i++)
		number(p, LABELS({ "type", health_event_name(i) }), h->events[i]);
	metric(p, "events_lost_total", "counter",
	       "Events for which the ring buffer had no room: they cost history, no verdict.");
	number(p, NO_LABELS, h->lost);
	metric(p, "stacks_dropped_total", "counter",
	       "Creation stacks that came faster than they could be read: it is not known where the "
	       "threads of these places were made.");
	number(p, NO_LABELS, h->stacks_dropped);
	metric(p, "probe_seconds_total", "counter",
	       "CPU time spent in nowake's hooks in the kernel, estimated from samples.");
	for (__u32 i = 0; i < h->nprobes && i < HEALTH_PROBES; i++)
		seconds(p, LABELS({ "probe", h->probes[i].name }), h->probes[i].ns);
}

static void print_resources(struct page *p)
{
	const struct health *h = p->health;

	metric(p, "cpu_seconds_total", "counter",
	       "CPU time of the daemon and its helpers, outside of the hooks.");
	seconds(p, NO_LABELS, h->cpu_ns);
	metric(p, "resident_memory_bytes", "gauge",
	       "Memory of the daemon and, while it runs, of its symbolizer.");
	if (h->resident)
		number(p, NO_LABELS, h->resident);
	metric(p, "symbolizer_restarts_total", "counter",
	       "Times that the process which reads debug information was replaced.");
	number(p, NO_LABELS, h->restarts);
}

static void print_findings(struct page *p)
{
	metric(p, "findings_total", "counter", "Findings, each counted once, when it is opened.");
	for (int i = CLASS_DEADLOCK; i < CLASS_COUNT; i++)
		number(p, LABELS({ "class", verdict_class_name(i) }), p->health->found[i]);
	metric(p, "resolved_total", "counter",
	       "Findings of which a thread or goroutine woke after all: nowake was wrong, or somebody "
	       "helped.");
	for (int i = CLASS_DEADLOCK; i < CLASS_COUNT; i++)
		number(p, LABELS({ "class", verdict_class_name(i) }), p->health->resolved[i]);
}

/* ---- the host ---- */

#define GROUP(g)                                                                                   \
	{ "group", (g)->name },                                                                    \
	{                                                                                          \
		"unit", (g)->unit                                                                  \
	}

static void print_lifetimes(struct page *p)
{
	metric(p, "threads_started_total", "counter", "Threads born.");
	for (size_t i = 0; i < p->ngroups; i++)
		number(p, LABELS(GROUP(p->groups[i])), p->groups[i]->born);
	metric(p, "threads_exited_total", "counter", "Threads that ended.");
	for (size_t i = 0; i < p->ngroups; i++)
		number(p, LABELS(GROUP(p->groups[i])), p->groups[i]->ended);
}

static void print_threads(struct page *p)
{
	metric(p, "threads", "gauge", "Threads at the last pass; absent when that failed.");
	for (size_t i = 0; i < p->ngroups; i++)
		number(p, LABELS(GROUP(p->groups[i])), p->groups[i]->threads);
	metric(p, "thread_limit", "gauge", "Threads that this host can have.");
	if (p->v->world->thread_limit)
		number(p, NO_LABELS, p->v->world->thread_limit);
}

static void print_blocked(struct page *p)
{
	metric(p, "blocked_threads", "gauge",
	       "Threads blocked for at least the threshold, by what they wait for; kinds without "
	       "any are absent.");
	for (size_t i = 0; i < p->ngroups; i++)
		for (int k = 0; k < WAIT_KIND_COUNT; k++)
			if (p->groups[i]->blocked[k])
				number(p,
				       LABELS(GROUP(p->groups[i]), { "kind", wait_kind_name(k) }),
				       p->groups[i]->blocked[k]);
	metric(p, "wait_age_seconds_max", "gauge", "The longest of these waits.");
	for (size_t i = 0; i < p->ngroups; i++)
		for (int k = 0; k < WAIT_KIND_COUNT; k++)
			if (p->groups[i]->blocked[k])
				seconds(p,
					LABELS(GROUP(p->groups[i]), { "kind", wait_kind_name(k) }),
					p->groups[i]->age_max_ns[k]);
}

/* A suspect is shown only when there is one; unreachable are only goroutines. */
static void print_stuck_of(struct page *p, const struct group *g)
{
	for (int i = CLASS_DEADLOCK; i < CLASS_COUNT; i++)
		for (int c = CONFIDENCE_SUSPECT; c <= CONFIDENCE_PROVEN; c++)
			if (g->stuck[i][c] || (c != CONFIDENCE_SUSPECT && i != CLASS_UNREACHABLE))
				number(p,
				       LABELS(GROUP(g), { "class", verdict_class_name(i) },
					      { "confidence", verdict_confidence_name(c) }),
				       g->stuck[i][c]);
}

static void print_stuck(struct page *p)
{
	metric(p, "stuck_threads", "gauge",
	       "Threads that nobody will wake, by verdict and confidence; absent when the last "
	       "pass failed.");
	for (size_t i = 0; i < p->ngroups; i++)
		print_stuck_of(p, p->groups[i]);
}

/* A suspect is shown only when there is one; proven are only those that are unreachable. */
static void print_stuck_goroutines(struct page *p, const struct group *g, enum verdict_class class,
				   bool judged)
{
	for (int c = CONFIDENCE_SUSPECT; c <= CONFIDENCE_PROVEN; c++)
		if (g->stuck_go[class][c] ||
		    (judged && (c == CONFIDENCE_LIKELY ||
				(c == CONFIDENCE_PROVEN && class == CLASS_UNREACHABLE))))
			number(p,
			       LABELS(GROUP(g), { "class", verdict_class_name(class) },
				      { "confidence", verdict_confidence_name(c) }),
			       g->stuck_go[class][c]);
}

static void print_programs(struct page *p)
{
	const struct world *w = p->v ? p->v->world : NULL;
	__u64 judged = 0;
	const char *why;

	metric(p, "go_programs", "gauge",
	       "Go programs that were looked at, by whether their goroutines can be judged "
	       "(`nowake report` says why not).");
	if (!w)
		return;
	for (size_t i = 0; i < w->go_processes.n; i++)
		judged += gowaits_searched(&w->go_processes.v[i], &why);
	number(p, LABELS({ "judged", "yes" }), judged);
	number(p, LABELS({ "judged", "no" }), w->go_processes.n - judged);
}

/* Groups without a Go program, or of which none could be read or judged, are absent. */
static void print_goroutines(struct page *p)
{
	print_programs(p);
	metric(p, "goroutines", "gauge",
	       "Goroutines of the Go programs that could be read; groups without any are absent.");
	for (size_t i = 0; i < p->ngroups; i++)
		if (p->groups[i]->go)
			number(p, LABELS(GROUP(p->groups[i])), p->groups[i]->goroutines);
	metric(p, "stuck_goroutines", "gauge",
	       "Goroutines that nobody will wake, or that grow in number and never end, by verdict and "
	       "confidence; each verdict is absent where none could be judged for it.");
	for (size_t i = 0; i < p->ngroups; i++) {
		print_stuck_goroutines(p, p->groups[i], CLASS_DEADLOCK, p->groups[i]->go);
		print_stuck_goroutines(p, p->groups[i], CLASS_ORPHANED, p->groups[i]->go);
		print_stuck_goroutines(p, p->groups[i], CLASS_UNREACHABLE, p->groups[i]->go_judged);
		print_stuck_goroutines(p, p->groups[i], CLASS_ACCUMULATING, p->groups[i]->go);
	}
}

static void print_growth_of(struct page *p, const struct group *g, double growth)
{
	if (isfinite(growth) && growth > 0 && growth < 1e9)
		seconds(p, LABELS(GROUP(g)), (__u64)(growth * DURATION_SECOND + 0.5));
}

static void print_growth(struct page *p)
{
	metric(p, "accumulating_growth_per_second", "gauge",
	       "Threads that groups with an accumulating finding gain; others are absent.");
	for (size_t i = 0; i < p->ngroups; i++)
		print_growth_of(p, p->groups[i], p->groups[i]->growth);
	metric(p, "accumulating_goroutines_growth_per_second", "gauge",
	       "Goroutines that groups with an accumulating finding gain; others are absent.");
	for (size_t i = 0; i < p->ngroups; i++)
		print_growth_of(p, p->groups[i], p->groups[i]->growth_go);
}

static int compare_groups(const void *a, const void *b)
{
	const struct group *x = *(const struct group *const *)a,
			   *y = *(const struct group *const *)b;
	int c = strcmp(x->name, y->name);

	return c ? c : strcmp(x->unit, y->unit);
}

int prometheus_print(FILE *out, const struct metrics *m)
{
	static void (*const always[])(struct page *) = {
		print_presence,	 print_passes,	 print_blind,	  print_events,
		print_resources, print_findings, print_lifetimes,
	};
	static void (*const seen[])(struct page *) = {
		print_threads, print_blocked, print_stuck, print_goroutines, print_growth,
	};
	_cleanup_free_ const struct group **groups = NULL;
	struct page p = { .out = out, .health = m->health, .v = m->v };
	const struct group *all = groups_all(m->groups, &p.ngroups);

	p.groups = groups = calloc(p.ngroups + 1, sizeof(*groups));
	if (!groups)
		return -ENOMEM;
	for (size_t i = 0; i < p.ngroups; i++)
		groups[i] = &all[i];
	qsort(groups, p.ngroups, sizeof(*groups), compare_groups);
	for (size_t i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		always[i](&p);
	for (size_t i = 0; m->v && i < sizeof(seen) / sizeof(seen[0]); i++)
		seen[i](&p);
	return ferror(out) ? -EIO : 0;
}
