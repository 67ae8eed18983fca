// SPDX-License-Identifier: GPL-2.0-only
/* journal.c - the daemon's log: one line for each event, on standard error, as text or JSON.
 *
 * Every event is a JSON object; its text is made of the same members. Levels are told the way
 * journald reads them from a stream (sd-daemon(3)), to it alone. */
#include "daemon/journal.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/duration.h"
#include "base/escape.h"
#include "daemon/outcome.h"
#include "report/json_value.h"

#define MISSING_MAX 2	   /* passes without it, until it counts as resolved */
#define MISSING_STEADY 200 /* the same of a population that does not grow for a while */
#define TROUBLES_MAX 16
#define PATIENCE_MS 100 /* with who reads the log */

struct open_finding {
	struct outcome_subject subject;
	char comm[ESCAPE_COMM];
	enum confidence confidence;
	__u32 missing; /* passes in a row */
	__u64 opened;  /* mono_time */
};

struct trouble {
	const char *what;
	char *text;
};

struct journal {
	FILE *out;
	bool json;
	bool levels; /* journald reads them */
	__u64 lost;  /* lines for which nobody made room */
	ARRAY(struct open_finding) open;
	struct trouble troubles[TROUBLES_MAX];
	char *blind;	  /* what was said last */
	char *blind_next; /* what differs from it since the pass before */
};

/* JOURNAL_STREAM names the device and inode of the stream that journald reads. */
static bool is_journald(FILE *out)
{
	const char *stream = getenv("JOURNAL_STREAM");
	unsigned long long dev, ino;
	struct stat st;

	return stream && sscanf(stream, "%llu:%llu", &dev, &ino) == 2 && !fstat(fileno(out), &st) &&
	       st.st_dev == dev && st.st_ino == ino;
}

struct journal *journal_new(FILE *out, bool json)
{
	struct journal *j = calloc(1, sizeof(*j));

	if (!j)
		return NULL;
	j->out = out;
	j->json = json;
	j->levels = is_journald(out);
	return j;
}

void journal_format(struct journal *j, bool json)
{
	j->json = json;
}

void journal_free(struct journal *j)
{
	if (!j)
		return;
	for (size_t i = 0; i < TROUBLES_MAX; i++)
		free(j->troubles[i].text);
	free(j->blind);
	free(j->blind_next);
	array_free(&j->open);
	free(j);
}

/* ---- one line ---- */

