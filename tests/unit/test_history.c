// SPDX-License-Identifier: GPL-2.0-only
/* test_history.c - what a daemon remembers: births and deaths, also those it was not told
 * of; waits that were interrupted; populations, window by window. */
#include <criterion/criterion.h>
#include <linux/futex.h>

#include "analyze/accumulate.h"
#include "analyze/history.h"
#include "analyze/sites.h"
#include "fixture.h"

#define SECOND 1000000000ull
#define WINDOW (10 * SECOND)
#define WORD 0x1000ull

static struct history *h;

static void setup(void)
{
	h = history_new(0, WINDOW);
	cr_assert(h);
}

static void teardown(void)
{
	history_free(h);
}

TestSuite(history, .init = setup, .fini = teardown);

static void born(__u32 tid, __u32 tgid, __u64 started, __u64 site)
{
	struct wire_birth b = {
		.head = { WIRE_BIRTH, sizeof(b), tid },
		.tgid = tgid,
		.creator = tgid,
		.creator_tgid = tgid,
		.started = started,
		.site = site,
	};

	cr_assert_eq(history_event(h, &b.head), 0);
}

static void died(__u32 tid, __u32 tgid, __u64 started, __u64 time)
{
	struct wire_death d = {
		.head = { WIRE_DEATH, sizeof(d), tid },
		.tgid = tgid,
		.started = started,
		.time = time,
	};

	cr_assert_eq(history_event(h, &d.head), 0);
}

/* A look at now, in the fixture's world (scheduler's clock and boot time are one). */
static struct world *world_at(__u64 now)
{
	struct world *w = fixture_world();

	w->now = w->boot_time = now;
	return w;
}

static void look(struct world *w)
{
	struct history_watch watch = {};

	world_sort(w);
	cr_assert_eq(history_look(h, w, &watch), 0);
	array_free(&watch.keys);
	cr_assert_eq(history_fill(h, w, false), 0);
}

static const struct site *only_site(const struct world *w)
{
	cr_assert_eq(w->past.sites.n, 1);
	return &w->past.sites.v[0];
}

Test(history, births_and_deaths)
{
	struct world *w = world_at(20 * SECOND);

	fixture_thread(w, 10, 10);
	fixture_thread(w, 12, 10)->started = 2;
	born(11, 10, 1, 77);
	born(12, 10, 2, 77);
	died(11, 10, 1, 1 + 5000000);
	look(w);
	cr_expect_eq(only_site(w)->born, 2);
	cr_expect_eq(only_site(w)->ended, 1);
	cr_expect_eq(only_site(w)->alive, 1);
	cr_assert_eq(w->past.births.n, 1);
	cr_expect_eq(w->past.births.v[0].tid, 12);
	cr_expect_eq(w->past.births.v[0].creator, 10);
	cr_expect_eq(w->past.births.v[0].site, 1);
	world_free(w);
}

Test(history, a_death_that_was_lost_is_seen_at_the_second_look)
{
	struct world *w;

	born(10, 10, 0, 0);
	born(11, 10, 1, 77);
	for (int i = 1; i <= 3; i++) {
		w = world_at(i * SECOND);
		fixture_thread(w, 10, 10);
		look(w);
		cr_expect_eq(only_site(w)->alive, i == 1);
		if (i < 3)
			world_free(w);
	}
	cr_expect_eq(w->past.births.n, 0);
	world_free(w);
}

Test(history, a_birth_that_was_lost_is_a_thread_of_no_site)
{
	struct world *w = world_at(SECOND);

	fixture_thread(w, 10, 10);
	fixture_thread(w, 11, 10);
	look(w);
	cr_expect_eq(w->past.sites.n, 0);
	cr_expect_eq(w->past.births.n, 0);
	world_free(w);
}

Test(history, a_tid_is_used_again)
{
	struct world *w = world_at(SECOND);

	born(10, 10, 0, 0);
	born(11, 10, 1, 77);
	born(11, 10, 5, 77); /* the first one's death was lost */
	fixture_thread(w, 11, 10)->started = 5;
	look(w);
	cr_expect_eq(only_site(w)->born, 2);
	cr_expect_eq(only_site(w)->alive, 1);
	world_free(w);
}

