// SPDX-License-Identifier: GPL-2.0-only
/* test_goroutines.c - what every format says of goroutines. */
#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "go_case.h"
#include "made.h"
#include "report/summary.h"

static const char expected[] =
	"UNREACHABLE (proven)  server [10]  2 goroutines for at least 1 min (since\n"
	"  00:00:40 at the latest)\n"
	"  /usr/bin/server  in web.service\n"
	"  goroutines of server [10] wait in \"chan receive\", and nothing that can still\n"
	"  run holds a pointer to the channel.\n"
	"    goroutine 34  chan receive on channel 0xc000123400, created at main.start\n"
	"      (server) by goroutine 1\n"
	"    goroutine 35  chan receive on channel 0xc000123400, created by goroutine 1\n"
	"  ▸ goroutines 34 and 35 in runtime.chanrecv1 for at least 50 s to 1 min, called\n"
	"    from\n"
	"      main.worker (server), the start routine\n"
	"  • goroutine 34 waits on channel 0xc000123400: open, 0 of 4 elements\n"
	"  • 3.0 MiB of its data, stacks and heap were searched for pointers, and no\n"
	"    thread of it ran meanwhile\n"
	"  • the program was made with go1.22.3 and has 40 goroutines\n"
	"\n"
	"UNREACHABLE (proven)  server [10]  1 goroutine for at least 30 s (since 00:01:10\n"
	"  at the latest)\n"
	"  /usr/bin/server  in web.service\n"
	"  goroutine 40 of server [10] waits in \"select (no cases)\", which nothing ever\n"
	"  ends.\n"
	"    goroutine 40  select (no cases)\n"
	"  ▸ goroutine 40 in runtime.block, called from\n"
	"      main.forever (server), the start routine\n"
	"  • the program was made with go1.22.3 and has 40 goroutines\n"
	"\n"
	"2 threads of 1 process; 2 blocked for 30 s or longer: 0 stuck, 2 idle, 0\n"
	"  unknown.\n"
	"40 goroutines of 1 Go program; 4 wait for another one: 3 stuck.\n";

static char *printed(const struct output *output, const struct verdicts *v,
		     const struct options *opts)
{
	setenv("TZ", "UTC0", 1);
	return made_output(output, v, opts, true, false);
}

static void says(const struct output *output, const struct verdicts *v, const struct options *opts,
		 const char *words)
{
	char *text = printed(output, v, opts);

	cr_expect(strstr(text, words), "%s is not in\n%s", words, text);
	free(text);
}

Test(goroutines, text)
{
	struct verdicts *v = go_case_example();
	char *text = printed(&report_text, v, &(struct options){});

	cr_expect_str_eq(text, expected);
	free(text);
	says(&report_text, v, &(struct options){ .verbose = true },
	     "for at least 50 s to 1 min, all\n    calls of goroutine 34:\n      #0  0x");
	says(&report_text, v, &(struct options){ .all = true },
	     "All goroutines that wait for another one:\n  server [10] goroutine 34 ");
	says(&report_text, v, &(struct options){ .all = true },
	     "  server [10] goroutine 50  chan receive on channel 0xc000777000  for at least\n"
	     "    30 s  idle: something that can still run reaches what it waits on  in\n"
	     "    main.worker (server)\n");
	go_case_free(v);
}

Test(goroutines, only_what_was_asked_for)
{
	static const struct {
		__u32 pid;
		const char *comm;
		size_t n;
	} rows[] = {
		{ 10, NULL, 2 }, { 11, NULL, 0 },     { 0, "server", 2 },  { 0, "ser*", 2 },
		{ 0, "t11", 0 }, { 10, "server", 2 }, { 11, "server", 0 },
	};
	struct verdicts *v = go_case_example();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct options opts = { .pids = (__u32 *)&rows[i].pid,
					.npids = rows[i].pid != 0,
					.comms = (const char **)&rows[i].comm,
					.ncomms = rows[i].comm != NULL };
		char *text;

		cr_expect_eq(report_count(&opts, v), rows[i].n, "%zu", i);
		text = printed(&report_text, v, &opts);
		cr_expect_eq(strstr(text, "Go program") != NULL, rows[i].n != 0, "%zu", i);
		free(text);
	}
	go_case_free(v);
}

