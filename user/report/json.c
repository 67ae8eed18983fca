// SPDX-License-Identifier: GPL-2.0-only
/* json.c - the report as one JSON object (its shape: tests/report.schema.json).
 *
 * Streamed: jansson writes one thread or one finding at a time, so that a host with
 * 30,000 threads costs no more memory than one. Each stands on a line of its own. */
#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "report/frames.h"
#include "report/json_goroutines.h"
#include "report/json_value.h"
#include "report/places.h"
#include "report/report.h"
#include "version.h"

#define SCHEMA 1
#define FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(15))

struct printer {
	FILE *out;
	const struct verdicts *v;
	const struct options *opts;
};

/* Prints and releases an object, or (inner) its members without the braces. */
static int dump(struct printer *p, json_t *object, bool inner)
{
	int err;

	if (!object)
		return -ENOMEM;
	err = json_dumpf(object, p->out, FLAGS | (inner ? JSON_EMBED : 0));
	json_decref(object);
	return err ? -EIO : 0;
}

/* What could not be written whole is left open, so that nobody takes it for a report. */
static int close_with(struct printer *p, const char *end, int err)
{
	if (!err)
		fputs(end, p->out);
	return err;
}

static json_t *wait_object(const struct judged *j)
{
	const struct wait *w = &j->wait;

	return json_pack("{s:s, s:s?, s:s?, s:o, s:o}", "kind", wait_kind_name(w->kind),
			 "primitive", j->primitive, "syscall", w->syscall, "object",
			 json_value_address(w->object), "timeout_seconds",
			 w->timeout_ns < 0 ? json_null() : json_value_seconds(w->timeout_ns));
}