Test(history, exec_forgets_sites_also_when_deaths_were_lost)
{
	struct wire_exec e = { .head = { WIRE_EXEC, sizeof(e), 10 }, .tgid = 10, .old = 11 };
	struct world *w = world_at(SECOND);

	born(11, 10, 1, 77);
	born(12, 10, 2, 77);
	cr_assert_eq(history_event(h, &e.head), 0);
	died(12, 10, 2, 3);
	fixture_thread(w, 10, 10);
	look(w);
	cr_expect_eq(w->past.sites.n, 0);
	world_free(w);
}

Test(history, a_process_that_ends_takes_its_sites_with_it)
{
	struct world *w = world_at(SECOND);

	born(11, 10, 1, 77);
	died(11, 10, 1, 3);
	look(w);
	cr_expect_eq(w->past.sites.n, 0);
	world_free(w);
}

Test(history, floors_are_the_lowest_between_looks_too)
{
	struct world *w;

	for (__u32 i = 0; i < 6; i++)
		born(20 + i, 10, 1, 77);
	w = world_at(WINDOW);
	for (__u32 i = 0; i < 6; i++)
		fixture_thread(w, 20 + i, 10)->started = 1;
	look(w);
	cr_expect_eq(only_site(w)->floors.n, 0); /* the first was not a whole window */
	world_free(w);
	died(20, 10, 1, WINDOW + 1);
	died(21, 10, 1, WINDOW + 1);
	born(30, 10, WINDOW + 2, 77);
	born(31, 10, WINDOW + 2, 77);
	w = world_at(2 * WINDOW);
	for (__u32 i = 2; i < 6; i++)
		fixture_thread(w, 20 + i, 10)->started = 1;
	fixture_thread(w, 30, 10)->started = WINDOW + 2;
	fixture_thread(w, 31, 10)->started = WINDOW + 2;
	look(w);
	cr_assert_eq(only_site(w)->floors.n, 1);
	cr_expect_eq(only_site(w)->floors.at[0], 4);
	cr_expect_eq(only_site(w)->alive, 6);
	cr_expect_eq(only_site(w)->floors.nprocess, 1);
	cr_expect_eq(only_site(w)->floors.process[0], 4);
	world_free(w);
}

/* One thread more every other window: only the slow windows see that their number rises. */
Test(history, what_grows_slowly_shows_in_slow_windows)
{
	enum { SLOW = 7 };
	const __u32 last = SLOW * SITE_SLOW;
	struct world *w = NULL;

	for (__u32 window = 1; window <= last; window++) {
		if (window % 2)
			born(20 + window, 10, window * WINDOW - 2, 77);
		world_free(w);
		w = world_at(window * WINDOW);
		for (__u32 i = 1; i <= window; i += 2)
			fixture_thread(w, 20 + i, 10)->started = i * WINDOW - 2;
		look(w);
	}
	cr_expect_eq(only_site(w)->floors.n, SITE_WINDOWS);
	cr_expect_eq(only_site(w)->slow.n, SLOW - 1); /* the first was not a whole window */
	cr_expect_eq(only_site(w)->slow.window_ns, SITE_SLOW * WINDOW);
	cr_expect_eq(only_site(w)->slow.nprocess, SLOW - 1);
	for (__u32 i = 0; i < SLOW - 1; i++)
		cr_expect_eq(only_site(w)->slow.at[i], (i + 1) * SITE_SLOW / 2, "%llu in %u",
			     only_site(w)->slow.at[i], i);
	cr_expect(accumulate_rises(only_site(w)));
	cr_expect_float_eq(accumulate_rate(only_site(w)) * WINDOW / SECOND, 0.5, 0.001);
	world_free(w);
}

/* Looks come when they come: a rate is over the time that really passed. */
Test(history, windows_that_end_late)
{
	static const __u64 ends[] = { 10, 21, 30, 49, 51 }; /* in tenths of a window */
	struct world *w = NULL;

	born(20, 10, 1, 77);
	for (int i = 0; i < 5; i++) {
		world_free(w);
		w = world_at(ends[i] * WINDOW / 10);
		fixture_thread(w, 20, 10)->started = 1;
		look(w);
	}
	/* The windows: 0 to 1, 1 to 2.1, 2.1 to 4.9; the last look ends none. */
	cr_assert_eq(only_site(w)->floors.n, 2);
	cr_expect_eq(only_site(w)->floors.window_ns, 11 * WINDOW / 10);
	world_free(w);
}

/* A look at a thread that began to wait on WORD at the time given; woken is when somebody
 * last woke the word, 0: nobody since it is watched. */
