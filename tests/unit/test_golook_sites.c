// SPDX-License-Identifier: GPL-2.0-only
/* test_golook_sites.c - goroutines, counted by the go statements that made them */
#include <criterion/criterion.h>

#include "symbolize/golook_sites.h"

#define SECOND 1000000000ull
#define NOW (10000 * SECOND)
#define SITE 0x4711

static struct golook_sites sites;
static struct message_go request;
static struct message_go_seen seen;

static void setup(void)
{
	sites = (struct golook_sites){ .now = NOW };
	request = (struct message_go){};
	seen = (struct message_go_seen){};
}

TestSuite(golook_sites, .init = setup);

static bool count(struct goroutine g, bool stuck)
{
	static __u64 id = 1;

	g.id = g.id ? g.id : ++id;
	g.gopc = g.gopc ? g.gopc : SITE;
	return golook_sites_count(&sites, &request, &g, stuck);
}

#define SLEEPS(since)                                                                              \
	(struct goroutine)                                                                         \
	{                                                                                          \
		.status = GOROUTINE_WAITING, .wait = GOROUTINE_SLEEP, .wait_since = (since)        \
	}

static void expect(struct go_site want)
{
	const struct go_site *got = &seen.site[0];

	golook_sites_fill(&sites, &seen);
	cr_assert_eq(seen.nsites, 1);
	cr_expect_eq(got->made_at, SITE);
#define SAME(what) cr_expect_eq(got->what, want.what, #what ": %llu", (unsigned long long)got->what)
	SAME(alive);
	SAME(stuck);
	SAME(torn);
	SAME(sleeping);
	SAME(napping);
	SAME(waiting);
	SAME(network);
	SAME(running);
	SAME(fresh);
	SAME(old);
#undef SAME
}

Test(golook_sites, what_they_do)
{
	struct goroutine timer = { .status = GOROUTINE_WAITING,
				   .wait = GOROUTINE_CHAN_RECEIVE,
				   .wait_since = NOW - SECOND,
				   .nobjects = 1 };

	count(SLEEPS(NOW - 10 * SECOND), false);
	count(SLEEPS(NOW - 121 * SECOND), false);
	count(timer, false);
	timer.objects[0].timer = true;
	count(timer, false);
	count((struct goroutine){ .status = GOROUTINE_WAITING, .wait = GOROUTINE_IO }, false);
	count((struct goroutine){ .status = GOROUTINE_RUNNABLE }, false);
	count((struct goroutine){ .torn = true }, false);
	count(SLEEPS(0), true);
	expect((struct go_site){ .alive = 8,
				 .stuck = 1,
				 .torn = 1,
				 .sleeping = 3,
				 .napping = 2,
				 .waiting = 1,
				 .network = 1,
				 .running = 1 });
}

/* Of most sleepers Go does not say since when: since the last collection, if there are any. */
Test(golook_sites, since_nobody_knows_when)
{
	static const struct {
		__u64 collected;
		__u64 naps;
	} rows[] = {
		{ 0, 0 }, { NOW - 301 * SECOND, 0 }, { NOW - 200 * SECOND, 3 }, { NOW + SECOND, 0 }
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		setup();
		for (int k = 0; k < 3; k++)
			count(SLEEPS(0), false);
		count((struct goroutine){ .gopc = 1,
					  .status = GOROUTINE_WAITING,
					  .wait_since = rows[i].collected },
		      false);
		golook_sites_fill(&sites, &seen);
		cr_assert_eq(seen.nsites, 2);
		cr_expect_eq(seen.site[0].sleeping, 3);
		cr_expect_eq(seen.site[0].napping, rows[i].naps, "row %zu", i);
	}
}

Test(golook_sites, whom_it_asks_for)
{
	request.newest = 20;
	request.nsites = 1;
	request.site[0].made_at = SITE;
	request.site[0].old = 10;
	for (__u64 id = 2; id <= 25; id++) {
		struct goroutine g = SLEEPS(NOW);

		g.id = id;
		cr_expect_eq(count(g, false), id < 2 + GOLOOK_SITES_KEPT);
	}
	expect((struct go_site){
		.alive = 24, .sleeping = 24, .napping = 24, .fresh = 5, .old = 9 });
	cr_expect_eq(seen.process.newest, 25);
}

Test(golook_sites, more_than_there_is_room_for)
{
	const __u32 most = GOLOOK_SITES_ROOM - 1;

	for (__u64 k = 0; k < 2 * GOLOOK_SITES_ROOM; k++) {
		struct goroutine g = SLEEPS(NOW);

		g.gopc = 0x1000 + k;
		count(g, false);
	}
	golook_sites_fill(&sites, &seen);
	cr_expect_eq(seen.nsites, GO_SITES_MAX);
	cr_expect_eq(sites.n, most);
	cr_expect_eq(seen.process.unsited, 2 * GOLOOK_SITES_ROOM - GO_SITES_MAX);
}

Test(golook_sites, the_runtimes_own)
{
	struct goroutine g = SLEEPS(NOW);

	g.system = true;
	count(g, false);
	g.system = false;
	g.id = 1;
	count(g, false);
	golook_sites_fill(&sites, &seen);
	cr_expect_eq(seen.nsites, 0);
}
