// SPDX-License-Identifier: GPL-2.0-only
/* test_journal.c - the log: each finding opened and resolved once, each trouble told once. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/journal.h"
#include "made.h"

#define SECOND 1000000000ull
#define DEADLOCKED CLASS_DEADLOCK, ROLE_KNOT, NULL

/* A journal, what it has written, and how much of that was looked at. */
struct paper {
	struct journal *j;
	FILE *out;
	char *text;
	size_t size, seen;
};

static void open_paper(struct paper *p, bool json)
{
	*p = (struct paper){};
	p->out = open_memstream(&p->text, &p->size);
	cr_assert(p->out);
	p->j = journal_new(p->out, json);
	cr_assert(p->j);
}

static void close_paper(struct paper *p)
{
	journal_free(p->j);
	fclose(p->out);
	free(p->text);
}

static void silent(struct paper *p)
{
	fflush(p->out);
	cr_expect_eq(p->size, p->seen, "%s", p->text + p->seen);
	p->seen = p->size;
}

/* The next line, which must be there; without its newline. */
static const char *next(struct paper *p)
{
	char *line, *end;

	fflush(p->out);
	cr_assert(p->size > p->seen, "nothing was said");
	line = p->text + p->seen;
	end = strchr(line, '\n');
	cr_assert(end, "no newline: %s", line);
	*end = '\0';
	p->seen = end + 1 - p->text;
	return line;
}

static json_t *next_object(struct paper *p)
{
	json_error_t error;
	const char *line = next(p);
	json_t *object = json_loads(line, JSON_REJECT_DUPLICATES, &error);

	cr_assert(object, "%s: %s", error.text, line);
	for (const char *s = line; *s; s++)
		cr_assert((unsigned char)*s >= ' ', "%s", line);
	return object;
}

static void is(const json_t *object, const char *key, const char *expected)
{
	const char *value = json_string_value(json_object_get(object, key));

	cr_expect(value && !strcmp(value, expected), "%s: %s, not %s", key, value, expected);
}

/* What a journal with one finding is shown: threads 10 and 11 of process 10 in a deadlock. */
struct scene {
	struct verdicts *v;
	struct world *w;
};

static void open_scene(struct scene *s, double at, bool found)
{
	static const struct made_thread stuck[] = {
		{ 10, 10, "evil\" id=\"x\n", WAIT_MUTEX, 0x10, 61, DEADLOCKED, 11, 10, EDGE_OWNER },
		{ 11, 10, "b", WAIT_MUTEX, 0x20, 61.5, DEADLOCKED, 10, 10, EDGE_OWNER },
		{},
	};
	static const struct made_thread fine[] = {
		{ 10, 10, "evil\" id=\"x\n", WAIT_MUTEX, 0x10, 61, CLASS_UNKNOWN, ROLE_KNOT, "?" },
		{ 11, 10, "b", WAIT_MUTEX, 0x20, 61.5, CLASS_UNKNOWN, ROLE_KNOT, "?" },
		{},
	};

	s->v = made_verdicts(found ? stuck : fine);
	s->w = (struct world *)s->v->world;
	s->w->mono_time = (__u64)((1000 + at) * SECOND);
	if (found)
		made_finding(s->v, "each waits for the other", true, 2, (__u32[]){ 10, 11, 0 });
	made_process(s->v, 10, "/tmp/\xff\" \xe2\x80\xae", "a.service");
}

/* Shows it, and frees it. */
static void show(struct paper *p, struct scene *s, struct journal_counts *counts)
{
	cr_assert_eq(journal_findings(p->j, s->v, counts), 0);
	made_free(s->v);
}

static void show_at(struct paper *p, double at, bool found, struct journal_counts *counts)
{
	struct scene s;

	open_scene(&s, at, found);
	show(p, &s, counts);
}