/* What was not judged is said, whoever gave its reason and however many there are. */
Test(goroutines, not_judged)
{
	struct world *w =
		go_case_world(GO_READ, (const struct go_case[]){ { 1, GO_CHANNEL, 16 }, {} });
	struct verdicts *v;

	strcpy(go_case_program(w)->unsearched, "its heap is \033[1m too large");
	for (__u32 tgid = 20; tgid < 40; tgid++) {
		struct go_process p = { .tgid = tgid, .trouble = "no \"go1\"" };

		cr_assert(!array_push(&w->go_processes, p));
	}
	v = go_case_judge(w);
	says(&report_text, v, &(struct options){},
	     "40 goroutines of 1 Go program; 1 waits for another one: 0 stuck.\n"
	     "Goroutines not judged: those of t10 [10] (its heap is \\x1b[1m too large), ? [20]\n"
	     "  (no \"go1\"), ? [21] (no \"go1\") and 18 more.\n");
	says(&report_json, v, &(struct options){ .all = true },
	     "{\"pid\":10,\"comm\":\"t10\",\"version\":\"go1.22.3\",\"goroutines\":40,\"waiting\":1,"
	     "\"searched_bytes\":null,\"moved\":false,\"own_layout\":false,\"trouble\":null,"
	     "\"unsearched\":\"its heap is \\\\x1b[1m too large\"}");
	says(&report_json, v, &(struct options){ .all = true },
	     "{\"pid\":20,\"comm\":null,\"version\":null,\"goroutines\":null,\"waiting\":null,"
	     "\"searched_bytes\":null,\"moved\":false,\"own_layout\":false,\"trouble\":\"no \\\"go1\\\"\","
	     "\"unsearched\":null}");
	says(&report_json, v, &(struct options){ .all = true },
	     "\"class\":\"unknown\",\"wakeup_source\":\"its heap is \\\\x1b[1m too large\"}");
	go_case_free(v);
}

#define MANY 300

Test(goroutines, many_are_cut)
{
	static struct go_case cases[MANY + 1];
	struct verdicts *v;
	char *text;

	for (__u64 i = 0; i < MANY; i++)
		cases[i] = (struct go_case){ 100 + i, GO_STUCK | GO_CHANNEL, 64 * i + 64,
					     .stack = "runtime.gopark in /s <- main.w in /s" };
	v = go_case_judge(go_case_world(GO_READ | GO_MARKED, cases));
	text = printed(&report_text, v, &(struct options){});
	cr_expect_lt(strlen(text), 2000);
	cr_expect(
		strstr(text,
		       "    goroutine 107  chan receive on channel 0x200\n"
		       "    and 292 more\n"
		       "  ▸ 300 goroutines such as goroutine 100 in runtime.gopark for at least 1 min 40\n"
		       "    s, called from\n"),
		"%s", text);
	free(text);
	text = printed(&report_text, v, &(struct options){ .all = true });
	cr_expect(!strstr(text, "more"));
	free(text);
	go_case_free(v);
}

/* ---- the other formats ---- */

static json_t *object_of(const struct verdicts *v, const struct options *opts)
{
	char *text = printed(&report_json, v, opts);
	json_error_t error;
	json_t *object = json_loads(text, JSON_REJECT_DUPLICATES, &error);

	cr_assert(object, "%s: %s", error.text, text);
	free(text);
	return object;
}

static void same(const json_t *value, const char *text)
{
	char *got = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);

	cr_expect_str_eq(got, text, "%s", got);
	free(got);
}

