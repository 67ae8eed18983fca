// SPDX-License-Identifier: GPL-2.0-only
/* test_verdict.c - who is stuck, and who only looks so: small worlds and their verdicts.
 *
 * "deadlock proven 10 11+12" reads: threads 10 and 11 are the ring, 12 queues behind. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <string.h>

#include "fixture.h"

#define M1 0x10000ull
#define M2 0x20000ull
#define M3 0x30000ull

/* Threads 10 and 11 of process 10 own M1 and M2 and wait for the other's. */
static struct world *two_locked(void)
{
	struct world *w = fixture_world();

	fixture_locks(w, 10, 10, M2);
	fixture_locks(w, 11, 10, M1);
	fixture_mutex(w, 10, M1, 2, 10);
	fixture_mutex(w, 10, M2, 2, 11);
	return w;
}

Test(verdict, a_ring_of_two)
{
	assert_verdict(two_locked(), "deadlock proven 10 11");
}

Test(verdict, a_live_thread_beside_does_not_matter)
{
	struct world *w = two_locked();

	fixture_running(w, 12, 10);
	assert_verdict(w, "deadlock proven 10 11");
}

Test(verdict, a_lock_held_by_its_own_waiter)
{
	struct world *w = fixture_world();

	fixture_locks(w, 10, 10, M1);
	fixture_mutex(w, 10, M1, 2, 10);
	assert_verdict(w, "deadlock proven 10");
}

Test(verdict, a_live_thread_might_unlock_what_it_does_not_own)
{
	struct world *w = fixture_world();

	fixture_locks(w, 10, 10, M1);
	fixture_mutex(w, 10, M1, 2, 10);
	fixture_thread(w, 11, 10);
	assert_verdict(w, "deadlock likely 10");
}

Test(verdict, nobody_else_unlocks_an_error_checking_mutex)
{
	struct world *w = fixture_world();
	__u32 mutex[16] = { 2, 0, 10, 1, 2 };

	fixture_locks(w, 10, 10, M1);
	fixture_words(w, 10, M1, mutex, 16);
	fixture_thread(w, 11, 10);
	assert_verdict(w, "deadlock proven 10");
}

Test(verdict, queue_and_join_behind_a_ring)
{
	struct world *w = two_locked();

	fixture_locks(w, 12, 10, M1);
	fixture_joins(w, 13, 10, 11);
	assert_verdict(w, "deadlock proven 10 11+12 13");
}

Test(verdict, an_idle_pool_is_behind_the_ring_when_nobody_else_is_live)
{
	struct world *w = two_locked();

	fixture_waits(w, 12, 10, M3, 0);
	fixture_process(w, 10, 0, 0);
	assert_verdict(w, "deadlock proven 10 11+12");
}

Test(verdict, an_idle_pool_beside_a_ring_with_a_live_thread)
{
	struct world *w = two_locked();

	fixture_waits(w, 12, 10, M3, 0);
	fixture_thread(w, 13, 10);
	assert_verdict(w, "deadlock proven 10 11");
}

Test(verdict, a_young_member_spares_the_ring)
{
	struct world *w = two_locked();

	w->threads.v[1].arrived = FIXTURE_NOW - FIXTURE_THRESHOLD / 2;
	assert_verdict(w, "");
}

Test(verdict, a_stopped_member_spares_the_ring)
{
	struct world *w = two_locked();

	w->threads.v[1].bits |= WIRE_STOPPED;
	assert_verdict(w, "");
}

Test(verdict, a_frozen_process_is_not_stuck)
{
	struct world *w = two_locked();

	w->threads.v[0].bits |= WIRE_FROZEN;
	w->threads.v[1].bits |= WIRE_FROZEN;
	assert_verdict(w, "");
}

Test(verdict, an_exiting_process_is_not_stuck)
{
	struct world *w = two_locked();

	w->threads.v[0].bits |= WIRE_EXITING;
	w->threads.v[1].bits |= WIRE_EXITING;
	assert_verdict(w, "");
}

Test(verdict, memory_that_was_not_read_is_no_evidence)
{
	struct world *w = fixture_world();

	fixture_locks(w, 10, 10, M2);
	fixture_locks(w, 11, 10, M1);
	fixture_mutex(w, 10, M1, 2, 10);
	fixture_thread(w, 12, 10);
	assert_verdict(w, "");
}

/* Traps 1, 2, 3, 5 and their kin. */

Test(verdict, an_idle_pool_with_a_live_main)
{
	struct world *w = fixture_world();

	fixture_thread(w, 10, 10);
	fixture_waits(w, 11, 10, M1, 0);
	fixture_waits(w, 12, 10, M1, 0);
	cr_assert_str_eq(fixture_verdict(w), "");
	assert_source(w, 12, "idle: a thread that shares the futex: t10 [10], which waits for a");
}

