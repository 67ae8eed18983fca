// SPDX-License-Identifier: GPL-2.0-only
/* summary.c - the daemon's last pass as one small JSON object, for `nowake top`.
 *
 * All is cut to fixed sizes, so that it stays small on any host; the longest waits and the sites
 * that grow are picked, not sorted among all. */
#include "report/summary.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "base/escape.h"
#include "report/frames.h"
#include "report/json_value.h"
#include "report/places.h"

#define SENTENCE 1024 /* bytes of a reason */
#define NAME 256      /* bytes of a function, a source, a host */

/* The start of a text, without control characters; null when there is none. */
static json_t *text_of(const char *text, size_t size)
{
	char safe[SENTENCE];

	if (!text)
		return json_null();
	return json_string(
		escape_text(safe, size < sizeof(safe) ? size : sizeof(safe), text, true));
}

static json_t *comm_of(const struct world *w, __u32 tid, const struct wire_thread *other)
{
	const struct wire_thread *t = world_thread(w, tid);
	char comm[ESCAPE_COMM];

	t = t ? t : other;
	if (!t)
		return json_string("?");
	return json_string(escape_name(comm, sizeof(comm), t->comm, sizeof(t->comm), true));
}

static json_t *call_of(const struct frame *f)
{
	_cleanup_free_ char *text = f ? frames_name_text(f, true) : NULL;

	if (!f)
		return json_null();
	return text ? text_of(text, NAME) : NULL;
}

/* ---- what the daemon and the pass are about ---- */

static __u64 sum(const __u64 *v, size_t n)
{
	__u64 all = 0;

	for (size_t i = 0; i < n; i++)
		all += v[i];
	return all;
}

static json_t *daemon_object(const struct verdicts *v, const struct health *h)
{
	__u64 now = v ? v->world->boot_time : 0;

	return json_pack(
		"{s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s}",
		"watching_seconds", json_value_seconds(now > h->started ? now - h->started : 0),
		"pass_seconds", json_value_seconds(h->pass_ns), "interval_seconds",
		json_value_seconds(h->interval_ns), "cpu_seconds", json_value_seconds(h->cpu_ns),
		"passes", (json_int_t)h->passes, "failed", (json_int_t)h->failed, "events",
		(json_int_t)sum(h->events, HEALTH_EVENTS), "lost", (json_int_t)h->lost,
		"symbolizer_restarts", (json_int_t)h->restarts, "resident_bytes",
		(json_int_t)h->resident, "found", (json_int_t)sum(h->found, CLASS_COUNT),
		"resolved", (json_int_t)sum(h->resolved, CLASS_COUNT), "futex_events",
		h->futex_hook ? h->futex_hook : "off");
}

static json_t *scan_object(const struct verdicts *v)
{
	const struct world *w;

	if (!v)
		return json_null();
	w = v->world;
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:o}", "threads",
			 (json_int_t)v->threads, "thread_limit", (json_int_t)w->thread_limit,
			 "processes", (json_int_t)v->processes, "blocked", (json_int_t)v->blocked,
			 "idle", (json_int_t)v->idle, "unknown", (json_int_t)v->unknown, "stuck",
			 (json_int_t)v->stuck, "blind", (json_int_t)w->blind.n, "first_blind",
			 text_of(w->blind.n ? w->blind.v[0] : NULL, NAME));
}

/* ---- findings ---- */

static const struct frame *place_of(const struct verdicts *v, const struct finding *f)
{
	const struct place *p = places_cause(v, f);

	return p && p->n ? p->callers[0] : NULL;
}

static json_t *finding_object(const struct verdicts *v, const struct finding *f)
{
	const struct wire_thread *first = verdict_thread(v, f);

	return json_pack("{s:s, s:s, s:s, s:I, s:o, s:I, s:o, s:o, s:o}", "id", f->id, "class",
			 verdict_class_name(f->class), "confidence",
			 verdict_confidence_name(f->confidence), "pid", (json_int_t)f->pid, "comm",
			 comm_of(v->world, f->pid, first), "count", (json_int_t)verdict_count(f),
			 "blocked_seconds", json_value_age(f, f->age_ns), "reason",
			 text_of(f->reason ? f->reason : "", SENTENCE), "place",
			 call_of(place_of(v, f)));
}

