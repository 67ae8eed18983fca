// SPDX-License-Identifier: GPL-2.0-only
/* test_report_explain.c - the story of one thread, for every fate that it can have. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "made.h"

static bool verbose;

static char *explain(struct verdicts *v, __u32 tid)
{
	struct style style = { .utf8 = true, .width = 80 };
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert_eq(
		report_explain(out, v, &(struct options){ .tid = tid, .verbose = verbose }, &style),
		0);
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

Test(report_explain, stacks)
{
	struct verdicts *v = made_stacks();

	SAYS(v, 4712,
	     "  waits in    futex(2): std::mutex 0x55d0c2a4f060, no timeout\n"
	     "  blocks in   pthread_mutex_lock (libc.so.6)\n"
	     "  called from Guard<std::mutex; int>::Guard(std::mutex&) (guard.h:7, inlined)\n"
	     "  started as  worker (queue.c)\n",
	     "  stack           futex_wait_queue (kernel)\n"
	     "                  do_futex (kernel)\n"
	     "              #0  __lll_lock_wait (libc.so.6)\n",
	     "              #4  mutex_cycle2+0x1300\n"
	     "              #5  worker (queue.c)\n"
	     "              #6  start_thread (libc.so.6)\n");
	SAYS(v, 4714, "                  unwinding stopped: no unwind information for \\x1bx\n");
	SAYS(v, 4900, "  stack           no stack: its memory could not be read\n");
	verbose = true;
	SAYS(v, 4711,
	     "  stack       #0  0x7f0000004000 pthread_join in\n"
	     "                  /usr/lib/x86_64-linux-gnu/libc.so.6\n"
	     "              #1  0x55d000002000 main (main.c:99) in /usr/bin/mutex_cycle2\n");
	made_free(v);
}

/* Of a thread that is not judged the stack may have been asked for. */
Test(report_explain, stack_of_the_unjudged)
{
	struct verdicts *v = made_stacks();
	struct stacks *s = &((struct world *)v->world)->stacks;

	cr_assert_eq(stack_add_thread(s, 5002, s->threads.v[0].trace), 0);
	SAYS(v, 5002, "  stack       #0  pthread_join (libc.so.6)\n");
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

	cr_expect_eq(report_explain(stdout, v, &(struct options){ .tid = 1 },
				    &(struct style){ .width = 80 }),
		     -ESRCH);
	made_free(v);
}