Test(verdict, mutexes_that_a_live_thread_holds_on_purpose)
{
	struct world *w = fixture_world();

	fixture_thread(w, 10, 10);
	fixture_locks(w, 11, 10, M1);
	fixture_mutex(w, 10, M1, 2, 10);
	cr_assert_str_eq(fixture_verdict(w), "");
	assert_source(w, 11, "idle: the lock's owner: t10 [10]");
}

Test(verdict, threads_of_a_go_process_are_never_judged)
{
	struct world *w = two_locked();

	fixture_process(w, 10, 0, PROCESS_GO);
	assert_verdict(w, "");
}

Test(verdict, a_join_is_as_live_as_the_thread_it_joins)
{
	struct world *w = fixture_world();

	fixture_joins(w, 10, 10, 11);
	fixture_thread(w, 11, 10);
	assert_verdict(w, "");
}

Test(verdict, a_lock_without_an_owner_waits_for_all)
{
	struct world *w = fixture_world();
	__u32 words[16] = { 2 };

	fixture_waits(w, 10, 10, M1, 2);
	fixture_words(w, 10, M1, words, 16);
	fixture_thread(w, 11, 10);
	cr_assert_str_eq(fixture_verdict(w), "");
	assert_source(w, 10, "idle: a thread that shares the futex");
}

/* Orphans. */

Test(verdict, the_owner_has_ended)
{
	struct world *w = fixture_world();

	fixture_locks(w, 10, 10, M1);
	fixture_mutex(w, 10, M1, 2, 99);
	cr_assert_str_eq(fixture_verdict(w), "orphaned proven 10");
	fixture_thread(w, 11, 10);
	assert_verdict(w, "orphaned likely 10");
}

Test(verdict, another_process_might_unlock_what_it_shares)
{
	struct world *w = fixture_world();
	struct wire_thread *t = fixture_locks(w, 10, 10, M1);

	t->key_id = 5;
	t->key_word = 0;
	t->key_offset |= 1;
	fixture_mutex(w, 10, M1, 2, 99);
	cr_assert_eq(array_push(&w->mappers, ((struct mapper){ 5, 0, 10, 0 })), 0);
	assert_verdict(w, "orphaned likely 10");
}

Test(verdict, an_owner_that_no_pid_can_be_is_none)
{
	struct world *w = fixture_world();

	fixture_locks(w, 10, 10, M1);
	fixture_mutex(w, 10, M1, 2, 0x7fffffff);
	fixture_thread(w, 11, 10);
	assert_verdict(w, "");
}

Test(verdict, an_owner_in_another_process_does_not_count)
{
	struct world *w = fixture_world();

	fixture_locks(w, 10, 10, M1);
	fixture_mutex(w, 10, M1, 2, 20);
	fixture_thread(w, 20, 20);
	assert_verdict(w, "orphaned proven 10");
}

Test(verdict, a_pipe_whose_write_end_only_the_reader_holds)
{
	struct world *w = fixture_world();

	fixture_reads_pipe(w, 10, 10, 77);
	fixture_holds_pipe(w, 10, 77);
	fixture_process(w, 10, 0, 0);
	assert_verdict(w, "orphaned proven 10");
}

Test(verdict, a_self_pipe_that_a_handler_may_write_to)
{
	struct world *w = fixture_world();

	fixture_reads_pipe(w, 10, 10, 77);
	fixture_holds_pipe(w, 10, 77);
	fixture_process(w, 10, 1ull << 14, 0); /* SIGTERM */
	assert_verdict(w, "orphaned suspect 10");
}

/* The thread that waits for signals is joined, or holds a lock that others want. */
static struct world *self_pipe_joined(__u64 handlers)
{
	struct world *w = fixture_world();

	fixture_joins(w, 10, 10, 11);
	fixture_reads_pipe(w, 11, 10, 77);
	fixture_holds_pipe(w, 10, 77);
	fixture_process(w, 10, handlers, 0);
	return w;
}

Test(verdict, a_self_pipe_whose_reader_is_joined)
{
	assert_verdict(self_pipe_joined(0), "deadlock proven 10 11");
	assert_verdict(self_pipe_joined(1ull << 14), "deadlock suspect 10 11");
	assert_verdict(self_pipe_joined(1ull << 1), "deadlock suspect 10 11");
}

/* No handler makes room in a pipe: of two threads each writes what the other does not read. */
Test(verdict, full_pipes_of_one_process)
{
	struct world *w = fixture_world();

	for (__u32 tid = 10; tid < 12; tid++) {
		fixture_reads_pipe(w, tid, 10, 67 + tid)->nr = 1; /* write() */
		fixture_holds_pipe(w, 10, 67 + tid);
		w->fds.v[w->fds.n - 1].flags = O_RDONLY;
	}
	fixture_process(w, 10, 1ull << 14, 0);
	assert_verdict(w, "deadlock proven 10+11");
}

