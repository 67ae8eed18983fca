// SPDX-License-Identifier: GPL-2.0-only
/* test_confidence.c - how sure a finding is, and that nobody is surer than who could wake him. */
#include <criterion/criterion.h>
#include <string.h>

#include "fixture.h"

#define M1 0x10000ull
#define M2 0x20000ull
#define SIGUSR1_BIT (1ull << 9)
#define SIGTERM_BIT (1ull << 14)
#define SIGCHLD_BIT (1ull << 16)
#define SIGURG_BIT (1ull << 22)

/* The only thread of a process has locked M1, and locks it again. */
static void locks_twice(struct world *w, __u32 tgid)
{
	fixture_locks(w, tgid, tgid, M1);
	fixture_mutex(w, tgid, M1, 2, tgid);
}

/* A word in memory that two processes share, where the thread waits. */
static void shares(struct world *w, struct wire_thread *t, __u32 tgid, __u32 other)
{
	t->key_id = 5;
	t->key_word = 0;
	t->key_offset = 1;
	cr_assert_eq(array_push(&w->mappers, ((struct mapper){ 5, 0, tgid, 0 })), 0);
	cr_assert_eq(array_push(&w->mappers, ((struct mapper){ 5, 0, other, 0 })), 0);
}

/* The id of the finding of a thread; in a static buffer. */
static const char *id_of(struct world *w, __u32 tid)
{
	static char id[32];
	struct verdicts *v;

	world_sort(w);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	strcpy(id, v->findings.v[verdict_of(v, tid)->finding - 1].id);
	verdict_free(v);
	return id;
}

/* Whether the reason or evidence of a finding has these words. */
static bool says(struct world *w, const char *part)
{
	struct verdicts *v;
	bool said = false;

	world_sort(w);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	for (size_t i = 0; i < v->findings.n; i++) {
		said |= strstr(v->findings.v[i].reason, part) != NULL;
		for (size_t k = 0; k < v->findings.v[i].evidence.n; k++)
			said |= strstr(v->findings.v[i].evidence.v[k], part) != NULL;
	}
	verdict_free(v);
	return said;
}

/* ---- who could wake it is less sure ---- */

/* Process 10 reads a pipe that process 20 can write to, which waits for its own lock. */
static struct world *reads_from_stuck(void)
{
	struct world *w = fixture_world();

	fixture_reads_pipe(w, 10, 10, 77);
	fixture_holds_pipe(w, 20, 77);
	locks_twice(w, 20);
	return w;
}

Test(confidence, behind_a_suspect_through_shared_memory)
{
	struct world *w = fixture_world();

	shares(w, fixture_waits(w, 10, 10, M1, 0), 10, 20);
	fixture_waits(w, 20, 20, M1, 0);
	fixture_process(w, 10, 0, 0);
	fixture_process(w, 20, 0, 0);
	cr_expect_str_eq(fixture_verdict(w), "quiescent proven 10; quiescent proven 20");
	w->processes.v[1].handlers = SIGTERM_BIT; /* might post, then go on */
	cr_expect(says(w, "t10 [10] is no surer than that t20 [20] is stuck"));
	assert_verdict(w, "quiescent suspect 10; quiescent suspect 20");
}

Test(confidence, of_several_who_could_write)
{
	struct world *w = fixture_world();

	fixture_reads_pipe(w, 10, 10, 77);
	fixture_holds_pipe(w, 20, 77);
	fixture_holds_pipe(w, 30, 77);
	locks_twice(w, 20);
	fixture_waits(w, 30, 30, M1, 0);
	for (__u32 pid = 10; pid <= 30; pid += 10)
		fixture_process(w, pid, pid == 30 ? SIGTERM_BIT : 0, 0);
	assert_verdict(w, "deadlock suspect 10; deadlock proven 20; quiescent suspect 30");
}

/* A semaphore of a process in which two hang: a handler may post it. */
Test(confidence, a_handler_that_posts_beside_a_deadlock)
{
	struct world *w = fixture_world();

	locks_twice(w, 10);
	fixture_waits(w, 11, 10, M2, 0);
	fixture_process(w, 10, 0, 0);
	cr_expect_str_eq(fixture_verdict(w), "deadlock proven 10+11");
	w->processes.v[0].handlers = SIGTERM_BIT;
	/* And if 11 goes on, it might even unlock what it does not own. */
	assert_verdict(w, "deadlock likely 10; deadlock suspect 11");
}

/* ---- signals that interrupt a call ---- */

Test(confidence, signals_that_the_kernel_sends)
{
	static const __u64 signals[] = { SIGCHLD_BIT, SIGURG_BIT };

	for (size_t i = 0; i < 2; i++) {
		struct world *w = fixture_two_pipes();

		w->processes.v[0].handlers = signals[i];
		assert_verdict(w, "deadlock likely 10 20");
	}
}

