// SPDX-License-Identifier: GPL-2.0-only
/* test_report_explain.c - the story of one thread, for every fate that it can have. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

static char *explain(struct verdicts *v, __u32 tid)
{
	struct style style = { .utf8 = true, .width = 80 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert_eq(report_explain(out, v, tid, &style), 0);
	fclose(out);
	return text;
}

static void says(struct verdicts *v, __u32 tid, const char *const *lines)
{
	char *text = explain(v, tid);

	for (; *lines; lines++)
		cr_expect(strstr(text, *lines), "%s is not in\n%s", *lines, text);
	free(text);
}

#define SAYS(v, tid, ...) says(v, tid, (const char *const[]){ __VA_ARGS__, NULL })

Test(report_explain, stuck)
{
	struct verdicts *v = made_example();

	SAYS(v, 4712, "worker-a [4712], a thread of mutex_cycle2 [4711], /usr/bin/mutex_cycle2,",
	     "  waits in    futex(2): mutex 0x55d0c2a4f060, no timeout\n",
	     "  blocked     for 35 s (since 14:04:39), after 7 context switches\n",
	     "  waits for   worker-b [4713] (owner): stuck, itself in mutex 0x55d0c2a4f0a0 for\n",
	     "  verdict     deadlock (proven)\n", "  because     The rule.\n",
	     "  finding     0123456789abcdef\n",
	     "  with        worker-b [4713], mutex_cycle2 [4711],");
	SAYS(v, 4711, "0123456789abcdef (this thread stands behind it");
	made_free(v);
}

Test(report_explain, not_stuck)
{
	struct verdicts *v = made_example();

	SAYS(v, 5000, "  verdict     idle: the network\n");
	SAYS(v, 5001, "  verdict     unknown: no owner is recorded\n");
	SAYS(v, 5002, "  verdict     none: blocked for only 1.5 s, and 30 s is the threshold\n");
	made_free(v);
}

Test(report_explain, running)
{
	struct verdicts *v = made_example();
	struct wire_thread *t = (struct wire_thread *)world_thread(v->world, 5002);

	t->bits = WIRE_RUNNABLE;
	SAYS(v, 5002, "  state       running\n", "  verdict     none: not blocked (running)\n");
	t->bits = WIRE_STOPPED | WIRE_TRACED;
	t->tracer = 77;
	SAYS(v, 5002, "  state       stopped by a signal or a tracer, traced by process 77\n");
	made_free(v);
}

Test(report_explain, runtimes_of_many_tasks)
{
	static const struct {
		const char *exe, *comm, *says;
	} rows[] = {
		{ "/usr/lib/erlang/erts/bin/beam.smp", "1_scheduler", "Erlang processes" },
		{ "/usr/bin/server", "tokio-runtime-w", "tokio's tasks" },
		{ "/usr/bin/server", "worker", NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verdicts *v = made_verdicts((const struct made_thread[]){
			{ 9, 9, rows[i].comm, WAIT_FUTEX, 8, 60, CLASS_IDLE, ROLE_KNOT, "x" },
			{} });
		char *text;

		made_process(v, 9, rows[i].exe, "u");
		text = explain(v, 9);
		cr_expect_eq(strstr(text, "thread level only") != NULL, rows[i].says != NULL);
		cr_expect(!rows[i].says || strstr(text, rows[i].says));
		free(text);
		made_free(v);
	}
}

Test(report_explain, no_such_thread)
{
	struct verdicts *v = made_example();

	cr_expect_eq(report_explain(stdout, v, 1, &(struct style){ .width = 80 }), -ESRCH);
	made_free(v);
}