static struct world *waiting(__u64 now, __u64 began, __u64 woken, bool watched)
{
	struct world *w = world_at(now);
	struct wire_thread *t = fixture_waits(w, 11, 10, WORD, 5);
	struct word word = { .key = { t->mm, WORD }, .seen = { .since = 1, .last = woken } };

	t->arrived = t->accounted = began;
	t->switches = began;
	if (watched)
		cr_assert(!array_push(&w->past.words, word));
	look(w);
	return w;
}

static __u64 age_of(const struct world *w)
{
	return world_age(w, world_thread(w, 11)) / SECOND;
}

Test(history, a_wait_that_was_interrupted_goes_on)
{
	struct world *w = waiting(20 * SECOND, 10 * SECOND, 0, true);

	cr_expect_eq(age_of(w), 10);
	world_free(w);
	w = waiting(30 * SECOND, 29 * SECOND, 0, true);
	cr_expect_eq(age_of(w), 20);
	world_free(w);
	w = waiting(40 * SECOND, 39 * SECOND, 0, true);
	cr_expect_eq(age_of(w), 30);
	world_free(w);
}

Test(history, a_wait_that_was_not_interrupted_needs_no_stitch)
{
	struct world *w = waiting(20 * SECOND, 10 * SECOND, 0, true);

	world_free(w);
	w = world_at(30 * SECOND);
	w->now -= 1000; /* the clocks are read one after the other */
	struct wire_thread *t = fixture_waits(w, 11, 10, WORD, 5);

	t->arrived = t->accounted = t->switches = 10 * SECOND;
	look(w);
	cr_expect_eq(w->past.stitches.n, 0);
	world_free(w);
}

/* The clock of waits stands still meanwhile, boot time does not. */
Test(history, a_suspended_host_is_not_waited_for)
{
	const __u64 asleep = 3600 * SECOND;
	struct world *w = world_at(20 * SECOND);

	w->mono_time = w->boot_time;
	cr_expect_not(history_slept(h, w));
	world_free(w);
	world_free(waiting(20 * SECOND, 10 * SECOND, 0, true));
	w = world_at(30 * SECOND);
	w->mono_time = w->boot_time + 1000; /* it was read a little later */
	cr_expect_not(history_slept(h, w));
	w->boot_time += asleep;
	cr_expect(history_slept(h, w));
	cr_expect_not(history_slept(h, w), "said once");
	world_free(w);
	w = waiting(40 * SECOND + asleep, 39 * SECOND + asleep, 0, true);
	cr_expect_eq(age_of(w), 1);
	world_free(w);
}

Test(history, a_wake_ends_a_wait)
{
	world_free(waiting(20 * SECOND, 10 * SECOND, 0, true));
	struct world *w = waiting(30 * SECOND, 29 * SECOND, 28 * SECOND, true);

	cr_expect_eq(age_of(w), 1);
	world_free(w);
}

Test(history, a_word_that_is_not_watched_may_have_been_woken)
{
	world_free(waiting(20 * SECOND, 10 * SECOND, 0, false));
	struct world *w = waiting(30 * SECOND, 29 * SECOND, 0, false);

	cr_expect_eq(age_of(w), 1);
	world_free(w);
}

Test(history, a_waker_that_is_gone_stays_gone)
{
	struct word word = { .key = { 7, WORD }, .seen = { .wakes = 1 } };
	__u64 first = 0;

	word.seen.wakers[0] = (struct wire_waker){ .tid = 99, .started = 1, .count = 1 };
	for (int i = 1; i <= 2; i++) {
		struct world *w = world_at(i * SECOND);

		cr_assert(!array_push(&w->past.words, word));
		look(w);
		cr_assert_eq(w->past.words.n, 1);
		first = first ? first : w->past.words.v[0].ended[0];
		cr_expect_eq(w->past.words.v[0].ended[0], first);
		world_free(w);
	}
	cr_expect_eq(first, SECOND);
}

/* Whether the first waker, of thread 11 that started at 5 s and last
 * woke at 8 s, counts as gone. */
static bool counts_as_gone(__u64 recorded, __u64 alive)
{
	struct word word = { .key = { 7, WORD }, .seen = { .wakes = 1 } };
	struct world *w = world_at(20 * SECOND);
	bool gone;

	word.seen.wakers[0] = (struct wire_waker){
		.tid = 11,
		.started = recorded * SECOND,
		.count = 1,
		.last = 8 * SECOND,
	};
	fixture_thread(w, 11, 10)->started = alive * SECOND;
	cr_assert(!array_push(&w->past.words, word));
	look(w);
	cr_assert_eq(w->past.words.n, 1);
	gone = w->past.words.v[0].ended[0];
	world_free(w);
	return gone;
}