/* Of a shell, which catches SIGCHLD: that is what it waits for. */
Test(confidence, who_waits_for_a_child_that_hangs)
{
	struct world *w = fixture_world();
	struct wire_thread *t = fixture_thread(w, 10, 10);
	char id[32];

	t->nr = 61; /* wait4() */
	t->args[0] = 20;
	locks_twice(w, 20);
	w->threads.v[1].ppid = 10;
	fixture_process(w, 10, SIGCHLD_BIT | SIGTERM_BIT, 0);
	fixture_process(w, 20, 0, 0);
	cr_expect_str_eq(fixture_verdict(w), "deadlock proven 20+10");
	w->processes.v[0].handlers |= SIGUSR1_BIT;
	cr_expect(says(w, "wakes it: the process catches signals 10"));
	cr_expect_str_eq(fixture_verdict(w), "deadlock likely 10; deadlock proven 20");
	cr_expect(says(w, "it queues behind t20 [20]."));
	strcpy(id, id_of(w, 10));
	cr_expect_str_neq(id, id_of(w, 20));
	w->threads.v[1].bits |= WIRE_URING;
	cr_expect_str_eq(id, id_of(w, 10)); /* however sure it is */
	w->threads.v[1].bits &= ~WIRE_URING;
	w->processes.v[0].handlers = 0;
	fixture_thread(w, 11, 10); /* may end the child, or cancel the call */
	assert_verdict(w, "deadlock likely 10; deadlock proven 20");
}

/* The horizon is a day (TRAPS 12), but what ends by itself is never proven; what would last longer
 * than any program does is. */
Test(confidence, a_timeout_of_days)
{
	static const __u32 days[] = { 2 * 86400, 0, 0, 0 }, ages[] = { 0x7fffffff, 0, 0, 0 };
	struct world *w = fixture_world();

	fixture_locks(w, 10, 10, M1)->args[3] = M2;
	fixture_mutex(w, 10, M1, 2, 10);
	fixture_words(w, 10, M2, days, 4);
	assert_verdict(w, "deadlock likely 10");
	w = fixture_world();
	fixture_locks(w, 10, 10, M1)->args[3] = M2;
	fixture_mutex(w, 10, M1, 2, 10);
	fixture_words(w, 10, M2, ages, 4);
	assert_verdict(w, "deadlock proven 10");
}

/* Any pool of an interpreter, which catches SIGINT, may be told to end by somebody; no ring is
 * hidden for that, if no signal comes by itself. */
Test(confidence, an_idle_pool_beside_a_ring)
{
	struct world *w = fixture_two_pipes();

	fixture_waits(w, 21, 20, M2, 0);
	cr_expect_str_eq(fixture_verdict(w), "deadlock proven 10 20+21");
	w->processes.v[1].handlers = SIGTERM_BIT;
	assert_verdict(w, "deadlock likely 10 20; deadlock suspect 21");
	w = fixture_two_pipes();
	fixture_waits(w, 21, 20, M2, 0);
	w->processes.v[1].handlers = SIGTERM_BIT | SIGCHLD_BIT;
	assert_verdict(w, "deadlock suspect 10 20+21");
}

/* It is in no ring, but its call may be interrupted all the same. */
Test(confidence, who_only_queues_may_be_interrupted)
{
	struct world *w = reads_from_stuck();

	fixture_process(w, 10, SIGCHLD_BIT, 0);
	fixture_process(w, 20, 0, 0);
	assert_verdict(w, "deadlock likely 10; deadlock proven 20");
}

/* ---- live threads that may end a call ---- */

/* It has not the pipe's other end; that is with one who hangs. */
Test(confidence, a_sibling_may_cancel_it)
{
	struct world *w = reads_from_stuck();

	fixture_thread(w, 11, 10);
	fixture_process(w, 10, 0, 0);
	fixture_process(w, 20, 0, 0);
	cr_expect(says(w, "no other thread cancels it, shuts its socket down"));
	assert_verdict(w, "deadlock likely 10; deadlock proven 20");
}

/* ---- what happens though all are stuck ---- */

Test(confidence, requests_of_one_who_holds_the_other_end)
{
	struct world *w = reads_from_stuck();

	fixture_process(w, 10, 0, 0);
	fixture_process(w, 20, 0, 0);
	cr_expect_str_eq(fixture_verdict(w), "deadlock proven 20+10");
	w->threads.v[1].bits |= WIRE_URING;
	cr_expect(says(w, "no request that was handed to io_uring wakes it"));
	assert_verdict(w, "deadlock suspect 10; deadlock proven 20");
}

Test(confidence, an_alarm_of_who_holds_the_other_end)
{
	struct world *w = fixture_two_pipes();

	w->threads.v[0].bits |= WIRE_ITIMER;
	cr_expect(says(w, "no timer ends the process that it waits for"));
	assert_verdict(w, "deadlock likely 10 20");
}

/* It ends the waiting thread as well: that is no wake. */
Test(confidence, an_alarm_of_its_own)
{
	struct world *w = fixture_world();

	locks_twice(w, 10);
	w->threads.v[0].bits |= WIRE_ITIMER;
	assert_verdict(w, "deadlock proven 10");
}
