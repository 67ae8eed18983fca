// SPDX-License-Identifier: GPL-2.0-only
/* test_json.c - one JSON object, of the promised shape (the schema is checked by
 * `make check-schema`), with no name in it raw. */
#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

static json_t *object_of(struct verdicts *v, const struct options *opts)
{
	char *text = made_output(&report_json, v, opts, false, true);
	json_error_t error;
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	cr_assert(object, "%s: %s", error.text, text);
	for (const char *s = text; *s; s++)
		cr_assert(*s == '\n' || (unsigned char)*s >= ' ');
	free(text);
	return object;
}

Test(json, example)
{
	struct verdicts *v = made_example();
	json_t *object = object_of(v, &(struct options){});
	json_t *findings, *threads;
	int schema, n;
	const char *time, *comm, *why;
	double seconds;

	cr_assert_eq(json_unpack(object, "{s:i, s:s, s:F, s:{s:i}, s:o}", "schema", &schema, "time",
				 &time, "threshold_seconds", &seconds, "scan", "threads", &n,
				 "findings", &findings),
		     0);
	cr_expect(schema == 1 && n == 9 && seconds == 30);
	cr_expect_str_eq(time, "2024-05-01T14:05:15.000Z");
	cr_expect_eq(json_array_size(findings), 3);
	cr_expect(!json_object_get(object, "threads"));
	cr_assert_eq(json_unpack(json_array_get(findings, 0), "{s:i, s:F, s:o}", "count", &n,
				 "blocked_seconds", &seconds, "threads", &threads),
		     0);
	cr_expect(n == 4 && seconds == 35.2 && json_array_size(threads) == 4);
	cr_assert_eq(json_unpack(json_array_get(threads, 3), "{s:s, s:[{s:s}]}", "comm", &comm,
				 "waits_for", "why", &why),
		     0);
	cr_expect_str_eq(comm, "evil\\x1b[31m\\x0a\"\\xff&");
	cr_expect_str_eq(why, "owner");
	json_decref(object);
	made_free(v);
}

Test(json, all)
{
	struct verdicts *v = made_example();
	json_t *object = object_of(v, &(struct options){ .all = true });
	json_t *threads = json_object_get(object, "threads");
	const char *class, *source;

	cr_assert_eq(json_array_size(threads), 2);
	cr_assert_eq(json_unpack(json_array_get(threads, 1), "{s:s, s:s}", "class", &class,
				 "wakeup_source", &source),
		     0);
	cr_expect_str_eq(class, "unknown");
	cr_expect_str_eq(source, "no owner is recorded");
	json_decref(object);
	made_free(v);
}

/* A member of an object or array within an object, by a path such as "findings/0/place". */
static const json_t *at(const json_t *object, const char *path)
{
	char key[32];

	for (; *path; path += strcspn(path, "/"), path += *path == '/') {
		snprintf(key, sizeof(key), "%.*s", (int)strcspn(path, "/"), path);
		object = json_is_array(object) ? json_array_get(object, strtoul(key, NULL, 10))
					       : json_object_get(object, key);
		cr_assert(object, "%s", path);
	}
	return object;
}

static void same(const json_t *object, const char *path, const char *expected)
{
	char *text = json_dumps(at(object, path), JSON_COMPACT | JSON_ENCODE_ANY);

	cr_expect_str_eq(text, expected, "%s: %s", path, text);
	free(text);
}