Test(history, a_waker_whose_number_was_given_to_another_is_gone)
{
	cr_expect_not(counts_as_gone(5, 5));
	cr_expect(counts_as_gone(5, 9));
}

/* Two threads that are the first to wake at once may be noted as one. */
Test(history, a_waker_that_is_noted_wrongly_is_not_gone)
{
	cr_expect_not(counts_as_gone(6, 5));
}

/* How many words are to be watched after a look at a thread that has just begun to wait. */
static size_t watched_at(__u64 now, __u64 addr, __u64 switches)
{
	struct world *w = world_at(now);
	struct wire_thread *t = fixture_waits(w, 11, 10, addr, 5);
	struct history_watch watch = {};
	size_t n;

	t->arrived = t->accounted = now - SECOND / 10;
	t->switches = switches;
	world_sort(w);
	cr_assert_eq(history_look(h, w, &watch), 0);
	n = watch.keys.n;
	array_free(&watch.keys);
	world_free(w);
	return n;
}

Test(history, a_word_that_it_comes_back_to_is_watched)
{
	cr_expect_eq(watched_at(20 * SECOND, WORD, 100), 0);
	cr_expect_eq(watched_at(22 * SECOND, WORD + 4, 120), 1);
	cr_expect_eq(watched_at(24 * SECOND, WORD, 140), 1);
	cr_expect_eq(watched_at(26 * SECOND, WORD + 8, 160), 0);
}

Test(history, a_word_that_is_woken_all_the_time_is_not_watched)
{
	cr_expect_eq(watched_at(20 * SECOND, WORD, 100), 0);
	cr_expect_eq(watched_at(22 * SECOND, WORD, 100000), 0);
	cr_expect_eq(watched_at(24 * SECOND, WORD, 200000), 0);
}

/* No hook sees how such a lock is passed on: that nobody woke the word says nothing. */
Test(history, a_lock_that_the_kernel_hands_over_is_not_watched)
{
	struct world *w = world_at(20 * SECOND);
	struct wire_thread *t = fixture_waits(w, 11, 10, WORD, 0);
	struct history_watch watch = {};

	t->args[1] = FUTEX_LOCK_PI | FUTEX_PRIVATE_FLAG;
	t->arrived = t->accounted = 10 * SECOND;
	world_sort(w);
	cr_assert_eq(history_look(h, w, &watch), 0);
	cr_expect_eq(watch.keys.n, 0);
	array_free(&watch.keys);
	world_free(w);
}

/* Sites that had one thread each; alive: which lives on. */
static void make_sites(__u32 n, bool alive)
{
	for (__u32 i = 1; i <= n; i++) {
		born(100 + i, 10, i, 1000 + i);
		if (!alive)
			died(100 + i, 10, i, i);
	}
}

Test(history, the_sites_used_last_the_longest_ago_make_room)
{
	struct world *w = world_at(SECOND);

	born(10, 10, 0, 0);
	born(11, 10, 0, 7);
	make_sites(3 * SITES_MAX, false);
	fixture_thread(w, 10, 10);
	look(w);
	cr_assert_leq(w->past.sites.n, SITES_MAX);
	cr_expect_geq(w->past.sites.n, SITES_MAX / 2);
	cr_expect_eq(w->past.sites.v[0].alive, 1, "whose thread lives");
	cr_expect_eq(w->past.sites.v[w->past.sites.n - 1].since, 3 * SITES_MAX, "the newest");
	world_free(w);
}

Test(history, where_all_sites_have_threads_there_is_no_room)
{
	struct world *w = world_at(SECOND);

	born(10, 10, 0, 0);
	make_sites(SITES_MAX, true);
	born(11, 10, SITES_MAX + 1, 7);
	died(101, 10, 1, SITES_MAX + 2);
	born(12, 10, SITES_MAX + 3, 8);
	fixture_thread(w, 10, 10);
	look(w);
	cr_assert_eq(w->past.sites.n, SITES_MAX);
	cr_expect_eq(w->past.sites.v[SITES_MAX - 1].since, SITES_MAX + 3, "in the place of one");
	world_free(w);
}
