// SPDX-License-Identifier: GPL-2.0-only
/* test_gosites.c - what a daemon remembers of the places where goroutines are made. */
#include <criterion/criterion.h>

#include "analyze/accumulate.h"
#include "analyze/floors.h"
#include "analyze/gosites.h"
#include "fixture.h"

#define SECOND 1000000000ull
#define WINDOW (10 * SECOND)
#define PLACE 0x4711

static struct gosites *s;

static void setup(void)
{
	s = gosites_new(WINDOW);
	cr_assert(s);
}

static void teardown(void)
{
	gosites_free(s);
}

TestSuite(gosites, .init = setup, .fini = teardown);

/* What a look has of process 10, which is read at this time. */
struct look {
	__u64 at; /* seconds; 0: no look */
	__u64 alive, stuck, fresh, torn;
	__u64 mm; /* 0: that of the fixture */
	bool carried;
	bool unread;
};

static void take(const struct look *l)
{
	struct world *w = fixture_world();
	struct go_process p = { .tgid = 10,
				.bits = l->unread ? 0 : GO_READ,
				.goroutines = l->alive + 5,
				.newest = 1000 * l->at,
				.torn = l->torn,
				.read = (l->carried ? 1 : l->at) * SECOND };
	struct go_site g = { .tgid = 10, .made_at = PLACE };
	struct wire_thread *t = fixture_thread(w, 10, 10);

	t->mm = l->mm ? l->mm : t->mm;
	g.alive = l->alive;
	g.stuck = l->stuck;
	g.fresh = l->fresh;
	cr_assert(!array_push(&w->go_processes, p));
	if (l->alive)
		cr_assert(!array_push(&w->go_sites, g));
	world_sort(w);
	cr_assert_eq(gosites_look(s, w), 0);
	world_free(w);
}

/* What is remembered of it; alive 0: nothing. */
static struct site told(void)
{
	struct world *w = fixture_world();
	struct site site = {};

	cr_assert_eq(gosites_fill(s, w), 0);
	cr_assert_leq(w->past.sites.n, 1);
	if (w->past.sites.n)
		site = w->past.sites.v[0];
	world_free(w);
	return site;
}

Test(gosites, floors)
{
	static const struct {
		const char *title;
		struct look looks[10];
		__u32 n;
		__u64 floors[3], process[3];
	} rows[] = {
		{ "a window ends after its time, and three looks",
		  { { 1, 5 }, { 5, 6 }, { 8, 4 }, { 12, 7 } },
		  1,
		  { 4 },
		  { 9 } },
		{ "not before its time", { { 1, 5 }, { 2, 6 }, { 3, 4 }, { 4, 7 } }, 0, {}, {} },
		{ "not before three looks", { { 1, 5 }, { 50, 6 }, { 100, 4 } }, 0, {}, {} },
		{ "what is carried over is no look",
		  { { 1, 5 }, { 50, 6 }, { 100, 4 }, { 110, 7, .carried = true } },
		  0,
		  {},
		  {} },
		{ "nor what could not be read",
		  { { 1, 5 }, { 50, 6 }, { 100, 4 }, { 110, 7, .unread = true } },
		  0,
		  {},
		  {} },
		{ "the look that ends one begins the next",
		  { { 1, 5 }, { 5, 6 }, { 8, 7 }, { 12, 8 }, { 16, 9 }, { 20, 9 }, { 24, 9 } },
		  2,
		  { 5, 8 },
		  { 10, 13 } },
		{ "the stuck do not count",
		  { { 1, 9, 4 }, { 5, 9, 3 }, { 8, 9, 3 }, { 12, 9, 2 } },
		  1,
		  { 5 },
		  { 10 } },
		{ "a place that a look does not have begins anew",
		  { { 1, 5 }, { 5, 6 }, { 8, 4 }, { 12, 7 }, { 13, 0 }, { 14, 7 } },
		  0,
		  {},
		  { 9 } },
		{ "another program begins anew",
		  { { 1, 5 }, { 5, 6 }, { 8, 4 }, { 12, 7 }, { 13, 7, .mm = 99 } },
		  0,
		  {},
		  {} },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct site site;

		for (size_t k = 0; rows[i].looks[k].at; k++)
			take(&rows[i].looks[k]);
		site = told();
		cr_expect_eq(site.floors.n, rows[i].n, "%s: %u", rows[i].title, site.floors.n);
		for (size_t k = 0; k < rows[i].n; k++)
			cr_expect_eq(site.floors.at[k], rows[i].floors[k], "%s: %llu",
				     rows[i].title, site.floors.at[k]);
		for (size_t k = 0; k < site.floors.nprocess; k++)
			cr_expect_eq(site.floors.process[k], rows[i].process[k], "%s: %llu",
				     rows[i].title, site.floors.process[k]);
		teardown();
		setup();
	}
}

