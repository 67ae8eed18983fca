// SPDX-License-Identifier: GPL-2.0-only
/* test_past.c - what the outputs say of what a daemon remembers: who made a thread, where, and
 * who wakes what it waits on. */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "made.h"

#define SECOND 1000000000ull

/* Twenty threads of process 10, made one after the other in make_worker() by thread 10. */
static struct world *leak(void)
{
	static const struct frame frames[] = {
		{ .address = 1,
		  .function = (char *)"__clone3",
		  .module = (char *)"/lib/libc.so.6" },
		{ .address = 2,
		  .function = (char *)"make_worker",
		  .module = (char *)"/bin/server",
		  .file = (char *)"/src/pool.c",
		  .line = 7 },
		{ .address = 3, .function = (char *)"main", .module = (char *)"/bin/server" },
	};
	static const __u64 floors[] = { 2, 5, 8, 11, 14, 17 };
	struct site s = { .id = 1, .tgid = 10, .born = 30, .ended = 10, .alive = 20, .trace = 1 };
	struct world *w = fixture_world();
	__u32 numbers[3], trace;

	w->boot_time = FIXTURE_NOW;
	s.floors.window_ns = 600 * SECOND;
	s.floors.n = s.floors.nprocess = 6;
	memcpy(s.floors.at, floors, sizeof(floors));
	memcpy(s.floors.process, floors, sizeof(floors));
	cr_assert(!array_push(&w->past.sites, s));
	for (int i = 0; i < 3; i++)
		cr_assert_eq(stack_add_frame(&w->stacks, &frames[i], &numbers[i]), 0);
	cr_assert_eq(stack_add_trace(&w->stacks, numbers, 3, NULL, &trace), 0);
	fixture_running(w, 10, 10);
	for (__u32 i = 0; i < 20; i++) {
		struct birth b = { .tid = 20 + i, .creator = 10, .site = 1, .started = i + 1 };

		fixture_thread(w, b.tid, 10)->started = b.started;
		cr_assert(!array_push(&w->past.births, b));
	}
	world_sort(w);
	return w;
}

static char *printed(const struct output *output)
{
	struct world *w = leak();
	struct verdicts *v;
	char *text;

	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	text = made_output(output, v, &(struct options){ 0 }, false, false);
	verdict_free(v);
	world_free(w);
	return text;
}

Test(past, text_says_where_they_are_made)
{
	char *text = printed(&report_text);

	cr_expect(strstr(text, "ACCUMULATING (likely)"), "%s", text);
	cr_expect(strstr(text, "makes threads that do not end, in make_worker"), "%s", text);
	cr_expect(strstr(text, "all made in\n      make_worker (pool.c:7)\n      main (server)\n"),
		  "%s", text);
	cr_expect(!strstr(text, "likewise"), "%s", text);
	free(text);
}

Test(past, json_says_who_made_each)
{
	char *text = printed(&report_json);
	json_t *o = json_loads(text, 0, NULL), *created;
	const char *function;
	json_int_t tid;

	cr_assert(o);
	created = json_object_get(
		json_array_get(json_object_get(json_array_get(json_object_get(o, "findings"), 0),
					       "threads"),
			       0),
		"created");
	cr_assert_eq(json_unpack(created, "{s:I}", "tid", &tid), 0);
	cr_expect_eq(tid, 10);
	cr_assert_eq(json_unpack(json_array_get(json_object_get(created, "stack"), 1), "{s:s}",
				 "function", &function),
		     0);
	cr_expect_str_eq(function, "make_worker");
	json_decref(o);
	free(text);
}

Test(past, explain_says_who_made_it_and_who_wakes_it)
{
	struct word word = {
		.seen = { .since = 1, .wakes = 5, .first = SECOND, .last = 97 * SECOND },
	};
	struct options opts = { .tid = 20 };
	struct style style = { .width = 80 };
	struct world *w = leak();
	struct wire_thread *t = (struct wire_thread *)world_thread(w, 20);
	struct verdicts *v;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	word.seen.wakers[0] = (struct wire_waker){ 10, 0, 5, 97 * SECOND };
	t->nr = 202; /* FUTEX_WAIT_PRIVATE */
	t->args[0] = 0x1000;
	t->args[1] = 128;
	word.key = (struct wire_word_key){ t->mm, 0x1000 };
	cr_assert(!array_push(&w->past.words, word));
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	cr_assert_eq(report_explain(out, v, &opts, &style), 0);
	fclose(out);
	cr_expect(strstr(text, "created by  "), "%s", text);
	cr_expect(strstr(text, "20 threads made there live, 10 have ended"), "%s", text);
	cr_expect(strstr(text, "make_worker (pool.c:7)"), "%s", text);
	cr_expect(strstr(text, "woken 5 times"), "%s", text);
	verdict_free(v);
	world_free(w);
	free(text);
}