/* A master reads its self-pipe, and a worker that has inherited that a pipe of jobs. */
static struct world *prefork(__u64 handlers)
{
	struct world *w = fixture_world();

	fixture_reads_pipe(w, 10, 10, 77);
	fixture_holds_pipe(w, 10, 77);
	fixture_holds_pipe(w, 20, 77);
	fixture_reads_pipe(w, 20, 20, 78);
	fixture_holds_pipe(w, 10, 78);
	fixture_process(w, 10, handlers, 0);
	fixture_process(w, 20, 0, 0);
	return w;
}

Test(verdict, a_self_pipe_that_others_inherited)
{
	assert_verdict(prefork(0), "deadlock proven 10+20");
	assert_verdict(prefork(1ull << 14), "deadlock suspect 10+20");
	assert_verdict(prefork(1ull << 1), "deadlock likely 10+20");
}

static struct world *two_pipes(__u64 handlers)
{
	struct world *w = fixture_two_pipes();

	w->processes.v[1].handlers = handlers;
	return w;
}

/* Each has inherited the other's end as well, as with Python's multiprocessing.Pipe(). */
static struct world *inherited_pipes(__u64 handlers)
{
	struct world *w = two_pipes(handlers);

	fixture_holds_pipe(w, 10, 77);
	fixture_holds_pipe(w, 20, 78);
	w->processes.v[0].handlers = handlers;
	return w;
}

Test(verdict, a_ring_through_pipes_that_were_inherited)
{
	assert_verdict(inherited_pipes(0), "deadlock proven 10+20");
	assert_verdict(inherited_pipes(1ull << 1), "deadlock likely 10+20"); /* any interpreter */
	assert_verdict(inherited_pipes(1ull << 14), "deadlock suspect 10+20");
}

Test(verdict, a_pipe_that_a_live_process_can_write_to)
{
	struct world *w = fixture_world();

	fixture_reads_pipe(w, 10, 10, 77);
	fixture_holds_pipe(w, 10, 77);
	fixture_holds_pipe(w, 20, 77);
	fixture_thread(w, 20, 20);
	assert_verdict(w, "");
}

Test(verdict, a_write_end_in_flight_makes_it_unknown)
{
	struct world *w = fixture_world();

	fixture_reads_pipe(w, 10, 10, 77);
	fixture_holds_pipe(w, 10, 77);
	w->fds.v[0].refs++;
	cr_assert_str_eq(fixture_verdict(w), "");
	assert_source(w, 10, "unknown: another end may be in flight");
}

Test(verdict, descriptors_that_were_not_walked_make_it_unknown)
{
	struct world *w = fixture_world();

	fixture_reads_pipe(w, 10, 10, 77);
	fixture_holds_pipe(w, 10, 77);
	w->fds_complete = false;
	assert_source(w, 10, "unknown: the descriptors of the host");
}

Test(verdict, a_ring_through_two_pipes)
{
	assert_verdict(two_pipes(0), "deadlock proven 10 20");
}

/* SIGINT, of any interpreter, is for people; SIGUSR1 may be part of the work. */
Test(verdict, a_handler_may_break_a_ring_of_pipes)
{
	assert_verdict(two_pipes(1ull << 1), "deadlock proven 10 20");
	assert_verdict(two_pipes(1ull << 9), "deadlock likely 10 20");
}

Test(verdict, a_handler_that_may_break_a_ring_is_named)
{
	struct world *w = two_pipes(1ull << 9);
	struct verdicts *v;
	bool named = false;

	world_sort(w);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	cr_assert_eq(v->findings.n, 1);
	for (size_t i = 0; i < v->findings.v[0].evidence.n; i++)
		named |= strstr(v->findings.v[0].evidence.v[i], "catches signals 10") != NULL;
	cr_expect(named);
	verdict_free(v);
	world_free(w);
}

Test(verdict, io_uring_may_break_a_ring_of_pipes)
{
	struct world *w = two_pipes(0);

	w->threads.v[0].bits |= WIRE_URING;
	assert_verdict(w, "deadlock suspect 10 20");
}

Test(verdict, a_process_that_cannot_be_looked_at_is_not_judged)
{
	struct world *w = two_locked();

	fixture_process(w, 10, 0, PROCESS_UNREADABLE);
	assert_verdict(w, "");
}

Test(verdict, a_zombie_leader_is_nobody)
{
	struct world *w = two_locked();
	struct wire_thread *t = fixture_thread(w, 9, 10);

	t->bits = WIRE_ZOMBIE;
	t->mm = t->files = 0;
	t->nr = -1;
	assert_verdict(w, "deadlock proven 10 11");
}
