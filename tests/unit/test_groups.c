// SPDX-License-Identifier: GPL-2.0-only
/* test_groups.c - what processes are called, and what is counted for them. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "groups_case.h"

static void check(const char *pattern, const char *part)
{
	const char *error = "";
	bool good = groups_pattern_check(pattern, &error);

	cr_expect_eq(good, !part, "\"%s\": %s", pattern, error);
	if (part)
		cr_expect(strstr(error, part), "\"%s\": %s", pattern, error);
}

Test(groups, patterns)
{
	char longest[300] = { [0 ... 298] = 'x' };

	check("{exe}", NULL);
	check("{comm}@{unit}", NULL);
	check("{comm}, all of it", NULL);
	check("exe", "one group");
	check("", "empty");
	check("{pid}", "{exe}, {comm} and {unit}");
	check("{exe", "braces");
	check("exe}", "braces");
	check(longest, "longer");
}

Test(groups, are_those_of_the_settings)
{
	struct groups *g = groups_new("{exe}", false, GROUPS_LIMIT_MAX + 1);

	cr_expect(groups_are(g, "{exe}", false, GROUPS_LIMIT_MAX + 1));
	cr_expect_not(groups_are(g, "{comm}", false, GROUPS_LIMIT_MAX + 1));
	cr_expect_not(groups_are(g, "{exe}", true, GROUPS_LIMIT_MAX + 1));
	cr_expect_not(groups_are(g, "{exe}", false, 50));
	groups_free(g);
}

/* What one process is called. */
static void called(const char *pattern, bool units, struct group_name name, const char *expected)
{
	struct groups *g = groups_new(pattern, units, 50);
	struct world *w = fixture_world();
	struct verdicts v = { .world = w };

	fixture_thread(w, 7, 7);
	name.tgid = name.started = 7;
	cr_assert(groups_wants(g, 7, 7));
	cr_assert_eq(groups_tell(g, &name), 0);
	cr_assert_not(groups_wants(g, 7, 7));
	cr_assert_eq(groups_look(g, &v), 0);
	says(g, expected);
	groups_free(g);
	world_free(w);
}

Test(groups, names)
{
	called("{exe}", false, (struct group_name){ .exe = "/usr/bin/a", .comm = "c" }, "a 1 +0-0");
	called("{exe}", false, (struct group_name){ .exe = "/b (deleted)", .comm = "c" },
	       "b 1 +0-0");
	called("{exe}", false, (struct group_name){ .comm = "c" }, "c 1 +0-0");
	called("{exe}", false, (struct group_name){ .exe = "/", .comm = "" }, "? 1 +0-0");
	called("{unit}", false, (struct group_name){ .exe = "/a", .comm = "c" }, "c 1 +0-0");
	called("<{comm}|{exe}|{unit}>", false,
	       (struct group_name){ .exe = "/a", .comm = "c", .unit = "u" }, "<c|a|u> 1 +0-0");
	called("{exe}", true, (struct group_name){ .exe = "/a", .comm = "c", .unit = "x.service" },
	       "a/x.service 1 +0-0");
	called("{exe}", true, (struct group_name){ .exe = "/a", .comm = "c" }, "a 1 +0-0");
	called("x", false, (struct group_name){ .exe = "/a", .comm = "c", .unit = "u" },
	       "x 1 +0-0");
}

Test(groups, hostile_names)
{
	char longest[300] = { [0 ... 298] = 'x' }, expected[300] = { [0 ... 127] = 'x' };

	called("{comm}", false, (struct group_name){ .comm = "a\nb\xff\"\\" },
	       "a\\x0ab\\xff\"\\ 1 +0-0");
	called("{comm}", false, (struct group_name){ .comm = "{exe}" }, "{exe} 1 +0-0");
	strcat(expected, " 1 +0-0");
	called("{comm}", false, (struct group_name){ .comm = longest }, expected);
}

Test(groups, program_named_other)
{
	struct groups *g = groups_new("{exe}", false, 1);

	look(g, HOST({ 100, 2, "/bin/other" }, { 200, 1, "/bin/a" }));
	says(g, "other (program) 2 +0-0; other 1 +0-0");
	groups_free(g);
}

Test(groups, events)
{
	struct groups *g = groups_new("{exe}", false, 50);

	look(g, HOST({ 100, 2, "/a" }, { 200, 1, "/b" }));
	says(g, "a 2 +0-0; b 1 +0-0");
	birth(g, 102, 100);
	says(g, "a 2 +1-0; b 1 +0-0");
	death(g, 102, 100);
	death(g, 200, 200);
	look(g, HOST({ 100, 2, "/a" }));
	says(g, "a 2 +1-1; b 0 +0-1");
	groups_free(g);
}

Test(groups, named_later)
{
	struct groups *g = groups_new("{exe}", false, 50);

	birth(g, 100, 100);
	birth(g, 101, 100);
	birth(g, 102, 100);
	death(g, 102, 100);
	cr_assert(groups_wants(g, 100, 100));
	look(g, HOST({ 100, 2, "/a" }));
	says(g, "a 2 +3-1");
	groups_free(g);
}