Test(journal, opened_once_resolved_once)
{
	struct journal_counts counts = {};
	struct paper p;
	struct scene s;
	json_t *o;

	open_paper(&p, true);
	show_at(&p, 0, false, &counts);
	silent(&p);
	show_at(&p, 10, true, &counts);
	o = next_object(&p);
	is(o, "event", "finding-opened");
	is(o, "level", "warning");
	is(o, "id", "0123456789abcdef");
	is(o, "class", "deadlock");
	is(o, "confidence", "proven");
	is(o, "message", "each waits for the other");
	is(o, "comm", "evil\" id=\"x\\x0a");
	is(o, "exe", "/tmp/\\xff\" \\xe2\\x80\\xae");
	is(o, "unit", "a.service");
	cr_expect_eq(json_integer_value(json_object_get(o, "pid")), 10);
	cr_expect_eq(json_integer_value(json_object_get(o, "count")), 2);
	cr_expect_float_eq(json_real_value(json_object_get(o, "blocked_seconds")), 61.5, 1e-9);
	json_decref(o);
	show_at(&p, 20, true, &counts);
	show_at(&p, 30, false, &counts); /* missing once */
	show_at(&p, 40, true, &counts);
	show_at(&p, 50, false, &counts);
	silent(&p);
	cr_expect(counts.found[CLASS_DEADLOCK] == 1 && counts.resolved[CLASS_DEADLOCK] == 0);
	open_scene(&s, 60, false);
	s.w->threads.v[1].switches++;
	show(&p, &s, &counts);
	o = next_object(&p);
	is(o, "event", "finding-resolved");
	is(o, "level", "notice");
	is(o, "id", "0123456789abcdef");
	is(o, "how", "woke");
	cr_expect_float_eq(json_real_value(json_object_get(o, "lasted_seconds")), 50, 1e-9);
	json_decref(o);
	cr_expect(counts.found[CLASS_DEADLOCK] == 1 && counts.resolved[CLASS_DEADLOCK] == 1);
	show_at(&p, 70, false, &counts);
	silent(&p);
	close_paper(&p);
}

/* How a finding goes that is seen once and then missing twice, in a host changed by this. */
/* In so many passes without it, and not before. alone: only thread 11 is of it. */
static void goes_in(int passes, bool alone, void (*change)(struct world *w),
		    enum verdict_class class, const char *how, __u64 resolved)
{
	struct journal_counts counts = {};
	struct paper p;
	struct scene s;
	json_t *o;

	open_paper(&p, true);
	open_scene(&s, 0, true);
	s.v->findings.v[0].class = class;
	if (alone) {
		s.v->findings.v[0].members.v[0] = 1;
		s.v->findings.v[0].members.n = 1;
	}
	show(&p, &s, &counts);
	next(&p);
	for (int i = 1; i <= passes; i++) {
		silent(&p);
		open_scene(&s, i, false);
		if (change)
			change(s.w);
		show(&p, &s, &counts);
	}
	o = next_object(&p);
	is(o, "event", "finding-resolved");
	is(o, "how", how);
	cr_expect_eq(counts.resolved[class], resolved);
	json_decref(o);
	silent(&p);
	close_paper(&p);
}

static void goes(void (*change)(struct world *w), enum verdict_class class, const char *how,
		 __u64 resolved)
{
	goes_in(2, false, change, class, how, resolved);
}

static void end(struct world *w)
{
	w->threads.n = 0;
}

/* Their numbers belong to others now, or they are on their way out. */
static void end_both(struct world *w)
{
	w->threads.v[0].started = 5;
	w->threads.v[1].bits |= WIRE_EXITING;
}

static void wake(struct world *w)
{
	w->threads.v[0].started = 5;
	w->threads.v[1].switches++;
}

static void end_the_second(struct world *w)
{
	w->threads.n = 1;
}

/* Its process goes on: nobody has ended it, so it came out of its wait. */
Test(journal, a_thread_that_ends_by_itself_has_woken)
{
	goes_in(2, true, end_the_second, CLASS_DEADLOCK, "woke", 1);
}

/* The first thread, or another that takes its number and its start, is a new program's only one. */
static void exec(struct world *w)
{
	w->threads.n = 1;
	w->threads.v[0].mm = 7;
	w->threads.v[0].switches++;
}

