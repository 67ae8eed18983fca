// SPDX-License-Identifier: GPL-2.0-only
/* test_gorings.c - goroutines that wait for locks: which are findings, at one look and at two. */
#include <criterion/criterion.h>
#include <string.h>

#include "analyze/confirm.h"
#include "analyze/gowaits.h"
#include "go_case.h"

#define SECOND 1000000000ull
#define SINCE (10 * SECOND) /* long ago */
#define LOCK "sync.Mutex.Lock"
#define AT(id, holder, stack)                                                                      \
	{                                                                                          \
		id, GO_HELD, 16 * (id), LOCK, stack, NULL, 0, SINCE, .held_by = holder             \
	}
#define WAIT(id, holder) AT(id, holder, NULL)

static void expect(struct verdicts *v, const char *title, const char *expected)
{
	cr_expect_str_eq(go_case_found(v), expected, "%s: %s", title, go_case_found(v));
	go_case_free(v);
}

static const struct {
	const char *title;
	struct go_case cases[8];
	const char *expected;
} rows[] = {
	{ "its own lock", { WAIT(3, 3) }, "deadlock likely 3" },
	{ "a ring of two, whichever comes first",
	  { WAIT(3, 7), WAIT(7, 3) },
	  "deadlock likely 3 7" },
	{ "a ring of three in its order, and who stands behind",
	  { WAIT(3, 9), WAIT(4, 7), WAIT(5, 4), WAIT(7, 3), WAIT(9, 7) },
	  "deadlock likely 3 9 7 4 5" },
	{ "two rings in two places are two findings",
	  { AT(3, 3, "main.f in /s"), AT(4, 5, "main.g in /s"), AT(5, 4, "main.g in /s") },
	  "deadlock likely 3; deadlock likely 4 5" },
	{ "two rings in one place are one finding",
	  { AT(3, 5, "main.f in /s"), AT(4, 6, "main.f in /s"), AT(5, 3, "main.f in /s"),
	    AT(6, 4, "main.f in /s"), AT(7, 4, "main.h in /s") },
	  "deadlock likely 3 5 4 6 7" },
	{ "a lock of one that nothing wakes",
	  { { 2, GO_STUCK | GO_CHANNEL, 0x20 }, WAIT(3, 2), WAIT(4, 3), WAIT(5, 2) },
	  "orphaned likely 3 5 4; unreachable proven 2" },
	{ "who is to unlock it is not there", { WAIT(3, 4) }, "" },
	{ "nor stuck", { { 4, GO_CHANNEL, 0x20 }, WAIT(3, 4) }, "" },
	{ "it ran while it was read",
	  { { 3, GO_HELD | GO_TORN, 48, LOCK, .since = SINCE, .held_by = 3 } },
	  "" },
	{ "for how long is not known: a suspect",
	  { { 3, GO_HELD, 48, LOCK, .since = 99 * SECOND, .held_by = 3 } },
	  "deadlock suspect 3" },
	{ "one of a ring came late: a suspect",
	  { WAIT(3, 4), { 4, GO_HELD, 64, LOCK, .since = 99 * SECOND, .held_by = 3 } },
	  "deadlock suspect 3 4" },
	{ "but not one behind",
	  { WAIT(3, 3), { 4, GO_HELD, 64, LOCK, .since = 99 * SECOND, .held_by = 3 } },
	  "deadlock likely 3 4" },
	{ "found unreachable as well: that is known better",
	  { { 3, GO_STUCK | GO_HELD, 48, LOCK, .since = SINCE, .held_by = 3 } },
	  "unreachable proven 3" },
};

static struct world *world_of(const struct go_case *cases)
{
	struct world *w = go_case_world(GO_READ | GO_MARKED, cases);

	for (size_t i = 0; i < w->threads.n; i++)
		w->threads.v[i].arrived = w->now; /* it ran just now */
	return w;
}

Test(gorings, one_look)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(go_case_judge(world_of(rows[i].cases)), rows[i].title, rows[i].expected);
}

/* What two looks say of the second; change is made between them. */
static void expect_two(void (*change)(struct world *w), const char *expected)
{
	static const struct go_case cases[] = { { 2, GO_STUCK | GO_CHANNEL, 0x20 },
						WAIT(3, 4),
						WAIT(4, 3),
						WAIT(5, 3),
						WAIT(6, 2),
						{} };
	struct verdicts *first = go_case_judge(world_of(cases)), *second;
	struct world *w = world_of(cases);

	if (change)
		change(w);
	second = go_case_judge(w);
	cr_assert_eq(confirm_verdicts(first, second), 0);
	expect(second, "the second look", expected);
	go_case_free(first);
}

static void ring_ran(struct world *w)
{
	w->go_waits.v[2].turns++;
}

static void behind_ran(struct world *w)
{
	w->go_waits.v[3].turns++;
}

static void holder_ran(struct world *w)
{
	w->go_waits.v[0].turns++;
}

static void other_lock(struct world *w)
{
	w->go_waits.v[1].object++;
}

Test(gorings, two_looks)
{
	expect_two(NULL, "deadlock likely 3 4 5; orphaned likely 6; unreachable proven 2");
	expect_two(ring_ran, "orphaned likely 6; unreachable proven 2");
	expect_two(behind_ran, "deadlock likely 3 4; orphaned likely 6; unreachable proven 2");
	expect_two(holder_ran, "deadlock likely 3 4 5");
	expect_two(other_lock, "orphaned likely 6; unreachable proven 2");
}

Test(gorings, words)
{
	struct verdicts *v = go_case_judge(
		world_of((const struct go_case[]){ WAIT(3, 4), WAIT(4, 3), WAIT(5, 3), {} }));
	const struct finding *f = &v->findings.v[0];
	struct gowaits_answer answer = gowaits_explain(v, &v->goroutines.v[2]);

	cr_expect_str_eq(f->reason, "2 goroutines of t10 [10] wait in a ring, each for a lock that "
				    "the next one is to unlock when it returns.");
	cr_assert_geq(f->evidence.n, 4);
	cr_expect_str_eq(
		f->evidence.v[0],
		"goroutine 3 waits on 0x30, of a lock that is locked, and goroutine 4 has a "
		"deferred Unlock of that still to run");
	cr_expect_str_eq(f->evidence.v[2], "others wait behind");
	cr_expect_str_eq(f->evidence.v[3],
			 "Go records no owner of a lock: that who is to unlock it "
			 "has it is assumed");
	cr_expect(f->cycle);
	cr_expect_eq(f->nknot, 2);
	cr_expect_eq(answer.class, CLASS_DEADLOCK);
	go_case_free(v);
}
