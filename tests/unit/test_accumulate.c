// SPDX-License-Identifier: GPL-2.0-only
/* test_accumulate.c - what is a leak of threads, and what only grows: traps 11 and 26 to 28. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analyze/accumulate.h"
#include "fixture.h"

#define SECOND 1000000000ull
#define WINDOWS 6

/* Twenty threads of process 10 that sleep, made at a site with these floors; so are the
 * floors of the process. */
static struct world *crowd(const __u64 *floors, const __u64 *process_floors)
{
	struct world *w = fixture_world();
	struct site s = { .id = 1, .tgid = 10, .born = 30, .ended = 10, .alive = 20 };

	w->boot_time = FIXTURE_NOW;
	s.floors.window_ns = 600 * SECOND;
	s.floors.n = s.floors.nprocess = WINDOWS;
	memcpy(s.floors.at, floors, WINDOWS * sizeof(*floors));
	memcpy(s.floors.process, process_floors, WINDOWS * sizeof(*floors));
	cr_assert(!array_push(&w->past.sites, s));
	fixture_running(w, 10, 10);
	for (__u32 i = 0; i < 20; i++) {
		struct birth b = { .tid = 20 + i, .creator = 10, .site = 1, .started = i + 1 };

		fixture_thread(w, b.tid, 10)->started = b.started;
		cr_assert(!array_push(&w->past.births, b));
	}
	return w;
}

static const __u64 rising[] = { 2, 5, 8, 11, 14, 17 };
static const __u64 total[] = { 12, 15, 18, 21, 24, 27 };

static const char *verdict_class(struct world *w)
{
	static char text[64];
	const char *all = fixture_verdict(w);

	snprintf(text, sizeof(text), "%.*s", (int)strcspn(all, "0123456789"), all);
	world_free(w);
	return text;
}

Test(accumulate, a_floor_that_only_rises)
{
	cr_expect_str_eq(verdict_class(crowd(rising, total)), "accumulating likely ");
}

Test(accumulate, threads_of_a_go_program_do_not_count)
{
	struct world *w = crowd(rising, total);

	fixture_process(w, 10, 0, PROCESS_GO);
	cr_expect_str_eq(verdict_class(w), "");
}

Test(accumulate, threads_that_poll_count_however_short_they_sleep)
{
	struct world *w = crowd(rising, total);

	for (size_t i = 1; i < w->threads.n; i++) {
		w->threads.v[i].arrived = FIXTURE_NOW - 1;
		w->threads.v[i].nr = 7; /* poll() of one descriptor, for a second */
		w->threads.v[i].args[1] = 1;
		w->threads.v[i].args[2] = 1000;
	}
	cr_expect_str_eq(verdict_class(w), "accumulating likely ");
}

Test(accumulate, workers_that_were_woken_lately)
{
	struct world *w = crowd(rising, total);

	for (size_t i = 1; i < w->threads.n; i++)
		w->threads.v[i].arrived = FIXTURE_NOW - 40 * SECOND;
	cr_expect_str_eq(verdict_class(w), "accumulating suspect ");
}

/* Each worker made for a job, and parked in a place of its own since. */
Test(accumulate, a_pool_that_fills_up)
{
	struct world *w = crowd(rising, total);

	for (size_t i = 1; i < w->threads.n; i++) {
		w->threads.v[i].nr = 202; /* FUTEX_WAIT_PRIVATE */
		w->threads.v[i].args[0] = 0x1000 + 64 * i;
		w->threads.v[i].args[1] = 128;
	}
	cr_expect_str_eq(verdict_class(w), "accumulating suspect ");
}

/* As pools wait for work before they shrink. */
Test(accumulate, workers_that_wait_for_a_minute)
{
	static const __u32 minute[] = { 60, 0, 0, 0 }; /* a struct timespec */
	struct world *w = crowd(rising, total);

	for (size_t i = 1; i < w->threads.n; i++) {
		w->threads.v[i].nr = 202; /* FUTEX_WAIT_PRIVATE, with a timeout */
		w->threads.v[i].args[0] = 0x1000 + 64 * i;
		w->threads.v[i].args[1] = 128;
		w->threads.v[i].args[3] = 0x9000;
		w->threads.v[i].arrived = FIXTURE_NOW - SECOND;
	}
	fixture_words(w, 10, 0x9000, minute, 4);
	cr_expect_str_eq(verdict_class(w), "accumulating suspect ");
}