Test(journal, an_exec_ends_the_threads_of_a_process)
{
	goes_in(2, true, exec, CLASS_DEADLOCK, "ended", 0);
	goes(exec, CLASS_DEADLOCK, "ended", 0);
}

Test(journal, how_it_went)
{
	goes(end, CLASS_DEADLOCK, "ended", 0);
	goes(end_both, CLASS_DEADLOCK, "ended", 0);
	goes(wake, CLASS_ORPHANED, "woke", 1);
	goes(NULL, CLASS_DEADLOCK, "withdrawn", 0);
	goes_in(200, false, wake, CLASS_ACCUMULATING, "steady", 0);
}

Test(journal, confidence)
{
	struct journal_counts counts = {};
	struct paper p;
	struct scene s;
	json_t *o;

	open_paper(&p, true);
	open_scene(&s, 0, true);
	s.v->findings.v[0].confidence = CONFIDENCE_SUSPECT;
	show(&p, &s, &counts);
	silent(&p);
	cr_expect_eq(counts.found[CLASS_DEADLOCK], 0);
	open_scene(&s, 1, true);
	s.v->findings.v[0].confidence = CONFIDENCE_LIKELY;
	show(&p, &s, &counts);
	o = next_object(&p);
	is(o, "event", "finding-opened");
	is(o, "confidence", "likely");
	json_decref(o);
	show_at(&p, 2, true, &counts);
	o = next_object(&p);
	is(o, "event", "finding-changed");
	is(o, "confidence", "proven");
	json_decref(o);
	show_at(&p, 3, true, &counts);
	silent(&p);
	cr_expect_eq(counts.found[CLASS_DEADLOCK], 1);
	close_paper(&p);
}

Test(journal, text)
{
	struct journal_counts counts = {};
	const char *line;
	struct paper p;

	open_paper(&p, false);
	show_at(&p, 0, true, &counts);
	line = next(&p);
	cr_expect_eq(strspn(line, "0123456789-T:Z"), 20, "%s", line);
	cr_expect_str_eq(line + 20,
			 " finding-opened: each waits for the other id=0123456789abcdef "
			 "class=deadlock confidence=proven pid=10 "
			 "comm=\"evil\\x22 id=\\x22x\\x0a\" "
			 "exe=\"/tmp/\\xff\\x22 \\xe2\\x80\\xae\" unit=a.service count=2 "
			 "blocked_seconds=61.500");
	silent(&p);
	journal_say(p.j, JOURNAL_NOTICE, "started", "a%sb %d", "\033[31m\n", 3);
	line = next(&p);
	cr_expect_str_eq(line + 20, " started: a\\x1b[31m\\x0ab 3");
	journal_format(p.j, true);
	journal_say(p.j, JOURNAL_NOTICE, "reloaded", "x");
	json_decref(next_object(&p));
	close_paper(&p);
}

Test(journal, troubles)
{
	static char names[20][8];
	struct paper p;
	json_t *o;

	open_paper(&p, true);
	journal_recovered(p.j, "pass");
	silent(&p);
	journal_trouble(p.j, "pass", "no %s", "memory");
	o = next_object(&p);
	is(o, "event", "trouble");
	is(o, "level", "error");
	is(o, "what", "pass");
	is(o, "message", "no memory");
	json_decref(o);
	journal_trouble(p.j, "pass", "no %s", "memory");
	silent(&p);
	journal_trouble(p.j, "textfile", "/\xff: no room");
	o = next_object(&p);
	is(o, "message", "/\\xff: no room");
	json_decref(o);
	journal_trouble(p.j, "pass", "another");
	json_decref(next_object(&p));
	journal_recovered(p.j, "pass");
	o = next_object(&p);
	is(o, "event", "recovered");
	is(o, "what", "pass");
	json_decref(o);
	journal_recovered(p.j, "pass");
	silent(&p);
	journal_recovered(p.j, "textfile");
	json_decref(next_object(&p));
	for (size_t i = 0; i < 20; i++) {
		snprintf(names[i], sizeof(names[i]), "n%zu", i);
		journal_trouble(p.j, names[i], "x");
		json_decref(next_object(&p));
	}
	close_paper(&p);
}

