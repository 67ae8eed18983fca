// SPDX-License-Identifier: GPL-2.0-only
/* test_gocrowd.c - what is a leak of goroutines, and what only grows: traps 11 and 26 to 28. */
#include <criterion/criterion.h>
#include <string.h>

#include "analyze/confirm.h"
#include "analyze/floors.h"
#include "daemon/outcome.h"
#include "go_case.h"

#define SECOND 1000000000ull
#define PLACE 0x4711
#define NAPS .sleeping = 20, .napping = 20

static const struct go_case examples[] = {
	{ 7, .reason = "sleep",
	  .stack = "time.Sleep in /s <- main.poll in /s <- runtime.goexit in /s",
	  .created = "main.leak in /s" },
	{ 8, .reason = "sleep" },
	{},
};

/* All numbers of goroutines are twenties. */
struct crowd {
	const char *title;
	struct go_site now;
	__u64 floors[6]; /* without any: 2, 5, 8, 11, 14, 17 */
	__u32 sockets;
	const char *found;
	bool ones; /* they are not */
};

/* The site of the examples rises, and this is what lives there. */
static struct world *world_of(const struct crowd *c)
{
	static const __u64 rising[] = { 2, 5, 8, 11, 14, 17 };
	struct world *w = go_case_world(GO_READ | GO_MARKED, examples);
	struct site s = { .id = 1, .tgid = 10, .made_at = PLACE, .born = 30, .ended = 10 };
	struct go_site now = c->now;
	__u64 *const numbers[] = { &now.alive,	  &now.stuck,	&now.torn,
				   &now.sleeping, &now.napping, &now.waiting,
				   &now.network,  &now.running, &now.old };
	const __u64 scale = c->ones ? 1 : 20;

	w->boot_time = FIXTURE_NOW;
	s.process_started = w->threads.v[0].started;
	s.floors.window_ns = 600 * SECOND;
	s.floors.n = s.floors.nprocess = 6;
	s.floors.newest = 100;
	memcpy(s.floors.at, c->floors[5] ? c->floors : rising, sizeof(rising));
	memcpy(s.floors.process, rising, sizeof(rising));
	for (size_t i = 0; i < 6; i++) {
		s.floors.at[i] *= scale;
		s.floors.process[i] *= scale;
	}
	now.tgid = 10;
	now.made_at = PLACE;
	now.alive = now.alive ? now.alive : 20;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++)
		*numbers[i] *= scale;
	w->processes.v[0].sockets = c->sockets * scale;
	for (size_t i = 0; i < w->go_waits.n; i++)
		w->go_waits.v[i].made_at = PLACE;
	cr_assert(!array_push(&w->past.sites, s));
	cr_assert(!array_push(&w->go_sites, now));
	return w;
}

static const struct crowd leak = { .now = { NAPS, .old = 11 } };

