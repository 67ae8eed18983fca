// SPDX-License-Identifier: GPL-2.0-only
/* test_confirm.c - what a pass need not confirm anew, because the pass before has. */
#include <criterion/criterion.h>

#include "analyze/confirm.h"
#include "fixture.h"

#define M1 0x10000ull
#define M2 0x20000ull

/* A deadlock of threads 10 and 11, and so many that queue behind it. */
static struct verdicts *judged(__u32 queue)
{
	struct world *w = fixture_world();
	struct verdicts *v;

	fixture_locks(w, 10, 10, M2);
	fixture_locks(w, 11, 10, M1);
	fixture_mutex(w, 10, M1, 2, 10);
	fixture_mutex(w, 10, M2, 2, 11);
	for (__u32 i = 0; i < queue; i++)
		fixture_locks(w, 20 + i, 10, M1);
	world_sort(w);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	return v;
}

static bool knows(struct verdicts *first, struct verdicts *second)
{
	bool known = confirm_knows(first, second);
	struct world *worlds[] = { (struct world *)first->world, (struct world *)second->world };

	verdict_free(first);
	verdict_free(second);
	world_free(worlds[0]);
	world_free(worlds[1]);
	return known;
}

Test(confirm, the_same_again_is_known)
{
	cr_expect(knows(judged(1), judged(1)));
	cr_expect(knows(judged(2), judged(1)));
}

Test(confirm, whoever_joins_is_to_be_confirmed)
{
	cr_expect(!knows(judged(1), judged(2)));
}

Test(confirm, whoever_moved_is_to_be_confirmed)
{
	struct verdicts *second = judged(1);

	((struct world *)second->world)->threads.v[2].switches++;
	cr_expect(!knows(judged(1), second));
}
