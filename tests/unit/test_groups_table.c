// SPDX-License-Identifier: GPL-2.0-only
/* test_groups_table.c - labels are bounded, and their counters never go backwards. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "groups_case.h"

Test(groups_table, largest_have_names)
{
	struct groups *g = groups_new("{exe}", false, 2);

	birth(g, 301, 300);
	birth(g, 101, 100);
	look(g, HOST({ 100, 2, "/a" }, { 200, 4, "/b" }, { 300, 2, "/c" }, { 400, 3, "/d" }));
	says(g, "b 4 +0-0; d 3 +0-0; other 4 +2-0");
	groups_free(g);
}

#define HOLD 30

/* A name stays for a while, then goes to who is larger; nothing is counted twice. */
Test(groups_table, names_move)
{
	struct groups *g = groups_new("{exe}", false, 1);

	look(g, HOST({ 100, 3, "/a" }, { 200, 2, "/b" }));
	birth(g, 103, 100);
	birth(g, 202, 200);
	for (int i = 0; i < HOLD; i++)
		look(g, HOST({ 100, 3, "/a" }, { 200, 4, "/b" }));
	says(g, "a 3 +1-0; other 4 +1-0");
	look(g, HOST({ 100, 3, "/a" }, { 200, 4, "/b" }));
	says(g, "b 4 +0-0; other 3 +1-0");
	birth(g, 104, 100);
	birth(g, 204, 200);
	for (int i = 0; i <= HOLD; i++)
		look(g, HOST({ 100, 9, "/a" }, { 200, 4, "/b" }));
	says(g, "a 9 +1-0; other 4 +2-0");
	birth(g, 105, 100);
	says(g, "a 9 +2-0; other 4 +2-0");
	groups_free(g);
}

Test(groups_table, stuck_have_names)
{
	struct groups *g = groups_new("{exe}", false, 2);

	look(g, HOST({ 100, 3, "/a" }, { 200, 4, "/b" }, { 300, 1, "/c" }));
	look(g, HOST({ 100, 3, "/a" }, { 200, 4, "/b" }, { 300, 1, "/c", 1 }));
	says(g, "b 4 +0-0; c 1 +0-0; other 3 +0-0");
	/* when all are, the first stay */
	look(g, HOST({ 100, 3, "/a", 1 }, { 200, 4, "/b", 1 }, { 300, 1, "/c", 1 }));
	says(g, "b 4 +0-0; c 1 +0-0; other 3 +0-0");
	groups_free(g);
}

Test(groups_table, ended_programs_keep_theirs)
{
	struct groups *g = groups_new("{exe}", false, 2);

	for (__u32 i = 1; i < 100; i++) {
		birth(g, 1000 + i, 1000 + i);
		look(g, HOST({ 100, 1, "/a" }, { 1000 + i, 1, "/cron" }));
		death(g, 1000 + i, 1000 + i);
		look(g, HOST({ 100, 1, "/a" }));
	}
	says(g, "a 1 +0-0; cron 0 +99-99");
	groups_free(g);
}

Test(groups_table, no_names_at_all)
{
	struct groups *g = groups_new("{exe}", false, 0);

	look(g, HOST({ 100, 2, "/a" }, { 200, 1, "/b" }));
	birth(g, 102, 100);
	says(g, "other 3 +1-0");
	groups_free(g);
}

/* ---- whatever comes: bounded, and never backwards ---- */

#define LABELS 40

/* What was shown last; of labels "pN", the last is "other". */
static struct {
	__u64 born[LABELS + 1], ended[LABELS + 1];
} seen;

static void watch(const struct groups *g)
{
	size_t n;
	const struct group *all = groups_all(g, &n);

	cr_assert_leq(n, 6);
	for (size_t i = 0; i < n; i++) {
		int k = *all[i].name == 'p' ? atoi(all[i].name + 1) : LABELS;

		cr_assert(k < LABELS || (k == LABELS && i == n - 1));
		cr_assert_geq(all[i].born, seen.born[k], "%s", all[i].name);
		cr_assert_geq(all[i].ended, seen.ended[k], "%s", all[i].name);
		seen.born[k] = all[i].born;
		seen.ended[k] = all[i].ended;
	}
}

static void adds_up(__u64 born, __u64 ended)
{
	for (int k = 0; k <= LABELS; k++) {
		born -= seen.born[k];
		ended -= seen.ended[k];
	}
	cr_assert(!born && !ended, "%llu births, %llu deaths are nowhere", born, ended);
}

static void random_events(struct groups *g, __u64 *born, __u64 *ended)
{
	for (int k = rand() % 50; k > 0; k--) {
		__u32 tgid = 1000 * (1 + rand() % LABELS) + 100 * (rand() % 3);
		__u32 tid = tgid + rand() % 3;
		bool ends = rand() % 2;

		if (ends)
			death(g, tid, tgid);
		else
			birth(g, tid, tgid);
		*born += !ends;
		*ended += ends;
		if (rand() % 30 == 0)
			exec(g, tgid);
	}
}

static void random_host(struct run *runs, char names[][8])
{
	size_t n = 0;

	for (__u32 k = 0; k < LABELS; k++) {
		if (rand() % 3 == 0)
			continue;
		snprintf(names[k], 8, "/p%u", k);
		runs[n++] = (struct run){ .tgid = 1000 * (k + 1) + 100 * (rand() % 3),
					  .threads = 1 + rand() % (rand() % 8 ? 5 : 50),
					  .exe = rand() % 9 ? names[k] : NULL,
					  .stuck = rand() % 20 == 0 };
	}
	runs[n] = (struct run){};
}

Test(groups_table, never_backwards)
{
	struct groups *g = groups_new("{exe}", false, 5);
	char names[LABELS][8];
	struct run runs[LABELS + 1] = {};
	__u64 born = 0, ended = 0;

	srand(1);
	for (int i = 0; i < 2000; i++) {
		if (i % 10 == 0)
			random_host(runs, names);
		random_events(g, &born, &ended);
		groups_case_look(g, runs, watch);
		watch(g);
		if (i % 10)
			continue;
		groups_case_look(g, EMPTY, watch); /* now nothing is kept for later */
		watch(g);
		adds_up(born, ended);
	}
	groups_free(g);
}

Test(groups_table, storm_is_bounded)
{
	struct groups *g = groups_new("{exe}", false, 5);
	size_t n;

	for (__u32 i = 1; i <= 100000; i++)
		birth(g, 1000 + i, 1000 + i); /* all deaths are lost */
	look(g, HOST({ 100, 1, "/a" }));
	look(g, EMPTY);
	cr_assert_eq(groups_all(g, &n)[n - 1].born, 100000);
	groups_free(g);
}

/* One label more than there is room for is "other". */
Test(groups_table, labels_are_bounded)
{
	struct groups *g = groups_new("{exe}", false, 5);
	static struct run runs[5001];
	static char names[5000][8];
	size_t n;

	for (__u32 i = 0; i < 5000; i++) {
		snprintf(names[i], 8, "/%u", i);
		runs[i] = (struct run){ 1000 + i, 1, names[i] };
	}
	look(g, runs);
	groups_all(g, &n);
	cr_assert_eq(n, 6);
	cr_expect_eq(groups_all(g, &n)[5].threads, 4995);
	cr_expect_not(groups_wants(g, 5999, 5999));
	groups_free(g);
}