/* Too short for anybody to ask its name. */
Test(groups, ends_unnamed)
{
	struct groups *g = groups_new("{exe}", false, 50);

	look(g, HOST({ 100, 1, "/a" }));
	birth(g, 200, 200);
	birth(g, 201, 200);
	death(g, 200, 200);
	death(g, 201, 200);
	birth(g, 300, 300); /* its end is lost */
	look(g, HOST({ 100, 1, "/a" }));
	says(g, "a 1 +0-0; other 0 +3-2");
	groups_free(g);
}

Test(groups, untold)
{
	struct groups *g = groups_new("{exe}", false, 50);

	birth(g, 101, 100);
	look(g, HOST({ 100, 2, NULL }));
	says(g, "other 2 +0-0");
	birth(g, 102, 100);
	look(g, HOST({ 100, 3, "/a" }));
	says(g, "a 3 +2-0; other 0 +0-0");
	groups_free(g);
}

Test(groups, exec)
{
	struct groups *g = groups_new("{exe}", false, 50);

	look(g, HOST({ 100, 1, "/sh" }));
	birth(g, 200, 200);
	look(g, HOST({ 100, 1, "/sh" }, { 200, 1, "/sh" }));
	says(g, "sh 2 +1-0");
	exec(g, 200);
	cr_assert(groups_wants(g, 200, 200));
	birth(g, 201, 200);
	look(g, HOST({ 100, 1, "/sh" }, { 200, 2, "/a" }));
	says(g, "a 2 +1-0; sh 1 +1-0");
	exec(g, 999);
	groups_free(g);
}

/* The same number is another process. */
Test(groups, number_reused)
{
	struct groups *g = groups_new("{exe}", false, 50);

	look(g, HOST({ 100, 1, "/a" }));
	cr_assert(groups_wants(g, 100, 5000));
	birth_at(g, 100, 100, 5000);
	cr_assert(groups_wants(g, 100, 5000));
	look(g, HOST({ 100, 1, "/b", 0, 5000 }));
	says(g, "b 1 +1-0; a 0 +0-0");
	/* and again, with all events lost */
	look(g, HOST({ 100, 1, "/c", 0, 6000 }));
	says(g, "c 1 +0-0; a 0 +0-0; b 0 +1-0");
	groups_free(g);
}

/* Born while the look was under way. */
Test(groups, too_young_for_the_look)
{
	struct groups *g = groups_new("{exe}", false, 50);

	birth_at(g, 100, 100, FIXTURE_NOW + 1);
	look(g, EMPTY);
	says(g, "");
	look(g, HOST({ 100, 1, "/a", 0, FIXTURE_NOW + 1 }));
	says(g, "a 1 +1-0");
	groups_free(g);
}

Test(groups, gauges)
{
	struct groups *g = groups_new("{exe}", false, 1);
	const struct group *all;
	size_t n;

	look(g, HOST({ 100, 5, "/a", 3 }, { 200, 4, "/b", 2 }));
	all = groups_all(g, &n);
	cr_assert_eq(n, 2);
	for (size_t i = 0; i < n; i++) {
		cr_expect_eq(all[i].blocked[WAIT_MUTEX], 3 - i);
		cr_expect_eq(all[i].age_max_ns[WAIT_MUTEX], (3 - i) * 1000000000ull);
		cr_expect_eq(all[i].stuck[CLASS_DEADLOCK][CONFIDENCE_PROVEN], 3 - i);
		cr_expect_eq(all[i].blocked[WAIT_RUNNING], 0);
		cr_expect_eq(all[i].stuck[CLASS_ACCUMULATING][CONFIDENCE_LIKELY], 1);
	}
	look(g, HOST({ 100, 5, "/a" }, { 200, 4, "/b" }));
	all = groups_all(g, &n);
	cr_expect_eq(all[0].blocked[WAIT_MUTEX], 0);
	cr_expect_eq(all[0].age_max_ns[WAIT_MUTEX], 0);
	groups_free(g);
}

Test(groups, growth)
{
	struct groups *g = groups_new("{exe}", false, 1);
	struct world *w = fixture_world();
	struct verdicts v = { .world = w };
	struct site s = { .id = 5,
			  .tgid = 100,
			  .floors.n = 6,
			  .floors.window_ns = 10000000000,
			  .floors.at = { 0, 10, 20, 30, 40, 50 } };
	struct finding f = {
		.class = CLASS_ACCUMULATING, .confidence = CONFIDENCE_LIKELY, .pid = 100, .place = 5
	};
	size_t n;

	groups_case_tell(g, HOST({ 100, 1, "/a" }));
	fixture_thread(w, 100, 100)->started = 100;
	cr_assert(!array_push(&w->past.sites, s));
	s.id = 6;
	cr_assert(!array_push(&w->past.sites, s));
	cr_assert(!array_push(&v.findings, f));
	cr_assert_eq(groups_look(g, &v), 0);
	cr_expect_float_eq(groups_all(g, &n)[0].growth, 1, 1e-9);
	v.findings.v[0].confidence = CONFIDENCE_SUSPECT;
	cr_assert_eq(groups_look(g, &v), 0);
	cr_expect_float_eq(groups_all(g, &n)[0].growth, 0, 1e-9);
	array_free(&v.findings);
	world_free(w);
	groups_free(g);
}
