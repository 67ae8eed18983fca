// SPDX-License-Identifier: GPL-2.0-only
/* test_unreachable.c - which goroutines are findings: at one look, and at two. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/confirm.h"
#include "analyze/gowaits.h"
#include "collect/goroutines.h"
#include "go_case.h"

#define STUCK GO_STUCK | GO_CHANNEL
#define SECOND 1000000000ull
#define WORKER "runtime.gopark in /s <- main.worker in /s"
#define OTHER "runtime.gopark in /s <- main.other in /s"

static void expect(struct verdicts *v, const char *title, const char *expected)
{
	cr_expect_str_eq(go_case_found(v), expected, "%s: %s", title, go_case_found(v));
	go_case_free(v);
}

Test(unreachable, one_look)
{
	static const struct {
		const char *title;
		__u32 bits; /* of the program */
		struct go_case cases[4];
		const char *expected;
	} rows[] = {
		{ "nobody waits", GO_READ | GO_MARKED, { {} }, "" },
		{ "a nil channel, in a program that moved",
		  GO_READ | GO_MARKED | GO_MOVED,
		  { { 1, GO_STUCK | GO_NOTHING, .reason = "chan receive (nil chan)" } },
		  "unreachable proven 1" },
		{ "a select without cases",
		  GO_READ,
		  { { 1, GO_STUCK | GO_NOTHING, .reason = "select (no cases)" } },
		  "unreachable proven 1" },
		{ "nothing moved",
		  GO_READ | GO_MARKED,
		  { { 1, STUCK, 0x10 } },
		  "unreachable proven 1" },
		{ "it moved",
		  GO_READ | GO_MARKED | GO_MOVED,
		  { { 1, STUCK, 0x10 } },
		  "unreachable likely 1" },
		{ "nothing moved, but its version was not measured",
		  GO_READ | GO_MARKED | GO_OWN_LAYOUT,
		  { { 1, STUCK, 0x10 } },
		  "unreachable likely 1" },
		{ "nor is a nil channel's",
		  GO_READ | GO_MARKED | GO_OWN_LAYOUT,
		  { { 1, GO_STUCK | GO_NOTHING, .reason = "chan receive (nil chan)" } },
		  "unreachable likely 1" },
		{ "torn", GO_READ | GO_MARKED, { { 1, STUCK | GO_TORN, 0x10 } }, "" },
		{ "reached", GO_READ | GO_MARKED, { { 1, GO_CHANNEL, 0x10 } }, "" },
		{ "closed, which wakes all: reached by nobody all the same",
		  GO_READ | GO_MARKED,
		  { { 1, STUCK | GO_CLOSED, 0x10, .reason = "chan send" } },
		  "unreachable proven 1" },
		{ "one place, one finding",
		  GO_READ | GO_MARKED,
		  { { 3, STUCK, 0x10, .stack = WORKER },
		    { 4, STUCK, 0x20, .stack = WORKER },
		    { 5, GO_CHANNEL, 0x20, .stack = WORKER } },
		  "unreachable proven 3 4" },
		{ "two reasons in one place",
		  GO_READ | GO_MARKED,
		  { { 3, STUCK, 0x10, "chan receive", WORKER },
		    { 4, STUCK, 0x20, "chan send", WORKER } },
		  "unreachable proven 3; unreachable proven 4" },
		{ "who has waited longest comes first",
		  GO_READ | GO_MARKED,
		  { { 3, STUCK, 0x10, .since = 0 }, { 4, STUCK, 0x10, .since = SECOND / 2 } },
		  "unreachable proven 3 4" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(go_case_judge(go_case_world(rows[i].bits, rows[i].cases)), rows[i].title,
		       rows[i].expected);
}

Test(unreachable, two_places_are_two_findings)
{
	struct verdicts *v = go_case_judge(go_case_world(
		GO_READ | GO_MARKED, (const struct go_case[]){ { 3, STUCK, 16, .stack = WORKER },
							       { 4, STUCK, 16, .stack = OTHER },
							       {} }));

	cr_expect_eq(v->findings.n, 2);
	cr_expect(strcmp(v->findings.v[0].id, v->findings.v[1].id) != 0);
	cr_expect_neq(v->findings.v[0].place, v->findings.v[1].place);
	go_case_free(v);
}

/* Not before its process stood still, and not before Go said so. */
Test(unreachable, ages_are_at_least)
{
	struct world *w =
		go_case_world(GO_READ | GO_MARKED,
			      (const struct go_case[]){ { 1, STUCK, 16, .since = 40 * SECOND },
							{ 2, STUCK, 16 },
							{ 3, STUCK, 16, .since = 1ull << 62 },
							{} });
	struct verdicts *v;

	w->threads.v[1].arrived = 90 * SECOND;
	v = go_case_judge(w);
	cr_expect_eq(v->goroutines.v[0].age_ns, 60 * SECOND);
	cr_expect_eq(v->goroutines.v[1].age_ns, 10 * SECOND);
	cr_expect_eq(v->goroutines.v[2].age_ns, 10 * SECOND);
	cr_expect_eq(v->findings.v[0].age_ns, 60 * SECOND);
	cr_expect_eq(v->findings.v[0].youngest_ns, 10 * SECOND);
	go_case_free(v);
}

Test(unreachable, not_by_a_clock_that_is_not_the_hosts)
{
	struct world *w =
		go_case_world(GO_READ | GO_MARKED,
			      (const struct go_case[]){ { 1, STUCK, 16, .since = SECOND }, {} });
	struct verdicts *v;

	for (size_t i = 0; i < w->threads.n; i++) {
		w->threads.v[i].bits |= WIRE_TIMENS;
		w->threads.v[i].arrived = 95 * SECOND;
	}
	v = go_case_judge(w);
	cr_expect_eq(v->goroutines.v[0].age_ns, w->boot_time - 95 * SECOND);
	go_case_free(v);
}

/* Its registers, and what its thread was about to do, are nowhere else. */
Test(unreachable, not_in_a_program_that_is_stopped)
{
	static const __u32 bits[] = { WIRE_STOPPED, WIRE_FROZEN, WIRE_DUMPING };
	struct goroutines_memory *m = goroutines_new();

	for (size_t i = 0; i < sizeof(bits) / sizeof(bits[0]); i++) {
		struct world *w =
			go_case_world(GO_READ | GO_MARKED,
				      (const struct go_case[]){ { 1, STUCK, 16 },
								{ 2, GO_STUCK | GO_NOTHING,
								  .reason = "select (no cases)" },
								{} });
		const char *why;

		w->threads.v[1].bits |= bits[i];
		goroutines_mark_moved(m, w);
		cr_expect(!gowaits_searched(&w->go_processes.v[0], &why));
		cr_expect_str_eq(why, "it is stopped");
		expect(go_case_judge(w), "stopped", "unreachable proven 2");
	}
	goroutines_free(m);
}

Test(unreachable, evidence)
{
	struct verdicts *v = go_case_example();
	const struct finding *f = &v->findings.v[0];

	cr_expect_str_eq(f->reason,
			 "goroutines of server [10] wait in \"chan receive\", and nothing that can "
			 "still run holds a pointer to the channel.");
	cr_assert_eq(f->evidence.n, 3);
	cr_expect_str_eq(f->evidence.v[0],
			 "goroutine 34 waits on channel 0xc000123400: open, 0 of 4 elements");
	cr_expect_str_eq(f->evidence.v[1],
			 "3.0 MiB of its data, stacks and heap were searched for pointers, and no "
			 "thread of it ran meanwhile");
	cr_expect_str_eq(f->evidence.v[2],
			 "the program was made with go1.22.3 and has 40 goroutines");
	cr_expect_str_eq(v->findings.v[1].reason,
			 "goroutine 40 of server [10] waits in \"select (no cases)\", which "
			 "nothing ever ends.");
	go_case_free(v);
}

/* ---- two looks ---- */

/* The world of the first look a second later, after a change. */
static struct verdicts *second(__u32 bits, const struct go_case *cases)
{
	struct world *w = go_case_world(bits, cases);

	w->now += SECOND;
	w->mono_time += SECOND;
	w->boot_time += SECOND;
	return go_case_judge(w);
}

Test(unreachable, two_looks)
{
	static const struct {
		const char *title;
		__u32 bits[2];
		struct go_case first[3], second[3];
		const char *expected;
	} rows[] = {
		{ "found twice, though it moved: proven",
		  { GO_READ | GO_MARKED | GO_MOVED, GO_READ | GO_MARKED | GO_MOVED },
		  { { 1, STUCK, 0x10 } },
		  { { 1, STUCK, 0x10 } },
		  "unreachable proven 1" },
		{ "found twice in a version that was not measured: likely",
		  { GO_READ | GO_MARKED | GO_OWN_LAYOUT, GO_READ | GO_MARKED | GO_OWN_LAYOUT },
		  { { 1, STUCK, 0x10 } },
		  { { 1, STUCK, 0x10 } },
		  "unreachable likely 1" },
		{ "another object",
		  { GO_READ | GO_MARKED, GO_READ | GO_MARKED },
		  { { 1, STUCK, 0x10 } },
		  { { 1, STUCK, 0x20 } },
		  "" },
		{ "not stuck before",
		  { GO_READ | GO_MARKED, GO_READ | GO_MARKED },
		  { { 1, GO_CHANNEL, 0x10 } },
		  { { 1, STUCK, 0x10 } },
		  "" },
		{ "torn before",
		  { GO_READ | GO_MARKED, GO_READ | GO_MARKED },
		  { { 1, STUCK | GO_TORN, 0x10 } },
		  { { 1, STUCK, 0x10 } },
		  "" },
		{ "not there before",
		  { GO_READ | GO_MARKED, GO_READ | GO_MARKED },
		  { {} },
		  { { 1, STUCK, 0x10 } },
		  "" },
		{ "not stuck any more",
		  { GO_READ | GO_MARKED, GO_READ | GO_MARKED },
		  { { 1, STUCK, 0x10 } },
		  { { 1, GO_CHANNEL, 0x10 } },
		  "" },
		{ "one of two is left",
		  { GO_READ | GO_MARKED, GO_READ | GO_MARKED },
		  { { 1, STUCK, 0x10 }, { 2, STUCK, 0x10 } },
		  { { 1, STUCK, 0x20 }, { 2, STUCK, 0x10 } },
		  "unreachable proven 2" },
		{ "of two findings the second is left",
		  { GO_READ | GO_MARKED, GO_READ | GO_MARKED },
		  { { 1, STUCK, 0x10, .since = 1 }, { 2, STUCK, 0x10, "chan send" } },
		  { { 1, STUCK, 0x20, .since = 1 }, { 2, STUCK, 0x10, "chan send" } },
		  "unreachable proven 2" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verdicts *a = go_case_judge(go_case_world(rows[i].bits[0], rows[i].first));
		struct verdicts *b = second(rows[i].bits[1], rows[i].second);

		cr_assert_eq(confirm_verdicts(a, b), 0);
		expect(b, rows[i].title, rows[i].expected);
		go_case_free(a);
	}
}

/* What is known at the first look counts at the second. */
Test(unreachable, two_looks_say_so)
{
	static const struct go_case one[] = { { 1, STUCK, 0x10 }, {} };
	struct world *w = go_case_world(GO_READ | GO_MARKED, one);
	struct verdicts *a = go_case_judge(w), *b = second(GO_READ | GO_MARKED, one);
	const struct finding *f = &b->findings.v[0];

	((struct wire_thread *)&b->world->threads.v[0])->switches++;
	cr_expect(confirm_knows(a, b));
	cr_assert_eq(confirm_verdicts(a, b), 0);
	cr_assert_eq(b->findings.n, 1);
	cr_expect_eq(f->age_ns, 101 * SECOND);
	cr_expect_eq(b->goroutines.v[0].age_ns, 101 * SECOND);
	cr_expect_str_eq(f->evidence.v[f->evidence.n - 1], "found so at 2 looks within 1.00 s");
	go_case_free(a);
	go_case_free(b);
}

/* It waits on the same channel again. */
Test(unreachable, one_that_ran_between_two_looks)
{
	const struct go_case rows[] = { { 1, STUCK, 0x40 }, {} };
	struct world *w = go_case_world(GO_READ | GO_MARKED, rows);
	struct verdicts *a = go_case_judge(go_case_world(GO_READ | GO_MARKED, rows)), *b;

	w->go_waits.v[0].turns = 1;
	b = go_case_judge(w);
	cr_assert_eq(b->findings.n, 1);
	cr_assert_eq(confirm_verdicts(a, b), 0);
	cr_expect_eq(b->findings.n, 0);
	go_case_free(a);
	go_case_free(b);
}

Test(unreachable, a_new_one_is_to_be_confirmed)
{
	static const struct go_case one[] = { { 1, STUCK, 0x10 }, {} };
	static const struct go_case two[] = { { 1, STUCK, 0x10 }, { 2, STUCK, 0x10 }, {} };
	struct verdicts *a = go_case_judge(go_case_world(GO_READ | GO_MARKED, one));
	struct verdicts *b = second(GO_READ | GO_MARKED, two);

	cr_expect_not(confirm_knows(a, b));
	cr_expect(confirm_knows(b, a));
	go_case_free(a);
	go_case_free(b);
}

/* ---- why ---- */

Test(unreachable, why)
{
	static const struct {
		__u32 program;
		struct go_case cases[2];
		enum verdict_class class;
		const char *source;
	} rows[] = {
		{ GO_READ | GO_MARKED, { { 1, STUCK, 0x10 } }, CLASS_UNREACHABLE, NULL },
		{ GO_READ, { { 1, GO_STUCK | GO_NOTHING } }, CLASS_UNREACHABLE, NULL },
		{ GO_READ | GO_MARKED,
		  { { 1, STUCK | GO_TORN, 0x10 } },
		  CLASS_UNKNOWN,
		  "it ran while it was read" },
		{ GO_READ | GO_MARKED,
		  { { 1, GO_CHANNEL, 0x10 } },
		  CLASS_IDLE,
		  "something that can still run reaches what it waits on" },
		{ GO_READ,
		  { { 1, GO_CHANNEL, 0x10 } },
		  CLASS_UNKNOWN,
		  "its memory was not searched" },
		{ GO_READ | GO_MARKED, { { 1, 0, .reason = "IO wait" } }, CLASS_NONE, NULL },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct verdicts *v = go_case_judge(go_case_world(rows[i].program, rows[i].cases));
		struct gowaits_answer a = gowaits_explain(v, &v->goroutines.v[0]);

		cr_expect_eq(a.class, rows[i].class, "%zu", i);
		cr_expect(!a.source == !rows[i].source && a.rule, "%zu", i);
		if (a.source && rows[i].source)
			cr_expect_str_eq(a.source, rows[i].source);
		go_case_free(v);
	}
}

Test(unreachable, judged)
{
	struct go_process p = { .tgid = 1,
				.trouble = "its version is not known: go1.99",
				.unsearched = "its heap is too large" };
	const char *why;

	cr_expect(!gowaits_searched(NULL, &why) && why);
	cr_expect(!gowaits_searched(&p, &why));
	cr_expect_str_eq(why, p.trouble);
	p.bits = GO_READ;
	cr_expect(!gowaits_searched(&p, &why));
	cr_expect_str_eq(why, p.unsearched);
	p.unsearched[0] = '\0';
	cr_expect(gowaits_searched(&p, &why)); /* nobody waits */
	p.waiting = 1;
	cr_expect(!gowaits_searched(&p, &why));
	p.bits |= GO_MARKED;
	cr_expect(gowaits_searched(&p, &why) && !why);
	strcpy(p.unsearched, "more of its goroutines are stuck than are listed");
	cr_expect(!gowaits_searched(&p, &why));
	cr_expect_str_eq(why, p.unsearched);
}
