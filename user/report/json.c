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
#include "base/escape.h"
#include "report/frames.h"
#include "report/report.h"

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

static json_t *seconds(__u64 ns)
{
	return json_real((double)(ns / 1000000) / 1e3);
}

/* A string of valid UTF-8 without control characters; null when it is not known. */
static json_t *sentence(const char *text)
{
	size_t size = text ? 4 * strlen(text) + 1 : 0;
	_cleanup_free_ char *safe = NULL;

	if (!text)
		return json_null();
	safe = malloc(size);
	return safe ? json_string(escape_text(safe, size, text, true)) : NULL;
}

static json_t *sentences(char *const *text, size_t n)
{
	json_t *array = json_array();

	for (size_t i = 0; array && i < n; i++) {
		if (json_array_append_new(array, sentence(text[i]))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

/* A name as another program gave it. */
static json_t *name(const char *text)
{
	size_t len = text ? strlen(text) : 0;
	_cleanup_free_ char *safe = NULL;

	if (!len)
		return json_null();
	safe = malloc(4 * len + 1);
	return safe ? json_string(escape_name(safe, 4 * len + 1, text, len, true)) : NULL;
}

static json_t *comm_of(const struct wire_thread *t)
{
	char comm[ESCAPE_COMM];

	return json_string(t ? escape_name(comm, sizeof(comm), t->comm, sizeof(t->comm), true)
			     : "");
}

static json_t *address(__u64 n)
{
	return n ? json_sprintf("0x%llx", n) : json_null();
}

static json_t *wait_object(const struct judged *j)
{
	const struct wait *w = &j->wait;

	return json_pack("{s:s, s:s?, s:s?, s:o, s:o}", "kind", wait_kind_name(w->kind),
			 "primitive", j->primitive, "syscall", w->syscall, "object",
			 address(w->object), "timeout_seconds",
			 w->timeout_ns < 0 ? json_null() : seconds(w->timeout_ns));
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

/* The words for a call of frames.h: those of text. */
static json_t *call(const struct frame *f)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = f ? open_memstream(&text, &size) : NULL;

	if (!f)
		return json_null();
	if (!out)
		return NULL;
	frames_name(out, f, true);
	return fclose(out) ? NULL : json_string(text);
}

static json_t *frame_object(const struct frame *f)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:b, s:b}", "function", name(f->function),
			 "module", name(f->module), "file", name(f->file), "line",
			 f->line ? json_integer(f->line) : json_null(), "address",
			 json_sprintf("0x%llx", f->address), "offset", address(f->offset),
			 "inlined", f->inlined, "guessed", f->guessed);
}

static json_t *stack_array(const struct world *w, const struct trace *t)
{
	json_t *array = json_array();

	for (size_t i = 0; array && t && i < t->frames.n; i++) {
		if (json_array_append_new(array, frame_object(stack_frame(&w->stacks, t, i)))) {
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
			 "start_routine", call(j->place.start), "stack", stack_array(w, t));
}

static json_t *thread_object(const struct world *w, const struct judged *j)
{
	const struct wire_thread *t = j->thread;

	return json_pack("{s:I, s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "tid",
			 (json_int_t)t->head.tid, "pid", (json_int_t)t->tgid, "comm", comm_of(t),
			 "blocked_seconds", seconds(j->age_ns), "wait", wait_object(j), "waits_for",
			 edges(j), "stack", stack_array(w, j->trace), "stack_stop",
			 sentence(j->trace ? j->trace->stop : NULL), "kernel_stack",
			 kernel_stack(w, t), "created", created(w, j));
}

/* The callers at which the cause of the finding stands. */
static json_t *place_array(const struct verdicts *v, const struct finding *f)
{
	const struct place *place = NULL;
	json_t *array;

	for (size_t i = 0; f->place && !place && i < f->members.n; i++)
		if (v->judged.v[f->members.v[i]].place.hash == f->place)
			place = &v->judged.v[f->members.v[i]].place;
	if (!place)
		return json_null();
	array = json_array();
	for (size_t i = 0; array && i < place->n; i++) {
		if (json_array_append_new(array, call(place->callers[i]))) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

static json_t *finding_object(struct printer *p, const struct finding *f)
{
	const struct process *process = world_process(p->v->world, f->pid);
	const struct wire_thread *t = world_thread(p->v->world, f->pid);

	if (!t)
		t = p->v->judged.v[f->members.v[0]].thread;
	return json_pack("{s:s, s:s, s:s, s:I, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o}", "id",
			 f->id, "class", verdict_class_name(f->class), "confidence",
			 verdict_confidence_name(f->confidence), "pid", (json_int_t)f->pid, "comm",
			 comm_of(t), "exe", sentence(process ? process->exe : NULL), "unit",
			 sentence(process ? process->unit : NULL), "blocked_seconds",
			 seconds(f->age_ns), "youngest_blocked_seconds", seconds(f->youngest_ns),
			 "count", (json_int_t)f->members.n, "reason",
			 sentence(f->reason ? f->reason : ""), "place", place_array(p->v, f),
			 "evidence", sentences(f->evidence.v, f->evidence.n));
}

static int print_finding(struct printer *p, const struct finding *f)
{
	int err = dump(p, finding_object(p, f), true);

	fputs(",\"threads\":[", p->out);
	for (size_t i = 0; !err && i < f->members.n; i++) {
		fputs(i ? ",\n  " : "\n  ", p->out);
		err = dump(p, thread_object(p->v->world, &p->v->judged.v[f->members.v[i]]), false);
	}
	fputs("],\n \"goroutines\":[]}", p->out);
	return err;
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
	fputc(']', p->out);
	return err;
}

/* A thread that is no finding to be shown: idle, unknown, or suspected in silence. */
static json_t *bystander_object(const struct world *w, const struct judged *j)
{
	bool known = j->class == CLASS_IDLE || j->class == CLASS_UNKNOWN;
	json_t *object = thread_object(w, j);
	json_t *source = known ? sentence(j->source ? j->source : "")
			       : json_sprintf("only a suspicion of %s: see --suspects",
					      verdict_class_name(j->class));
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

		if (!is_bystander(p, j) || !report_selects_thread(p->opts, p->v, j))
			continue;
		fputs(first ? "\n " : ",\n ", p->out);
		first = false;
		err = dump(p, bystander_object(p->v->world, j), false);
	}
	fputc(']', p->out);
	return err;
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
				 sentences(w->blind.v, w->blind.n));

	return json_pack("{s:i, s:o, s:o, s:o, s:o, s:o}", "schema", SCHEMA, "host",
			 sentence(w->host), "kernel", sentence(w->kernel), "time",
			 rfc3339(w->real_time), "threshold_seconds", seconds(v->threshold_ns),
			 "scan", scan);
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
	if (!err && opts->all)
		err = print_threads(&p);
	fputs("}\n", out);
	return err ? err : ferror(out) ? -EIO : 0;
}

const struct output report_json = { "json", print_json };