static void blind(struct paper *p, const char *a, const char *b)
{
	struct verdicts *v = made_example();
	struct world *w = (struct world *)v->world;

	if (a)
		world_blind(w, "%s", a);
	if (b)
		world_blind(w, "%s", b);
	journal_blind(p->j, w);
	made_free(v);
}

Test(journal, blind)
{
	struct paper p;
	json_t *o;

	open_paper(&p, true);
	blind(&p, NULL, NULL);
	silent(&p);
	blind(&p, "3 processes", "x\xff");
	silent(&p); /* for one pass */
	blind(&p, "3 processes", "x\xff");
	o = next_object(&p);
	is(o, "event", "blind");
	is(o, "level", "warning");
	is(o, "message", "3 processes; x\\xff");
	json_decref(o);
	for (int i = 0; i < 2; i++) {
		blind(&p, "14 processes", "x\xff"); /* only a number is another */
		silent(&p);
	}
	blind(&p, "14 processes", NULL);
	blind(&p, "14 processes", NULL);
	json_decref(next_object(&p));
	blind(&p, NULL, NULL);
	silent(&p);
	blind(&p, NULL, NULL);
	o = next_object(&p);
	is(o, "level", "notice");
	json_decref(o);
	blind(&p, NULL, NULL);
	silent(&p);
	close_paper(&p);
}

/* The first bytes of a line that is written to a file; the stream that journald reads is the
 * one with this inode plus off. */
static void begins(int off, bool json, const char *expected)
{
	char line[300], stream[64];
	FILE *out = tmpfile();
	struct journal *j;
	struct stat st;

	cr_assert(out && !fstat(fileno(out), &st));
	snprintf(stream, sizeof(stream), "%llu:%llu", (unsigned long long)st.st_dev,
		 (unsigned long long)st.st_ino + off);
	setenv("JOURNAL_STREAM", stream, 1);
	j = journal_new(out, json);
	cr_assert(j);
	journal_say(j, JOURNAL_WARNING, "blind", "x");
	rewind(out);
	cr_assert(fgets(line, sizeof(line), out));
	cr_expect(!strncmp(line, expected, strlen(expected)), "%s", line);
	journal_free(j);
	fclose(out);
}

Test(journal, levels_for_journald_alone)
{
	begins(0, false, "<4>blind: x\n");
	begins(0, true, "<4>{");
	begins(1, false, "20");
	begins(1, true, "{");
}

/* Names are in messages too: they add no members. */
Test(journal, a_message_looks_like_no_member)
{
	struct paper p;

	open_paper(&p, false);
	journal_say(p.j, JOURNAL_NOTICE, "x", "evil class=deadlock \"y\"");
	cr_expect(strstr(next(&p), " x: \"evil class=deadlock \\x22y\\x22\""));
	close_paper(&p);
}

/* Who does not read must not hold the daemon; what is lost is counted. */
Test(journal, a_log_that_nobody_reads, .timeout = 30)
{
	char text[65536];
	struct journal *j;
	json_t *o = NULL;
	int pipes[2], n;
	FILE *out;

	cr_assert_eq(pipe(pipes), 0);
	out = fdopen(pipes[1], "w");
	cr_assert(out);
	j = journal_new(out, true);
	cr_assert(j);
	cr_assert_gt(fcntl(pipes[1], F_SETPIPE_SZ, 4096), 0);
	for (int i = 0; i < 60; i++)
		journal_say(j, JOURNAL_NOTICE, "x",
			    "a message that is long enough to fill it soon");
	cr_assert_gt(read(pipes[0], text, sizeof(text)), 0);
	journal_say(j, JOURNAL_NOTICE, "y", "again");
	n = read(pipes[0], text, sizeof(text) - 1);
	cr_assert_gt(n, 0);
	text[n] = '\0';
	o = json_loads(text, 0, NULL);
	cr_assert(o, "%s", text);
	cr_expect_gt(json_integer_value(json_object_get(o, "lines_lost")), 0);
	json_decref(o);
	journal_free(j);
	fclose(out);
	close(pipes[0]);
}