/* Strings are escaped already, but for quotes: no name ends its own. */
static void print_value(FILE *out, const json_t *value)
{
	const char *s = json_string_value(value);
	bool quoted = s && (!*s || strpbrk(s, " =\""));

	if (quoted)
		fputc('"', out);
	for (; s && *s; s++)
		if (*s == '"')
			fputs("\\x22", out);
		else
			fputc(*s, out);
	if (quoted)
		fputc('"', out);
	if (json_is_string(value))
		return;
	if (json_is_integer(value))
		fprintf(out, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
	else
		fprintf(out, "%.3f", json_number_value(value));
}

/* Whether a name in it tries to be a member: what people write has a blank before "=". */
static bool looks_like_member(const char *message)
{
	for (const char *s = strchr(message, '='); s; s = strchr(s + 1, '='))
		if (s > message && s[-1] != ' ')
			return true;
	return false;
}

static void print_text(FILE *out, json_t *object)
{
	const char *key, *message = json_string_value(json_object_get(object, "message"));
	json_t *value;

	fputs(json_string_value(json_object_get(object, "event")), out);
	if (message && *message) {
		fputs(": ", out);
		if (looks_like_member(message))
			print_value(out, json_object_get(object, "message"));
		else
			fputs(message, out);
	}
	json_object_foreach (object, key, value) {
		if (!strcmp(key, "time") || !strcmp(key, "level") || !strcmp(key, "event") ||
		    !strcmp(key, "message") || json_is_null(value))
			continue;
		fprintf(out, " %s=", key);
		print_value(out, value);
	}
	fputc('\n', out);
}

static const char *const levels[] = {
	[JOURNAL_ERROR] = "error",
	[JOURNAL_WARNING] = "warning",
	[JOURNAL_NOTICE] = "notice",
};

/* Whether a line can be written without waiting for who reads it. */
static bool is_writable(const struct journal *j)
{
	struct pollfd p = { .fd = fileno(j->out), .events = POLLOUT };

	return p.fd < 0 || poll(&p, 1, PATIENCE_MS) != 0;
}

/* Takes rest: members beside time, level, event and message; may be NULL without memory. */
static void print(struct journal *j, enum journal_level level, const char *event,
		  const char *message, json_t *rest)
{
	char time_text[32], safe[4096];
	time_t now = time(NULL);
	struct tm tm;
	json_t *object;

	if (!is_writable(j)) {
		j->lost++;
		json_decref(rest);
		return;
	}
	gmtime_r(&now, &tm);
	strftime(time_text, sizeof(time_text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	object = json_pack("{s:s, s:s, s:s, s:s}", "time", time_text, "level", levels[level],
			   "event", event, "message",
			   escape_text(safe, sizeof(safe), message, true));
	if (object && rest)
		json_object_update(object, rest);
	json_decref(rest);
	if (!object)
		return;
	if (j->lost &&
	    !json_object_set_new(object, "lines_lost", json_integer((json_int_t)j->lost)))
		j->lost = 0;
	if (j->levels)
		fprintf(j->out, "<%d>", level);
	else if (!j->json)
		fprintf(j->out, "%s ", time_text);
	if (j->json) {
		json_dumpf(object, j->out, JSON_COMPACT | JSON_REAL_PRECISION(15));
		fputc('\n', j->out);
	} else {
		print_text(j->out, object);
	}
	fflush(j->out);
	json_decref(object);
}

void journal_say(struct journal *j, enum journal_level level, const char *event, const char *fmt,
		 ...)
{
	_cleanup_free_ char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		text = NULL;
	print(j, level, event, text ? text : "out of memory", NULL);
}

/* ---- troubles ---- */

static struct trouble *trouble_of(struct journal *j, const char *what)
{
	struct trouble *empty = NULL;

	for (size_t i = 0; i < TROUBLES_MAX; i++) {
		struct trouble *t = &j->troubles[i];

		if (t->text && !strcmp(t->what, what))
			return t;
		if (!t->text && !empty)
			empty = t;
	}
	return empty;
}

void journal_trouble(struct journal *j, const char *what, const char *fmt, ...)
{
	struct trouble *t = trouble_of(j, what);
	char *text;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if (t && t->text && !strcmp(t->text, text)) {
		free(text);
		return;
	}
	print(j, JOURNAL_ERROR, "trouble", text, json_pack("{s:s}", "what", what));
	if (!t) {
		free(text);
		return;
	}
	free(t->text);
	*t = (struct trouble){ what, text };
}

void journal_recovered(struct journal *j, const char *what)
{
	struct trouble *t = trouble_of(j, what);
	_cleanup_free_ char *text = NULL;

	if (!t || !t->text)
		return;
	if (asprintf(&text, "it works again, after: %s", t->text) < 0)
		text = NULL;
	print(j, JOURNAL_NOTICE, "recovered", text ? text : "", json_pack("{s:s}", "what", what));
	free(t->text);
	t->text = NULL;
}

/* Whether they differ in more than numbers: those change with every pass. */
static bool differ(const char *a, const char *b)
{
	static const char digits[] = "0123456789";

	for (;; a++, b++) {
		a += strspn(a, digits);
		b += strspn(b, digits);
		if (*a != *b || !*a)
			return *a != *b;
	}
}

void journal_blind(struct journal *j, const struct world *w)
{
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	for (size_t i = 0; out && i < w->blind.n; i++)
		fprintf(out, "%s%s", i ? "; " : "", w->blind.v[i]);
	if (!out || fclose(out))
		return;
	/* Processes that come and go cannot be seen for a moment: twice
	 * in a row is worth a line. */
	if (!differ(text, j->blind ? j->blind : "") || !j->blind_next ||
	    differ(text, j->blind_next)) {
		free(j->blind_next);
		j->blind_next = TAKE_PTR(text);
		return;
	}
	if (*text)
		print(j, JOURNAL_WARNING, "blind", text, NULL);
	else
		print(j, JOURNAL_NOTICE, "blind", "everything can be seen again", NULL);
	free(j->blind);
	j->blind = TAKE_PTR(text);
}

/* ---- findings ---- */

static json_t *safe_name(const char *text)
{
	char safe[4096];

	return text ? json_string(escape_name(safe, sizeof(safe), text, strlen(text), true))
		    : json_null();
}

static void copy_comm(char ret[ESCAPE_COMM], const struct verdicts *v, const struct finding *f)
{
	const struct wire_thread *t = verdict_thread(v, f);
	char comm[WIRE_COMM + 1] = {};

	memcpy(comm, t ? t->comm : "?", t ? WIRE_COMM : 2);
	escape_name(ret, ESCAPE_COMM, comm, strlen(comm), true);
}

static void say_opened(struct journal *j, const char *event, const struct verdicts *v,
		       const struct finding *f, const struct open_finding *o)
{
	const struct process *p = world_process(v->world, f->pid);

	print(j, JOURNAL_WARNING, event, f->reason ? f->reason : "",
	      json_pack("{s:s, s:s, s:s, s:I, s:s, s:o, s:o, s:I, s:o}", "id", f->id, "class",
			verdict_class_name(f->class), "confidence",
			verdict_confidence_name(f->confidence), "pid", (json_int_t)f->pid, "comm",
			o->comm, "exe", safe_name(p ? p->exe : NULL), "unit",
			safe_name(p ? p->unit : NULL), "count", (json_int_t)verdict_count(f),
			"blocked_seconds", json_value_age(f, f->age_ns)));
}

static struct open_finding *find(struct journal *j, const char *id)
{
	for (size_t i = 0; i < j->open.n; i++)
		if (!strcmp(j->open.v[i].subject.id, id))
			return &j->open.v[i];
	return NULL;
}

static int open_one(struct journal *j, const struct verdicts *v, const struct finding *f,
		    struct journal_counts *ret)
{
	struct open_finding *o = find(j, f->id);
	struct open_finding fresh = { .opened = v->world->mono_time };
	bool changed = o && o->confidence != f->confidence;

	if (!o) {
		outcome_open(&fresh.subject, v, f);
		copy_comm(fresh.comm, v, f);
		if (array_push(&j->open, fresh))
			return -ENOMEM;
		o = &j->open.v[j->open.n - 1];
		ret->found[f->class]++;
		say_opened(j, "finding-opened", v, f, o);
	} else if (changed) {
		say_opened(j, "finding-changed", v, f, o);
	}
	o->confidence = f->confidence;
	o->missing = 0;
	outcome_note(&o->subject, v, f);
	return 0;
}

static void say_resolved(struct journal *j, const struct open_finding *o, const struct world *w,
			 enum outcome how)
{
	print(j, JOURNAL_NOTICE, "finding-resolved", outcome_message(&o->subject, how),
	      json_pack("{s:s, s:s, s:I, s:s, s:s, s:f}", "id", o->subject.id, "class",
			verdict_class_name(o->subject.class), "pid", (json_int_t)o->subject.pid,
			"comm", o->comm, "how", outcome_word(how), "lasted_seconds",
			(w->mono_time - o->opened) / 1e9));
}

int journal_findings(struct journal *j, const struct verdicts *v, struct journal_counts *ret)
{
	size_t n = 0;
	int err = 0;

	for (size_t i = 0; i < j->open.n; i++)
		j->open.v[i].missing++;
	for (size_t i = 0; !err && i < v->findings.n; i++)
		if (v->findings.v[i].confidence != CONFIDENCE_SUSPECT)
			err = open_one(j, v, &v->findings.v[i], ret);
	for (size_t i = 0; i < j->open.n; i++) {
		const struct open_finding *o = &j->open.v[i];
		enum outcome how;

		how = outcome_of(&o->subject, v->world);
		if (o->missing < MISSING_MAX ||
		    (how == OUTCOME_STEADY && o->missing < MISSING_STEADY)) {
			j->open.v[n++] = *o;
			continue;
		}
		ret->resolved[o->subject.class] += outcome_was_wrong(how);
		say_resolved(j, o, v->world, how);
	}
	j->open.n = n;
	return err;
}