Test(json, stacks)
{
	struct verdicts *v = made_stacks();
	json_t *o;

	((struct world *)v->world)->restarts = 3;
	o = object_of(v, &(struct options){});
	same(o, "scan/symbolizer_restarts", "3");
	same(o, "findings/0/youngest_blocked_seconds", "34.0");
	same(o, "findings/0/place",
	     "[\"Guard<std::mutex; int>::Guard(std::mutex&)\",\"take\","
	     "\"mutex_cycle2+0x1300\",\"worker\"]");
	same(o, "findings/1/place", "null");
	same(o, "findings/0/threads/0/wait/primitive", "\"std::mutex\"");
	same(o, "findings/0/threads/1/wait/primitive", "null");
	same(o, "findings/0/threads/0/stack/2",
	     "{\"function\":\"Guard<std::mutex; int>::Guard(std::mutex&)\","
	     "\"module\":\"/usr/bin/mutex_cycle2\",\"file\":\"/home/me/src/guard.h\",\"line\":7,"
	     "\"address\":\"0x55d000001234\",\"offset\":\"0x1234\",\"inlined\":true,\"guessed\":false}");
	same(o, "findings/0/threads/3/stack/1",
	     "{\"function\":null,\"module\":null,\"file\":null,\"line\":null,"
	     "\"address\":\"0x7f0000005000\",\"offset\":null,\"inlined\":false,\"guessed\":false}");
	same(o, "findings/0/threads/3/stack_stop", "\"no unwind information for \\\\x1bx\"");
	same(o, "findings/0/threads/0/stack_stop", "null");
	same(o, "findings/0/threads/0/kernel_stack", "[\"futex_wait_queue\",\"do_futex\"]");
	same(o, "findings/0/threads/0/created",
	     "{\"tid\":null,\"start_routine\":\"worker\",\"stack\":[]}");
	same(o, "findings/1/threads/0/stack", "[]");
	json_decref(o);
	made_free(v);
}

/* What is found by who made it, or by a word, stands where the first of its threads does. */
Test(json, place_of_a_population)
{
	struct verdicts *v = made_stacks();
	json_t *o;

	v->findings.v[0].class = CLASS_ACCUMULATING;
	v->findings.v[0].place = 77;
	o = object_of(v, &(struct options){});
	same(o, "findings/0/place/1", "\"take\"");
	json_decref(o);
	made_free(v);
}

Test(json, what_is_not_known_is_null)
{
	struct verdicts *v = made_example();
	struct go_wait wait = { .tgid = 99, .id = 7 };
	struct judged_goroutine one = { .wait = &wait };
	struct finding *f = &v->findings.v[0];
	json_t *o;

	f->pid = 99;
	f->age_ns = f->youngest_ns = 0;
	f->members.n = 0;
	cr_assert(!array_push(&v->goroutines, one));
	cr_assert(!array_push(&f->goroutines, 0));
	o = object_of(v, &(struct options){});
	same(o, "findings/0/comm", "null");
	same(o, "findings/0/blocked_seconds", "null");
	same(o, "findings/0/youngest_blocked_seconds", "null");
	same(o, "findings/0/goroutines/0/wait_reason", "null");
	same(o, "findings/0/goroutines/0/blocked_seconds", "null");
	json_decref(o);
	made_free(v);
}

static ssize_t fail_once(void *cookie, const char *text, size_t n)
{
	FILE **out = cookie;

	if (memmem(text, n, "4712", 4) && out[1]) {
		out[1] = NULL;
		return -1;
	}
	return fwrite(text, 1, n, out[0]) == n ? (ssize_t)n : -1;
}

/* What broke in the middle is no JSON, even where the rest could be written. */
Test(json, half_a_report_is_none)
{
	struct verdicts *v = made_example();
	const struct style style = { .width = 80 };
	char *text;
	size_t size;
	FILE *memory = open_memstream(&text, &size), *cookie[2] = { memory, memory };
	FILE *out = fopencookie(cookie, "w", (cookie_io_functions_t){ .write = fail_once });

	setvbuf(out, NULL, _IONBF, 0);
	cr_expect_eq(report_json.print(out, v, &(struct options){}, &style), -EIO);
	fclose(out);
	fclose(memory);
	cr_expect_null(cookie[1]);
	cr_expect_null(json_loads(text, 0, NULL), "%s", text);
	free(text);
	made_free(v);
}

Test(json, nothing_is_stuck)
{
	struct verdicts *v = made_verdicts((const struct made_thread[]){ {} });
	json_t *object = object_of(v, &(struct options){ .all = true });

	cr_expect_eq(json_array_size(json_object_get(object, "findings")), 0);
	cr_expect_eq(json_array_size(json_object_get(object, "threads")), 0);
	json_decref(object);
	made_free(v);
}