static json_t *findings_array(const struct verdicts *v)
{
	json_t *array = json_array();

	for (size_t i = 0; array && v && i < v->findings.n; i++) {
		if (v->findings.v[i].confidence == CONFIDENCE_SUSPECT)
			continue;
		if (json_array_size(array) == SUMMARY_FINDINGS)
			break;
		if (json_array_append_new(array, finding_object(v, &v->findings.v[i]))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* ---- the best of many: rows with the largest numbers, largest first ---- */

struct ranked {
	double by;
	double then;
	const void *row;
};

static bool is_above(const struct ranked *a, const struct ranked *b)
{
	return a->by > b->by || (a->by == b->by && a->then > b->then);
}

/* Puts a row where it belongs among the n best, of which there are at most most; how many there
 * are then. */
static size_t rank(struct ranked *best, size_t n, size_t most, struct ranked one)
{
	size_t at;

	if (n == most && !is_above(&one, &best[n - 1]))
		return n;
	n = n < most ? n + 1 : n;
	for (at = n - 1; at && is_above(&one, &best[at - 1]); at--)
		best[at] = best[at - 1];
	best[at] = one;
	return n;
}

/* ---- sites ---- */

static __u32 floors_of(const struct site *s)
{
	return s->floors.n < SITE_WINDOWS ? s->floors.n : SITE_WINDOWS;
}

/* Threads an hour, from the oldest floor to the newest; false when it is too early to tell. */
static bool growth_of(const struct site *s, double *ret)
{
	__u32 n = floors_of(s);

	if (n < 2 || !s->floors.window_ns)
		return false;
	*ret = ((double)s->floors.at[n - 1] - (double)s->floors.at[0]) * 3600e9 /
	       ((double)(n - 1) * (double)s->floors.window_ns);
	return true;
}

static const struct frame *maker_of(const struct stacks *stacks, const struct site *s)
{
	struct place place;

	if (!s->trace || s->trace > stacks->traces.n)
		return NULL;
	place_find(stacks, &stacks->traces.v[s->trace - 1], false, &place);
	return place.n ? place.callers[0] : NULL;
}

static json_t *floors_array(const struct site *s)
{
	json_t *array = json_array();

	for (__u32 i = 0; array && i < floors_of(s); i++) {
		if (json_array_append_new(array, json_integer((json_int_t)s->floors.at[i]))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *site_object(const struct world *w, const struct site *s)
{
	double growth;
	bool known = growth_of(s, &growth);

	return json_pack("{s:o, s:I, s:o, s:o, s:I, s:I, s:I, s:o, s:o}", "id",
			 json_sprintf("%016llx", s->id), "pid", (json_int_t)s->tgid, "comm",
			 comm_of(w, s->tgid, NULL), "function", call_of(maker_of(&w->stacks, s)),
			 "alive", (json_int_t)s->alive, "born", (json_int_t)s->born, "ended",
			 (json_int_t)s->ended, "floors", floors_array(s), "growth_per_hour",
			 known ? json_real(growth) : json_null());
}

static json_t *sites_array(const struct verdicts *v)
{
	struct ranked best[SUMMARY_SITES];
	json_t *array = json_array();
	size_t n = 0;

	for (size_t i = 0; v && i < v->world->past.sites.n; i++) {
		const struct site *s = &v->world->past.sites.v[i];
		struct ranked one = { .then = s->alive, .row = s };

		growth_of(s, &one.by);
		n = rank(best, n, SUMMARY_SITES, one);
	}
	for (size_t i = 0; array && i < n; i++) {
		if (json_array_append_new(array, site_object(v->world, best[i].row))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* ---- waits ---- */

static json_t *wait_object(const struct world *w, const struct judged *j)
{
	const struct wire_thread *t = j->thread;

	return json_pack("{s:I, s:I, s:o, s:s, s:s, s:o, s:o}", "tid", (json_int_t)t->head.tid,
			 "pid", (json_int_t)t->tgid, "comm", comm_of(w, t->head.tid, t), "kind",
			 j->primitive ? j->primitive : wait_kind_name(j->wait.kind), "class",
			 verdict_class_name(j->class), "source", text_of(j->source, NAME),
			 "blocked_seconds", json_value_seconds(j->age_ns));
}

static json_t *waits_array(const struct verdicts *v)
{
	struct ranked best[SUMMARY_WAITS];
	json_t *array = json_array();
	size_t n = 0;

	for (size_t i = 0; v && i < v->judged.n; i++) {
		const struct judged *j = &v->judged.v[i];

		if (j->class != CLASS_NONE)
			n = rank(best, n, SUMMARY_WAITS,
				 (struct ranked){ .by = j->age_ns, .row = j });
	}
	for (size_t i = 0; array && i < n; i++) {
		if (json_array_append_new(array, wait_object(v->world, best[i].row))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

int summary_print(FILE *out, const struct verdicts *v, const struct health *health)
{
	__u64 time = v ? v->world->real_time / DURATION_SECOND : 0;
	_cleanup_(json_decrefp) json_t *object = json_pack(
		"{s:i, s:o, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "schema", SUMMARY_SCHEMA, "host",
		text_of(v ? v->world->host : "", NAME), "time_seconds", (json_int_t)time,
		"threshold_seconds", json_value_seconds(v ? v->threshold_ns : 0), "daemon",
		daemon_object(v, health), "scan", scan_object(v), "findings", findings_array(v),
		"sites", sites_array(v), "waits", waits_array(v));

	if (!object)
		return -ENOMEM;
	if (json_dumpf(object, out, JSON_COMPACT | JSON_REAL_PRECISION(15)) || fputc('\n', out) < 0)
		return -EIO;
	return 0;
}

void summary_free(struct summary *s)
{
	if (s)
		json_decref(s->json);
	free(s);
}
