// SPDX-License-Identifier: GPL-2.0-only
/* test_json.c - one JSON object, of the promised shape (the schema is checked by
 * `make check-schema`), with no name in it raw. */
#include <criterion/criterion.h>
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

Test(json, nothing_is_stuck)
{
	struct verdicts *v = made_verdicts((const struct made_thread[]){ {} });
	json_t *object = object_of(v, &(struct options){ .all = true });

	cr_expect_eq(json_array_size(json_object_get(object, "findings")), 0);
	cr_expect_eq(json_array_size(json_object_get(object, "threads")), 0);
	json_decref(object);
	made_free(v);
}