Test(goroutines, json)
{
	struct verdicts *v = go_case_example();
	json_t *o = object_of(v, &(struct options){ .all = true }), *f, *one;

	cr_assert_eq(json_unpack(o, "{s:[o]}", "findings", &f), 0);
	cr_expect_eq(json_array_size(json_object_get(f, "threads")), 0);
	cr_assert_eq(json_array_size(json_object_get(f, "goroutines")), 2);
	same(json_object_get(f, "class"), "\"unreachable\"");
	same(json_object_get(f, "count"), "2");
	same(json_object_get(f, "comm"), "\"server\"");
	same(json_object_get(f, "blocked_seconds"), "60.0");
	same(json_object_get(f, "place"), "[\"main.worker\"]");
	one = json_array_get(json_object_get(f, "goroutines"), 0);
	same(json_object_get(one, "id"), "34");
	same(json_object_get(one, "wait_reason"), "\"chan receive\"");
	same(json_object_get(one, "blocked_seconds"), "60.0");
	same(json_object_get(one, "blocked_at_least"), "true");
	same(json_object_get(one, "object"), "\"0xc000123400\"");
	same(json_object_get(one, "objects"), "1");
	same(json_object_get(one, "channel"), "{\"count\":0,\"capacity\":4,\"closed\":false}");
	cr_expect_eq(json_array_size(json_object_get(one, "stack")), 5);
	same(json_object_get(one, "stack_stop"), "null");
	same(json_object_get(json_object_get(one, "created"), "goroutine"), "1");
	cr_expect_eq(json_array_size(json_object_get(json_object_get(one, "created"), "stack")), 1);
	cr_assert_eq(json_unpack(o, "{s:[o!]}", "goroutines", &one), 0);
	same(json_object_get(one, "id"), "50");
	same(json_object_get(one, "pid"), "10");
	same(json_object_get(one, "class"), "\"idle\"");
	json_decref(o);
	o = object_of(v, &(struct options){});
	cr_expect(!json_object_get(o, "goroutines"));
	cr_expect_eq(json_array_size(json_object_get(o, "go")), 1);
	json_decref(o);
	go_case_free(v);
}

/* Nothing is known of a goroutine but that it is stuck. */
Test(goroutines, nothing_is_known)
{
	struct world *w = go_case_world(
		0, (const struct go_case[]){ { 1, GO_STUCK | GO_NOTHING, .reason = "" }, {} });
	struct verdicts *v;

	w->go_processes.n = 0;
	w->threads.n = 0; /* they have ended since */
	v = go_case_judge(w);
	says(&report_text, v, &(struct options){},
	     "UNREACHABLE (proven)  ? [10]  1 goroutine\n"
	     "  goroutine 1 of a program waits in \"\", which nothing ever ends.\n"
	     "    goroutine 1  a wait that is not known\n");
	says(&report_json, v, &(struct options){},
	     "{\"id\":1,\"wait_reason\":null,\"blocked_seconds\":null,\"blocked_at_least\":false,"
	     "\"object\":null,\"objects\":0,\"channel\":null,\"holder\":null,\"stack\":[],\"stack_stop\":null,"
	     "\"created\":{\"goroutine\":null,\"stack\":[]}}");
	says(&report_folded, v, &(struct options){}, "?;[no stack] 1\n");
	says(&report_dot, v, &(struct options){},
	     "label=\"unreachable (proven): ? [10]\";\n"
	     "\t\tg0_1 [label=\"goroutine 1\\na wait that is not known\", style=filled, "
	     "fillcolor=\"#ffb3b3\"];\n");
	go_case_free(v);
}

Test(goroutines, folded)
{
	struct verdicts *v = go_case_example();
	char *text = printed(&report_folded, v, &(struct options){});

	cr_expect_str_eq(text,
			 "server;runtime.goexit;main.forever;runtime.block;runtime.gopark 1\n"
			 "server;runtime.goexit;main.worker;runtime.chanrecv1;runtime.chanrecv;"
			 "runtime.gopark 2\n");
	free(text);
	says(&report_folded, v, &(struct options){ .all = true }, "runtime.gopark 3\n");
	go_case_free(v);
}

Test(goroutines, dot)
{
	struct verdicts *v = go_case_example();

	says(&report_dot, v, &(struct options){},
	     "\tsubgraph cluster0 {\n"
	     "\t\tlabel=\"unreachable (proven): server [10]\";\n"
	     "\t\tg0_34 [label=\"2 goroutines such as 34\\nchan receive on channel 0xc000123400\\n"
	     "runtime.chanrecv1 from main.worker (server)\\nfor at least 1 min\", style=filled, "
	     "fillcolor=\"#ffb3b3\"];\n"
	     "\t}\n"
	     "\tsubgraph cluster1 {\n");
	go_case_free(v);
}

