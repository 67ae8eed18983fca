// SPDX-License-Identifier: GPL-2.0-only
/* test_verdict.c - who is stuck, and who only looks so: small worlds and their verdicts.
 *
 * "deadlock proven 10 11+12" reads: threads 10 and 11 are the ring, 12 queues behind. */
#include <criterion/criterion.h>
#include <linux/futex.h>
#include <string.h>

#include "fixture.h"

#define M1 0x10000ull
#define M2 0x20000ull
#define M3 0x30000ull

static void assert_verdict(struct world *w, const char *expected)
{
	const char *got = fixture_verdict(w);

	cr_assert_str_eq(got, expected, "found \"%s\", not \"%s\"", got, expected);
	world_free(w);
}

static void assert_source(struct world *w, __u32 tid, const char *part)
{
	const char *got = fixture_source(w, tid);

	cr_assert(strstr(got, part), "thread %u is \"%s\", not \"%s\"", tid, got, part);
	world_free(w);
}

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
	struct world *w = fixture_world();

	fixture_reads_pipe(w, 10, 10, 77);
	fixture_holds_pipe(w, 20, 77);
	fixture_reads_pipe(w, 20, 20, 78);
	fixture_holds_pipe(w, 10, 78);
	assert_verdict(w, "deadlock proven 10 20");
}

/* Lost wakeups: the word reads free, and nobody is on the way. */

Test(verdict, a_free_lock_and_a_sleeper)
{
	struct world *w = fixture_world();

	fixture_locks(w, 10, 10, M1);
	fixture_mutex(w, 10, M1, 0, 0);
	cr_assert_str_eq(fixture_verdict(w), "lost-wakeup proven 10");
	fixture_thread(w, 11, 10);
	assert_verdict(w, "lost-wakeup likely 10");
}

Test(verdict, a_running_thread_forbids_proof)
{
	struct world *w = fixture_world();

	fixture_locks(w, 10, 10, M1);
	fixture_mutex(w, 10, M1, 0, 0);
	fixture_running(w, 11, 10);
	assert_verdict(w, "lost-wakeup likely 10");
}

Test(verdict, a_stopped_thread_may_be_about_to_wake)
{
	struct world *w = fixture_world();

	fixture_locks(w, 10, 10, M1);
	fixture_mutex(w, 10, M1, 0, 0);
	fixture_thread(w, 11, 10)->bits |= WIRE_STOPPED;
	assert_verdict(w, "lost-wakeup suspect 10");
}

Test(verdict, without_the_kernels_key_it_may_sleep_elsewhere)
{
	struct world *w = fixture_world();
	struct wire_thread *t = fixture_locks(w, 10, 10, M1);

	t->bits &= ~WIRE_FUTEX_KEY;
	t->args[1] = 0; /* FUTEX_WAIT without FUTEX_PRIVATE_FLAG */
	fixture_mutex(w, 10, M1, 0, 0);
	fixture_thread(w, 11, 10);
	assert_verdict(w, "");
}

Test(verdict, a_semaphore_above_zero)
{
	struct world *w = fixture_world();
	__u32 semaphore[16] = { 1, 1, 0 };

	fixture_waits(w, 10, 10, M1, 0)->args[1] |= FUTEX_CLOCK_REALTIME;
	fixture_words(w, 10, M1, semaphore, 16);
	assert_verdict(w, "lost-wakeup proven 10");
}

/* A counter with a number behind it, as Rust's condition variables have: the first
 * notification raises it, and all but one sleep on. */
Test(verdict, a_counter_is_no_semaphore)
{
	struct world *w = fixture_world();
	__u32 counter[16] = { 1, 3, 0 };

	fixture_waits(w, 10, 10, M1, 0);
	fixture_words(w, 10, M1, counter, 16);
	fixture_thread(w, 11, 10);
	assert_verdict(w, "");
}

/* Rust's Mutex<[u32; 3]>: the data behind the word are no owner. */
Test(verdict, data_behind_a_lock_are_no_owner)
{
	struct world *w = fixture_world();
	__u32 data[16] = { 2, 0, 7, 1, 0 };

	fixture_waits(w, 10, 10, M1, 2);
	fixture_words(w, 10, M1, data, 16);
	fixture_thread(w, 11, 10);
	assert_verdict(w, "");
}

/* musl keeps EBUSY, not an owner, in the word of a normal mutex. */
Test(verdict, a_normal_mutex_of_musl_has_no_owner)
{
	struct world *w = fixture_world();
	__u32 mutex[17] = { 0, 0x80000010 };

	fixture_locks(w, 10, 10, M1)->args[2] = 0x80000010;
	fixture_words(w, 10, M1 - 4, mutex, 17);
	fixture_thread(w, 11, 10);
	assert_verdict(w, "");
}

