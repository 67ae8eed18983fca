// SPDX-License-Identifier: GPL-2.0-only
/* test_verdict_standstill.c - lost wakeups and standstills, and what only looks like them. */
#include <criterion/criterion.h>
#include <linux/futex.h>

#include "fixture.h"

#define M1 0x10000ull

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

/* What looks like a lock or a barrier may be a flag that a handler sets. */
Test(verdict, a_handler_might_wake_what_is_only_guessed)
{
	static const __u32 lock[16] = { 2 }, barrier[5] = { 1, 0, 4 };
	struct world *w = all_wait(1ull << 14);

	w->threads.v[1].args[2] = 2;
	fixture_words(w, 10, M1, lock, 16);
	assert_verdict(w, "quiescent suspect 11+10");
	w = all_wait(1ull << 14);
	w->threads.v[1].args[1] = FUTEX_WAIT_PRIVATE;
	w->threads.v[1].args[2] = 0;
	fixture_words(w, 10, M1 - 4, barrier, 5);
	assert_verdict(w, "quiescent suspect 11+10");
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

/* They run while the thread that made them sleeps. */
Test(verdict, requests_in_io_uring_may_wake)
{
	struct world *w = all_wait(0);

	w->threads.v[1].bits |= WIRE_URING;
	assert_verdict(w, "quiescent suspect 11+10");
}

Test(verdict, a_process_that_shares_memory_is_live)
{
	struct world *w = all_wait(0);
	const __u64 mm = w->threads.v[0].mm;

	fixture_thread(w, 20, 20)->mm = mm;
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