Test(accumulate, a_pool_that_breathes)
{
	static const __u64 floors[] = { 2, 9, 4, 11, 6, 17 };

	cr_expect_str_eq(verdict_class(crowd(floors, total)), "");
}

Test(accumulate, a_pool_that_was_born_at_once)
{
	static const __u64 floors[] = { 20, 20, 20, 20, 20, 20 };

	cr_expect_str_eq(verdict_class(crowd(floors, floors)), "");
}

Test(accumulate, a_few_threads_more_are_no_leak)
{
	static const __u64 floors[] = { 12, 13, 14, 15, 16, 17 };

	cr_expect_str_eq(verdict_class(crowd(floors, total)), "");
}

Test(accumulate, new_threads_that_take_the_place_of_old_ones)
{
	static const __u64 same[] = { 20, 20, 20, 20, 20, 20 };

	cr_expect_str_eq(verdict_class(crowd(rising, same)), "");
}

/* Not in each short window, but in each of the slow ones. */
Test(accumulate, a_floor_that_rises_slowly)
{
	static const __u64 flat[] = { 16, 16, 16, 17, 17, 17 };
	struct world *w = crowd(flat, flat);
	struct floors *slow = &w->past.sites.v[0].slow;

	slow->window_ns = SITE_SLOW * 600 * SECOND;
	slow->n = slow->nprocess = WINDOWS;
	memcpy(slow->at, rising, sizeof(rising));
	memcpy(slow->process, rising, sizeof(rising));
	cr_expect_float_eq(accumulate_rate(&w->past.sites.v[0]), 15 / (5 * SITE_SLOW * 600.0),
			   1e-9);
	cr_expect_str_eq(verdict_class(w), "accumulating likely ");
}

/* A look takes a while. */
Test(accumulate, a_thread_that_is_born_in_the_look)
{
	struct world *w = crowd(rising, total);
	struct verdicts *v;

	w->past.births.v[3].started = w->threads.v[4].started = FIXTURE_NOW + SECOND;
	world_sort(w);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	cr_assert_eq(v->findings.n, 1);
	cr_expect_leq(v->findings.v[0].age_ns, FIXTURE_NOW);
	cr_expect_eq(v->findings.v[0].youngest_ns, 0);
	verdict_free(v);
	world_free(w);
}

Test(accumulate, threads_that_work)
{
	struct world *w = crowd(rising, total);

	for (size_t i = 0; i < w->threads.n; i += 4)
		w->threads.v[i].bits |= WIRE_RUNNABLE;
	cr_expect_str_eq(verdict_class(w), "accumulating suspect ");
}

Test(accumulate, workers_of_one_queue)
{
	struct world *w = crowd(rising, total);

	for (size_t i = 1; i < w->threads.n; i++) {
		struct world *other = fixture_world();
		struct wire_thread t =
			*fixture_waits(other, w->threads.v[i].head.tid, 10, 0x1000, 5);

		t.started = w->threads.v[i].started;
		w->threads.v[i] = t;
		world_free(other);
	}
	cr_expect_str_eq(verdict_class(w), "accumulating suspect ");
}

Test(accumulate, a_thread_for_each_job)
{
	struct world *w = crowd(rising, total);

	for (size_t i = 1; i < w->threads.n; i++)
		w->threads.v[i].nr = 61; /* wait4() */
	cr_expect_str_eq(verdict_class(w), "accumulating suspect ");
}

Test(accumulate, a_thread_for_each_connection)
{
	struct world *w = crowd(rising, total);

	fixture_process(w, 10, 0, 0);
	w->processes.v[0].sockets = 20;
	cr_expect_str_eq(verdict_class(w), "accumulating suspect ");
}

Test(accumulate, says_how_fast_and_how_long_it_will_last)
{
	struct world *w = crowd(rising, total);
	struct verdicts *v;
	bool found = false;

	w->thread_limit = 1000;
	world_sort(w);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	cr_assert_eq(v->findings.n, 1);
	cr_expect(strstr(v->findings.v[0].reason, "20 live, about 18 more every hour"), "%s",
		  v->findings.v[0].reason);
	for (size_t i = 0; i < v->findings.v[0].evidence.n; i++)
		found |= strstr(v->findings.v[0].evidence.v[i],
				"the host reaches its limit of 1000 threads in 2 days") != NULL;
	cr_expect(found);
	verdict_free(v);
	world_free(w);
}