Test(verdict, a_page_fault_may_lie_between_the_store_and_the_wake)
{
	struct world *w = fixture_world();

	fixture_locks(w, 10, 10, M1);
	fixture_mutex(w, 10, M1, 0, 0);
	fixture_thread(w, 11, 10)->bits = 0;
	assert_verdict(w, "lost-wakeup suspect 10");
}

Test(verdict, a_process_that_cannot_be_looked_at_is_not_judged)
{
	struct world *w = two_locked();

	fixture_process(w, 10, 0, PROCESS_UNREADABLE);
	assert_verdict(w, "");
}

/* An NFS client's lock: its owner is a table that no thread here has. */
Test(verdict, a_holder_that_was_not_seen_makes_it_unknown)
{
	struct world *w = fixture_world();

	fixture_reads_pipe(w, 10, 10, 77);
	fixture_holds_pipe(w, 30, 77);
	fixture_waits(w, 11, 10, M1, 1);
	cr_assert_str_eq(fixture_verdict(w), "");
	assert_source(w, 10, "unknown: one who could end the wait was not seen");
}

Test(verdict, a_parent_whose_child_was_not_seen)
{
	struct world *w = fixture_world();
	struct wire_thread *t = fixture_thread(w, 10, 10);

	t->nr = 61; /* wait4 */
	t->args[0] = -1;
	assert_source(w, 10, "unknown: the child that it waits for was not found");
}

Test(verdict, a_shared_word_in_a_file_that_others_may_open)
{
	struct world *w = fixture_world();
	struct wire_thread *t = fixture_waits(w, 10, 10, M1, 1);

	t->key_id = 5;
	t->key_word = 0;
	t->key_offset = 1;
	cr_assert_eq(array_push(&w->mappers, ((struct mapper){ 5, 0, 10, 1 })), 0);
	assert_source(w, 10, "unknown: any process may open the file");
}

Test(verdict, a_word_of_unknown_meaning_may_change)
{
	struct world *w = fixture_world();
	__u32 words[16] = { 5 };

	fixture_waits(w, 10, 10, M1, 1);
	fixture_words(w, 10, M1, words, 16);
	fixture_thread(w, 11, 10);
	assert_verdict(w, "");
}

/* Standstill. */

static struct world *all_wait(__u64 handlers)
{
	struct world *w = fixture_world();

	fixture_joins(w, 10, 10, 11);
	fixture_waits(w, 11, 10, M1, 1);
	fixture_process(w, 10, handlers, 0);
	return w;
}

Test(verdict, nobody_is_left_to_wake)
{
	assert_verdict(all_wait(0), "quiescent proven 11+10");
}

Test(verdict, a_handler_might_post)
{
	assert_verdict(all_wait(1ull << 14), "quiescent suspect 11+10");
}

Test(verdict, handlers_of_faults_wake_nobody)
{
	assert_verdict(all_wait(1ull << 10), "quiescent proven 11+10");
}

Test(verdict, a_timer_with_a_handler_is_a_source)
{
	struct world *w = all_wait(1ull << 13);

	w->threads.v[0].bits |= WIRE_TIMERS;
	w->threads.v[1].bits |= WIRE_TIMERS;
	assert_verdict(w, "");
}

Test(verdict, a_process_that_shares_memory_is_live)
{
	struct world *w = all_wait(0);

	fixture_thread(w, 20, 20)->mm = w->threads.v[0].mm;
	assert_verdict(w, "");
}

Test(verdict, a_shared_word_that_a_live_process_maps)
{
	struct world *w = all_wait(0);
	struct wire_thread *t = &w->threads.v[1];

	t->key_id = 5;
	t->key_word = 0;
	t->key_offset = 1;
	fixture_thread(w, 20, 20);
	cr_assert_eq(array_push(&w->mappers, ((struct mapper){ 5, 0, 10, 0 })), 0);
	cr_assert_eq(array_push(&w->mappers, ((struct mapper){ 5, 0, 20, 0 })), 0);
	assert_verdict(w, "");
}

Test(verdict, a_shared_word_whose_mappers_were_not_all_seen)
{
	struct world *w = all_wait(0);
	struct wire_thread *t = &w->threads.v[1];

	t->key_id = 5;
	t->key_word = 0;
	t->key_offset = 1;
	w->mappers_complete = false;
	cr_assert_str_eq(fixture_verdict(w), "");
	assert_source(w, 11, "unknown: not all processes");
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
