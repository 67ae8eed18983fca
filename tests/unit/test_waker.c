// SPDX-License-Identifier: GPL-2.0-only
/* test_waker.c - whether the owner that a lock records is the one who has its id. */
#include <criterion/criterion.h>
#include <string.h>

#include "fixture.h"

#define M1 0x10000ull
#define PAGE 77ull /* a shared one that M1 lies in */

/* Thread 11 of process 10 waits for a mutex that records an owner. */
static struct world *owned(__u32 owner)
{
	struct world *w = fixture_world();

	fixture_thread(w, 10, 10);
	fixture_locks(w, 11, 10, M1);
	fixture_mutex(w, 10, M1, 2, owner);
	return w;
}

/* The same in memory that process 20 maps too. */
static struct world *shared(__u32 owner, __u32 open)
{
	const __u32 mutex[16] = { 2, 0, owner, 1, 128 };
	struct world *w = fixture_world();
	struct wire_thread *t;

	fixture_thread(w, 10, 10);
	fixture_thread(w, 20, 20);
	fixture_thread(w, 30, 30);
	t = fixture_locks(w, 11, 10, M1);
	t->args[1] = 0; /* FUTEX_WAIT */
	t->key_id = PAGE;
	t->key_word = 0;
	t->key_offset |= 1;
	fixture_words(w, 10, M1, mutex, 16);
	cr_assert_eq(array_push(&w->mappers, ((struct mapper){ PAGE, 0, 10, open })), 0);
	cr_assert_eq(array_push(&w->mappers, ((struct mapper){ PAGE, 0, 20, open })), 0);
	return w;
}

Test(waker, who_was_made_by_hand_may_be_the_owner)
{
	struct world *w = owned(99);

	w->threads.v[0].cleartid = 0;
	assert_source(w, 11, "unknown: a thread was made by clone(2) itself");
	w = owned(10); /* its maker's id is that of another here only by chance */
	w->threads.v[1].cleartid = 0;
	fixture_thread(w, 1, 1);
	assert_source(w, 11, "idle: the lock's owner");
	w = owned(10); /* small numbers, in two namespaces: only of a process of its own */
	w->threads.v[1].cleartid = 0;
	fixture_thread(w, 1, 1)->ns_inum = 2;
	cr_assert(strstr(fixture_source(w, 11), "idle: the lock's owner"));
	w->threads.v[2].tgid = 11; /* sorted by now */
	assert_source(w, 11, "unknown: a thread was made by clone(2) itself");
	w = shared(10, 0);
	w->threads.v[1].cleartid = 0;
	assert_source(w, 11, "unknown: a thread was made by clone(2) itself");
}

/* Nothing is known of them: that they have no word to clear says nothing. */
Test(waker, who_was_just_born_or_ends_was_not_made_by_hand)
{
	struct world *w = owned(99);
	struct wire_thread *t = fixture_running(w, 12, 10);

	t->cleartid = t->ns_tid = t->ns_tgid = 0;
	assert_verdict(w, "orphaned likely 11");
	w = owned(99);
	t = fixture_running(w, 12, 10);
	t->cleartid = 0;
	t->bits |= WIRE_EXITING;
	assert_verdict(w, "orphaned likely 11");
}

/* In a container, where ids are small: 17 was a thread of the parent, 15, and has ended. */
Test(waker, a_lock_of_a_thread_of_the_parent_that_ended)
{
	struct world *w = fixture_world();

	fixture_thread(w, 15, 15);
	fixture_locks(w, 20, 20, M1)->ppid = 15;
	fixture_mutex(w, 20, M1, 2, 17);
	assert_verdict(w, "orphaned proven 20");
	w = fixture_world();
	fixture_thread(w, 15, 15);
	fixture_locks(w, 20, 20, M1)->ppid = 15;
	fixture_mutex(w, 20, M1, 2, 14); /* who never was in either */
	assert_verdict(w, "quiescent suspect 20");
}

Test(waker, a_thread_pointer_of_two_is_no_owner)
{
	struct world *w = owned(11);

	w->threads.v[1].tls = 0x7000;
	cr_assert_str_eq(fixture_verdict(w), "deadlock likely 11");
	w->threads.v[0].tls = 0x7000;
	assert_source(w, 11, "unknown: its owner has its thread pointer in common");
}

Test(waker, an_id_of_one_namespace_means_nothing_in_another)
{
	struct world *w = shared(11, 0);

	cr_assert_str_eq(fixture_verdict(w), "deadlock likely 11");
	w->threads.v[1].ns_inum = 2; /* of process 20 */
	assert_source(w, 11, "unknown: the owner may be of another pid namespace");
}

Test(waker, an_owner_may_map_a_file_again)
{
	assert_verdict(shared(99, 1), "orphaned likely 11");
	assert_verdict(shared(30, 0), "orphaned likely 11");
	assert_source(shared(30, 1), 11, "unknown: its owner may have the page mapped only");
}