Test(gosites, births_and_ends_are_no_more_than_the_truth)
{
	static const struct {
		const char *title;
		struct look looks[4];
		__u64 born, ended;
	} rows[] = {
		{ "the first look has all", { { 1, 5, .fresh = 5 } }, 5, 0 },
		{ "more of them", { { 1, 5 }, { 2, 8, .fresh = 3 } }, 8, 0 },
		{ "more, but maybe they were there", { { 1, 5 }, { 2, 8 } }, 5, 0 },
		{ "fewer, but maybe they are there", { { 1, 5 }, { 2, 3, .torn = 1 } }, 5, 1 },
		{ "fewer of them", { { 1, 5 }, { 2, 3 } }, 5, 2 },
		{ "others of them", { { 1, 5 }, { 2, 5, .fresh = 4 } }, 9, 4 },
		{ "more, and others", { { 1, 5 }, { 2, 7, .fresh = 3 } }, 8, 1 },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct site site;

		for (size_t k = 0; rows[i].looks[k].at; k++)
			take(&rows[i].looks[k]);
		site = told();
		cr_expect_eq(site.born, rows[i].born, "%s: %llu", rows[i].title, site.born);
		cr_expect_eq(site.ended, rows[i].ended, "%s: %llu", rows[i].title, site.ended);
		teardown();
		setup();
	}
}

/* Three more in each window of three looks, for ever. */
Test(gosites, what_rises)
{
	struct site site;

	for (__u64 i = 0; i <= 3 * 6; i++) {
		cr_expect_not(accumulate_rises(&(struct site){ .floors = told().floors }));
		take(&(struct look){ 4 + 4 * i, 10 + i });
	}
	site = told();
	cr_assert_eq(site.floors.n, 6);
	cr_expect(accumulate_rises(&site));
	cr_expect_eq(site.floors.window_ns, 12 * SECOND);
	cr_expect_float_eq(accumulate_rate(&site), 0.25, 1e-9);
	/* Of the windows that ended after 4, 7, 10, 13, 16 and 19 looks the fourth. */
	cr_expect_eq(site.floors.newest, 1000 * (4 + 4 * 12));
	cr_expect_eq(site.alive, 28);
}

Test(gosites, a_process_that_is_gone_is_forgotten)
{
	struct world *w = fixture_world();

	take(&(struct look){ 1, 5 });
	cr_expect_eq(told().alive, 5);
	cr_assert_eq(gosites_look(s, w), 0);
	cr_expect_eq(told().alive, 0);
	world_free(w);
}

Test(gosites, growth_that_stays)
{
	static const struct {
		__u64 newest, old;
		bool stays;
	} rows[] = {
		/* Two lived in the first of six windows, eleven in the fourth. */
		{ 1, 11, true }, { 1, 20, true }, { 1, 9, true },   { 1, 8, false },
		{ 1, 2, false }, { 1, 0, false }, { 0, 11, false },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct floors f = { .n = 6,
					  .nprocess = 6,
					  .newest = rows[i].newest,
					  .at = { 2, 5, 8, 11, 14, 17 } };

		cr_expect_eq(floors_stay(&f, rows[i].old), rows[i].stays, "%zu", i);
	}
}
