// SPDX-License-Identifier: GPL-2.0-only
/* test_world.c - what one look keeps: what it could not see, and how long ago that was. */
#include <criterion/criterion.h>
#include <string.h>

#include "fixture.h"

Test(world, ago_is_never_before_the_beginning)
{
	struct world w = { .boot_time = 100 };

	cr_expect_eq(world_ago(&w, 30), 70);
	cr_expect_eq(world_ago(&w, 100), 0);
	cr_expect_eq(world_ago(&w, ~0ull), 0);
}

/* What finds no room is counted. */
Test(world, blind_counts_what_it_does_not_say)
{
	struct world *w = fixture_world();

	for (int twice = 0; twice < 2; twice++)
		for (int i = 0; i < WORLD_BLIND_MAX; i++)
			cr_assert_eq(world_blind(w, "sentence %d", i), 0);
	cr_expect_eq(w->blind.n, WORLD_BLIND_MAX);
	cr_expect_str_eq(w->blind.v[WORLD_BLIND_MAX - 1], "sentence 255");
	cr_assert_eq(world_blind(w, "one"), 0);
	cr_assert_eq(w->blind.n, WORLD_BLIND_MAX + 1);
	cr_expect_str_eq(w->blind.v[WORLD_BLIND_MAX], "and 1 more");
	cr_assert_eq(world_blind(w, "two"), 0);
	cr_assert_eq(w->blind.n, WORLD_BLIND_MAX + 1);
	cr_expect_str_eq(w->blind.v[WORLD_BLIND_MAX], "and 2 more");
	world_free(w);
}