Test(gocrowd, who_accumulates)
{
	static const struct crowd rows[] = {
		{ "they nap, and stay", { NAPS, .old = 11 }, .found = "accumulating likely 7 8" },
		{ "one for each of what the program looks after",
		  { NAPS, .old = 11 },
		  .found = "accumulating suspect 7 8",
		  .ones = true },
		{ "one in four asks a server just now",
		  { .sleeping = 15, .napping = 15, .waiting = 4, .network = 1, .old = 11 },
		  .found = "accumulating likely 7 8" },
		{ "more do",
		  { .sleeping = 14, .napping = 14, .waiting = 6, .old = 11 },
		  .found = "accumulating suspect 7 8" },
		{ "workers, or sessions",
		  { .waiting = 20, .old = 11 },
		  .found = "accumulating suspect 7 8" },
		{ "connections",
		  { .network = 20, .old = 11 },
		  .found = "accumulating suspect 7 8" },
		{ "delays",
		  { .sleeping = 20, .napping = 3, .old = 11 },
		  .found = "accumulating suspect 7 8" },
		{ "short delays, under load that grows",
		  { NAPS, .old = 0 },
		  .found = "accumulating suspect 7 8" },
		{ "a pool that stays, and delays",
		  { NAPS, .old = 2 },
		  .found = "accumulating suspect 7 8" },
		{ "some move",
		  { .torn = 8, .sleeping = 12, .napping = 12, .old = 11 },
		  .found = "accumulating likely 7 8" },
		{ "most move",
		  { .torn = 11, .sleeping = 9, .napping = 9, .old = 11 },
		  .found = "accumulating suspect 7 8" },
		{ "they run",
		  { .sleeping = 17, .napping = 17, .running = 3, .old = 11 },
		  .found = "accumulating suspect 7 8" },
		{ "one for each connection",
		  { NAPS, .old = 11 },
		  .sockets = 15,
		  .found = "accumulating suspect 7 8" },
		{ "fewer connections",
		  { NAPS, .old = 11 },
		  .sockets = 14,
		  .found = "accumulating likely 7 8" },
		{ "the stuck are found by themselves",
		  { .alive = 40, .stuck = 20, NAPS, .old = 11 },
		  .found = "accumulating likely 7 8" },
		{ "few but the stuck",
		  { .alive = 20, .stuck = 13, .sleeping = 7, .napping = 7 },
		  .found = "",
		  .ones = true },
		{ "more stuck than there are", { .alive = 20, .stuck = ~0ull }, .found = "" },
		{ "it breathes", { NAPS, .old = 11 }, { 2, 9, 4, 11, 6, 17 }, .found = "" },
		{ "it levels off", { NAPS, .old = 11 }, { 2, 8, 14, 17, 17, 17 }, .found = "" },
		{ "few more",
		  { NAPS, .old = 11 },
		  { 12, 13, 14, 15, 16, 17 },
		  .found = "",
		  .ones = true },
		{ "it was made at once",
		  { NAPS, .old = 11 },
		  { 17, 17, 17, 17, 17, 17 },
		  .found = "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verdicts *v = go_case_judge(world_of(&rows[i]));

		cr_expect_str_eq(go_case_found(v), rows[i].found, "%s: %s", rows[i].title,
				 go_case_found(v));
		go_case_free(v);
	}
}

Test(gocrowd, who_is_stuck_is_not_told_twice)
{
	struct world *w = world_of(&leak);
	struct verdicts *v;

	w->go_waits.v[1].bits = GO_STUCK | GO_CHANNEL;
	w->go_waits.v[1].object = 0x40;
	w->go_waits.v[1].nobjects = 1;
	v = go_case_judge(w);
	cr_expect_str_eq(go_case_found(v), "unreachable proven 8; accumulating likely 7");
	go_case_free(v);
}

/* What is remembered may be of another process; and of what is now nothing may be known. */
Test(gocrowd, nothing_to_judge)
{
	for (int i = 0; i < 5; i++) {
		struct world *w = world_of(&leak);
		struct verdicts *v;

		w->past.sites.v[0].process_started += i == 0;
		w->go_sites.n = i == 1 ? 0 : w->go_sites.n;
		w->go_waits.n = i == 2 ? 0 : w->go_waits.n;
		w->go_processes.v[0].bits = i == 3 ? 0 : GO_READ;
		w->past.sites.v[0].made_at += i == 4;
		v = go_case_judge(w);
		cr_expect_str_eq(go_case_found(v), "", "%d", i);
		go_case_free(v);
	}
}

Test(gocrowd, what_it_says)
{
	static const char *const facts[] = {
		"fewest alive in each of the last 6 windows of 10 min: 40, 100, 160, 220, 280, 340",
		"seen there since the first look: at least 30, of which at least 10 ended",
		"400 of them sleep, 400 of these not for long; 0 wait for another goroutine, 0 for "
		"the network; 0 run or move",
		"assumes that they are not meant to stay, one for each of what the program looks "
		"after",
		"the program was made with go1.22.3 and has 40 goroutines",
	};
	struct verdicts *v = go_case_judge(world_of(&leak));
	const struct finding *f = &v->findings.v[0];

	cr_assert_eq(v->findings.n, 1);
	cr_expect_str_eq(f->reason, "t10 [10] makes goroutines that do not end, in main.leak: 400 "
				    "live, about 360 more every hour.");
	cr_expect_eq(verdict_count(f), 400);
	cr_assert_eq(f->evidence.n, sizeof(facts) / sizeof(facts[0]));
	for (size_t i = 0; i < f->evidence.n; i++)
		cr_expect_str_eq(f->evidence.v[i], facts[i]);
	go_case_free(v);
}

/* It is confirmed when it is found again, whatever its goroutines do. */
Test(gocrowd, at_two_looks)
{
	struct verdicts *first = go_case_judge(world_of(&leak));
	struct verdicts *second = go_case_judge(world_of(&leak)), *none;
	struct world *w = world_of(&leak);

	w->past.sites.n = 0;
	none = go_case_judge(w);
	cr_expect(confirm_knows(first, second));
	cr_expect_not(confirm_knows(none, second));
	cr_assert_eq(confirm_verdicts(first, second), 0);
	cr_expect_str_eq(go_case_found(second), "accumulating likely 7 8");
	cr_assert_eq(confirm_verdicts(none, second), 0);
	cr_expect_str_eq(go_case_found(second), "");
	cr_expect_eq(second->goroutines.v[0].finding, 0);
	go_case_free(first);
	go_case_free(second);
	go_case_free(none);
}

Test(gocrowd, when_it_is_gone)
{
	struct verdicts *v = go_case_judge(world_of(&leak));
	struct outcome_subject o;
	struct world *w = (struct world *)v->world;

	outcome_open(&o, v, &v->findings.v[0]);
	outcome_note(&o, v, &v->findings.v[0]);
	cr_expect_eq(outcome_of(&o, w), OUTCOME_STEADY);
	w->go_processes.v[0].bits = 0;
	cr_expect_eq(outcome_of(&o, w), OUTCOME_WITHDRAWN);
	w->threads.v[0].started++;
	cr_expect_eq(outcome_of(&o, w), OUTCOME_ENDED);
	cr_expect_not(outcome_was_wrong(OUTCOME_STEADY));
	go_case_free(v);
}