static json_t *edges(const struct judged *j)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < j->waits_for.n; i++) {
		const struct waits_for *e = &j->waits_for.v[i];
		json_t *edge = json_pack("{s:o, s:I, s:s}", "tid",
					 e->tid ? json_integer(e->tid) : json_null(), "pid",
					 (json_int_t)e->pid, "why", verdict_why_name(e->why));

		if (json_array_append_new(array, edge)) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *kernel_stack(const struct world *w, const struct wire_thread *t)
{
	const struct kernel_wait *k = world_kernel_wait(w, t->head.tid);
	const char *at = k ? k->stack : "";
	json_t *array = json_array();
	char text[FRAMES_KERNEL];

	while (array && frames_kernel(&at, text, true)) {
		if (json_array_append_new(array, json_string(text))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* Where it was created is seen only by who was there: the daemon. */
static json_t *created(const struct world *w, const struct judged *j)
{
	const struct birth *b = past_birth(&w->past, j->thread);
	const struct site *s = past_site(&w->past, b);
	const struct trace *t = s && s->trace ? &w->stacks.traces.v[s->trace - 1] : NULL;

	return json_pack("{s:o, s:o, s:o}", "tid", b ? json_integer(b->creator) : json_null(),
			 "start_routine", json_value_call(j->place.start), "stack",
			 json_value_stack(w, t));
}

static json_t *thread_object(const struct world *w, const struct judged *j)
{
	const struct wire_thread *t = j->thread;

	return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "tid",
			 (json_int_t)t->head.tid, "pid", (json_int_t)t->tgid, "comm",
			 json_value_comm(t), "blocked_seconds", json_value_seconds(j->age_ns),
			 "wait", wait_object(j), "waits_for", edges(j), "stack",
			 json_value_stack(w, j->trace), "stack_stop",
			 json_value_sentence(j->trace ? j->trace->stop : NULL), "kernel_stack",
			 kernel_stack(w, t), "created", created(w, j));
}

/* The callers at which the cause of the finding stands. */
static json_t *place_array(const struct verdicts *v, const struct finding *f)
{
	const struct place *place = places_cause(v, f);
	json_t *array;

	if (!place)
		return json_null();
	array = json_array();
	for (size_t i = 0; array && i < place->n; i++) {
		if (json_array_append_new(array, json_value_call(place->callers[i]))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *finding_object(struct printer *p, const struct finding *f)
{
	const struct process *process = world_process(p->v->world, f->pid);
	const struct wire_thread *t = verdict_thread(p->v, f);

	return json_pack(
		"{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o}", "id", f->id,
		"class", verdict_class_name(f->class), "confidence",
		verdict_confidence_name(f->confidence), "pid", (json_int_t)f->pid, "comm",
		json_value_comm(t), "exe", json_value_sentence(process ? process->exe : NULL),
		"unit", json_value_sentence(process ? process->unit : NULL), "blocked_seconds",
		json_value_age(f, f->age_ns), "youngest_blocked_seconds",
		json_value_age(f, f->youngest_ns), "count", (json_int_t)verdict_count(f), "reason",
		json_value_sentence(f->reason ? f->reason : ""), "place", place_array(p->v, f),
		"evidence", json_value_sentences(f->evidence.v, f->evidence.n));
}

static int print_finding(struct printer *p, const struct finding *f)
{
	int err = dump(p, finding_object(p, f), true);

	fputs(",\"threads\":[", p->out);
	for (size_t i = 0; !err && i < f->members.n; i++) {
		fputs(i ? ",\n  " : "\n  ", p->out);
		err = dump(p, thread_object(p->v->world, &p->v->judged.v[f->members.v[i]]), false);
	}
	if (!err)
		fputs("],\n \"goroutines\":[", p->out);
	for (size_t i = 0; !err && i < f->goroutines.n; i++) {
		const struct judged_goroutine *one = &p->v->goroutines.v[f->goroutines.v[i]];

		fputs(i ? ",\n  " : "\n  ", p->out);
		err = dump(p, json_goroutines_one(p->v->world, one), false);
	}
	return close_with(p, "]}", err);
}

static int print_findings(struct printer *p)
{
	bool first = true;
	int err = 0;

	fputs(",\n\"findings\":[", p->out);
	for (size_t i = 0; !err && i < p->v->findings.n; i++) {
		if (!report_selects(p->opts, p->v, &p->v->findings.v[i]))
			continue;
		fputs(first ? "\n {" : ",\n {", p->out);
		err = print_finding(p, &p->v->findings.v[i]);
		first = false;
	}
	return close_with(p, "]", err);
}

/* A thread that is no finding to be shown: idle, unknown, or suspected in silence. */
static json_t *bystander_object(const struct world *w, const struct judged *j)
{
	bool known = j->class == CLASS_IDLE || j->class == CLASS_UNKNOWN;
	json_t *object = thread_object(w, j);
	json_t *source = known ? json_value_sentence(j->source ? j->source : "")
			       : json_value_suspicion(j->class);
	enum verdict_class class = known ? j->class : CLASS_UNKNOWN;

	if (object &&
	    !json_object_set_new(object, "class", json_string(verdict_class_name(class))) &&
	    !json_object_set_new(object, "wakeup_source", source))
		return object;
	json_decref(object);
	return NULL;
}

static bool is_bystander(const struct printer *p, const struct judged *j)
{
	if (j->class == CLASS_IDLE || j->class == CLASS_UNKNOWN)
		return true;
	return j->class != CLASS_NONE && j->confidence == CONFIDENCE_SUSPECT && !p->opts->suspects;
}

/* --all: the threads that are blocked for long, and no finding. */
static int print_threads(struct printer *p)
{
	bool first = true;
	int err = 0;

	fputs(",\n\"threads\":[", p->out);
	for (size_t i = 0; !err && i < p->v->judged.n; i++) {
		const struct judged *j = &p->v->judged.v[i];

		if (!verdict_blocked(p->v, j) || !is_bystander(p, j) ||
		    !report_selects_thread(p->opts, p->v, j))
			continue;
		fputs(first ? "\n " : ",\n ", p->out);
		first = false;
		err = dump(p, bystander_object(p->v->world, j), false);
	}
	return close_with(p, "]", err);
}

/* The Go programs, as they were seen. */
static int print_go(struct printer *p)
{
	const struct world *w = p->v->world;
	bool first = true;
	int err = 0;

	fputs(",\n\"go\":[", p->out);
	for (size_t i = 0; !err && i < w->go_processes.n; i++) {
		if (!report_selects_process(p->opts, w, w->go_processes.v[i].tgid))
			continue;
		fputs(first ? "\n " : ",\n ", p->out);
		first = false;
		err = dump(p, json_goroutines_program(w, &w->go_processes.v[i]), false);
	}
	return close_with(p, "]", err);
}

/* --all: the goroutines that wait, and are no finding to be shown. */
static int print_goroutines(struct printer *p)
{
	const struct verdicts *v = p->v;
	bool first = true;
	int err = 0;

	fputs(",\n\"goroutines\":[", p->out);
	for (size_t i = 0; !err && i < v->goroutines.n; i++) {
		const struct judged_goroutine *one = &v->goroutines.v[i];

		if (!report_selects_process(p->opts, v->world, one->wait->tgid) ||
		    (one->finding && report_selects(p->opts, v, &v->findings.v[one->finding - 1])))
			continue;
		fputs(first ? "\n " : ",\n ", p->out);
		first = false;
		err = dump(p, json_goroutines_bystander(v, one), false);
	}
	return close_with(p, "]", err);
}

static json_t *rfc3339(__u64 ns)
{
	time_t time = (time_t)(ns / DURATION_SECOND);
	struct tm tm;

	if (!gmtime_r(&time, &tm))
		return NULL;
	return json_sprintf("%04d-%02d-%02dT%02d:%02d:%02d.%03lluZ", tm.tm_year + 1900,
			    tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec,
			    ns % DURATION_SECOND / 1000000);
}

static json_t *head_object(const struct verdicts *v)
{
	const struct world *w = v->world;
	json_t *scan = json_pack("{s:I, s:I, s:o, s:I, s:I, s:I, s:I, s:o}", "threads",
				 (json_int_t)v->threads, "processes", (json_int_t)v->processes,
				 "seconds", json_real((double)(w->scan_ns / 1000) / 1e6), "blocked",
				 (json_int_t)v->blocked, "idle", (json_int_t)v->idle, "unknown",
				 (json_int_t)v->unknown, "symbolizer_restarts",
				 (json_int_t)w->restarts, "blind",
				 json_value_sentences(w->blind.v, w->blind.n));

	return json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o}", "schema", SCHEMA, "nowake",
			 NOWAKE_BOTH, "host", json_value_sentence(w->host), "kernel",
			 json_value_sentence(w->kernel), "time", rfc3339(w->real_time),
			 "threshold_seconds", json_value_seconds(v->threshold_ns), "scan", scan);
}

static int print_json(FILE *out, const struct verdicts *v, const struct options *opts,
		      const struct style *style)
{
	struct printer p = { .out = out, .v = v, .opts = opts };
	int err;

	(void)style;
	fputc('{', out);
	err = dump(&p, head_object(v), true);
	if (!err)
		err = print_findings(&p);
	if (!err)
		err = print_go(&p);
	if (!err && opts->all)
		err = print_threads(&p);
	if (!err && opts->all)
		err = print_goroutines(&p);
	err = close_with(&p, "}\n", err);
	return err ? err : ferror(out) ? -EIO : 0;
}

const struct output report_json = { "json", print_json };