/* ---- explain, top ---- */

static char *explain(const struct verdicts *v, __u64 goid)
{
	struct style style = { .utf8 = true, .width = 80 };
	struct options opts = { .tid = 10, .goid = goid };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	setenv("TZ", "UTC0", 1);
	cr_assert_eq(report_explain(out, v, &opts, &style), 0);
	fclose(out);
	return text;
}

static void explains(const struct verdicts *v, __u64 goid, const char *words)
{
	char *text = explain(v, goid);

	cr_expect(strstr(text, words), "%s is not in\n%s", words, text);
	free(text);
}

Test(goroutines, explain)
{
	struct verdicts *v = go_case_example();
	struct options nobody = { .tid = 10, .goid = 36 }, nowhere = { .tid = 12, .goid = 34 };
	struct style style = { .width = 80 };

	explains(v, 34,
		 "goroutine 34 of server [10], /usr/bin/server, in web.service\n"
		 "  waits in    chan receive\n"
		 "  waits on    channel 0xc000123400, open, 0 of 4 elements\n"
		 "  blocks in   runtime.chanrecv1 (server)\n"
		 "  called from main.worker (server)\n"
		 "  started as  main.worker (server)\n"
		 "  blocked     for at least 1 min (since 00:00:40 at the latest)\n"
		 "  created     main.start (server) by goroutine 1\n"
		 "  verdict     unreachable (proven)\n"
		 "  because     What it waits on is reached by nothing that can still run, so\n"
		 "              nobody can ever wake it.\n"
		 "  finding     ");
	explains(
		v, 34,
		"  with        goroutine 35\n"
		"  program     made with go1.22.3; 40 goroutines, of which 4 wait for another one\n"
		"  stack       #0  runtime.gopark (server)\n");
	explains(v, 40, "  waits on    nothing: a nil channel, or a select without cases\n");
	explains(v, 50,
		 "  verdict     idle: something that can still run reaches what it waits on\n");
	cr_expect_eq(report_explain(stderr, v, &nobody, &style), -ESRCH);
	cr_expect_eq(report_explain(stderr, v, &nowhere, &style), -ESRCH);
	go_case_free(v);
}

Test(goroutines, top)
{
	struct verdicts *v = go_case_example();
	struct health health = { .futex_hook = "off" };
	char *text, *error;
	struct summary *s;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	cr_assert_eq(summary_print(f, v, &health), 0);
	fclose(f);
	f = fmemopen(text, size, "r");
	cr_assert_eq(summary_read(f, &s, &error), 0, "%s", error);
	fclose(f);
	cr_assert_eq(s->nfindings, 2);
	cr_expect(s->findings[0].count == 2 && s->findings[0].pid == 10);
	cr_expect_str_eq(s->findings[0].class, "unreachable");
	cr_expect_str_eq(s->findings[0].place, "main.worker");
	summary_free(s);
	free(text);
	go_case_free(v);
}

/* Whoever reads of it is told that nobody has seen such a program before. */
Test(goroutines, a_layout_of_its_own_is_said)
{
	struct world *w = go_case_world(GO_READ | GO_MARKED | GO_OWN_LAYOUT,
					(const struct go_case[]){ { 1, GO_STUCK | GO_CHANNEL, 16 },
								  { 2, GO_STUCK, 32 },
								  {} });
	struct verdicts *v = go_case_judge(w);

	says(&report_text, v, &(struct options){},
	     "  • no program of that version was measured: where its runtime keeps what was\n"
	     "    read from its own DWARF, and so nothing is proven\n");
	says(&report_json, v, &(struct options){}, "\"moved\":false,\"own_layout\":true,");
	explains(v, 1, "; read as its own DWARF says\n");
	explains(v, 1, "(likely)");
	go_case_free(v);
}
