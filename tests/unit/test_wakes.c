// SPDX-License-Identifier: GPL-2.0-only
/* test_wakes.c - what the wakes of the past say of a wait, and what they do not. */
#include <criterion/criterion.h>
#include <string.h>

#include "fixture.h"

#define SECOND 1000000000ull
#define WORD 0x1000ull

/* Thread 11 waits on WORD since 45 s; thread 12 woke it once a second from 1 s on to 44 s,
 * and ended at 44 s. Thread 10 of the process is alive. The look is at 100 s. */
static struct word story(void)
{
	struct word word = {
		.key = { 0, WORD },
		.seen = { .since = 1,
			  .wakes = 44,
			  .first = SECOND,
			  .last = 44 * SECOND,
			  .longest = SECOND },
		.ended = { 44 * SECOND },
	};

	word.seen.wakers[0] = (struct wire_waker){ 12, 2, 44, 44 * SECOND };
	return word;
}

static struct world *told(struct word word)
{
	struct world *w = fixture_world();
	struct wire_thread *t;

	w->boot_time = FIXTURE_NOW;
	fixture_running(w, 10, 10);
	t = fixture_waits(w, 11, 10, WORD, 5);
	t->arrived = 45 * SECOND;
	word.key.mm = t->mm;
	cr_assert(!array_push(&w->past.words, word));
	return w;
}

Test(wakes, the_only_one_who_ever_signalled_has_ended)
{
	struct world *w = told(story());

	assert_verdict(told(story()), "orphaned suspect 11");
	w->boot_time = w->now = 44 * SECOND + 30 * FIXTURE_THRESHOLD;
	assert_verdict(w, "orphaned likely 11");
}

/* Another object may have taken the place of the one that was signalled. */
Test(wakes, who_waits_was_not_there_when_it_was_signalled)
{
	struct world *w = told(story());

	for (size_t i = 0; i < w->threads.n; i++)
		if (w->threads.v[i].head.tid == 11)
			w->threads.v[i].started = 40 * SECOND;
	assert_verdict(w, "");
}

Test(wakes, it_lives)
{
	struct word word = story();

	word.ended[0] = 0;
	assert_verdict(told(word), "");
}

Test(wakes, somebody_else_signalled_too)
{
	struct word word = story();

	word.seen.wakers[1] = (struct wire_waker){ 10, 1, 1, 3 * SECOND };
	assert_verdict(told(word), "");
	word = story();
	word.seen.others = 1;
	assert_verdict(told(word), "");
}

/* The other word of a condition variable. */
Test(wakes, somebody_else_signals_by_turns)
{
	static const struct {
		__u64 addr;
		__u64 tid;
		__u64 ended;
		const char *verdict;
	} rows[] = {
		{ WORD + 4, 10, 0, "" },
		{ WORD + 4, 13, 44 * SECOND, "" },
		{ WORD + 4, 12, 44 * SECOND, "orphaned suspect 11" },
		{ WORD + 4, 0, 0, "orphaned suspect 11" }, /* nobody ever woke by it */
		{ WORD + 8, 10, 0, "orphaned suspect 11" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		struct world *w = told(story());
		struct word twin = story();

		twin.key = w->past.words.v[0].key;
		twin.key.addr = rows[i].addr;
		twin.seen.wakers[0].tid = rows[i].tid;
		twin.ended[0] = rows[i].ended;
		cr_assert(!array_push(&w->past.words, twin));
		assert_verdict(w, rows[i].verdict);
	}
}

Test(wakes, somebody_may_have_taken_over)
{
	struct world *w = told(story());

	fixture_thread(w, 13, 10)->started = 50 * SECOND;
	assert_verdict(w, "");
}

Test(wakes, a_burst_is_no_habit)
{
	struct word word = story();

	word.seen.first = 44 * SECOND - 43;
	word.seen.longest = 1;
	assert_verdict(told(word), "");
}

Test(wakes, silence_is_not_long_yet)
{
	struct word word = story();

	word.seen.wakes = 11;
	word.seen.longest = 4 * SECOND;
	assert_verdict(told(word), "");
}

Test(wakes, too_few)
{
	struct word word = story();

	word.seen.wakes = word.seen.wakers[0].count = 3;
	word.seen.longest = 22 * SECOND;
	assert_verdict(told(word), "");
}

/* The last job may be done already: only a suspect. */
Test(wakes, the_last_wake_came_before_the_wait)
{
	struct word word = story();

	word.ended[0] = 0;
	word.seen.empty = 1;
	word.seen.last_empty = 45 * SECOND - 3000000;
	assert_verdict(told(word), "lost-wakeup suspect 11");
}

Test(wakes, an_empty_wake_long_before_says_nothing)
{
	struct word word = story();

	word.ended[0] = 0;
	word.seen.empty = 1;
	word.seen.last_empty = 20 * SECOND;
	assert_verdict(told(word), "");
}

Test(wakes, the_source_says_who_wakes)
{
	struct word word = story();
	struct world *w;

	word.ended[0] = 0;
	word.seen.wakers[0].tid = 10;
	word.seen.wakers[0].started = 0;
	w = told(word);
	assert_source(w, 11, "woken 44 times since it is watched, every 1 s, last 56 s ago by");
}

/* A snapshot may say anything: what is yet to come was just now. */
Test(wakes, the_future_is_now)
{
	struct word word = story();
	struct world *w;
	struct verdicts *v;

	word.seen.last_empty = word.ended[0] = 1000 * SECOND;
	w = told(word);
	world_sort(w);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	cr_assert_eq(v->findings.n, 1);
	cr_expect(strstr(v->findings.v[0].reason, "ended 0 ms ago"), "%s", v->findings.v[0].reason);
	cr_expect(strstr(v->findings.v[0].evidence.v[0], "found nobody was 0 ms ago"), "%s",
		  v->findings.v[0].evidence.v[0]);
	verdict_free(v);
	world_free(w);
}
