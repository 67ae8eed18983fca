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

/* Thread 10 sleeps on a free lock that process 20 maps as well, of which a thread has no CPU. */
static struct verdicts *lost(void)
{
	struct world *w = fixture_world();
	struct wire_thread *t = fixture_locks(w, 10, 10, M1);
	struct verdicts *v;

	t->key_id = 5;
	t->key_word = 0;
	t->key_offset |= 1;
	cr_assert_eq(array_push(&w->mappers, ((struct mapper){ 5, 0, 10, 0 })), 0);
	cr_assert_eq(array_push(&w->mappers, ((struct mapper){ 5, 0, 20, 0 })), 0);
	fixture_mutex(w, 10, M1, 0, 0);
	fixture_running(w, 20, 20);
	world_sort(w);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	cr_assert_eq(v->findings.n, 1);
	cr_assert_eq(v->findings.v[0].confidence, CONFIDENCE_LIKELY);
	return v;
}

Test(confirm, who_owes_the_wake_may_starve_in_another_process)
{
	struct verdicts *v[2] = { lost(), lost() };

	cr_assert_eq(confirm_verdicts(v[0], v[1]), 0);
	cr_assert_eq(v[1]->findings.n, 1);
	cr_expect_eq(v[1]->findings.v[0].confidence, CONFIDENCE_SUSPECT);
	for (size_t i = 0; i < 2; i++) {
		struct world *w = (struct world *)v[i]->world;

		verdict_free(v[i]);
		world_free(w);
	}
}

/* Thread 10 reads what 20 should write, which hangs; a live thread beside may cancel it. */
static struct verdicts *queued(void)
{
	struct world *w = fixture_world();
	struct verdicts *v;

	fixture_reads_pipe(w, 10, 10, 77);
	fixture_holds_pipe(w, 20, 77);
	fixture_locks(w, 20, 20, M1);
	fixture_mutex(w, 20, M1, 2, 20);
	fixture_thread(w, 11, 10);
	fixture_process(w, 10, 0, 0);
	fixture_process(w, 20, 0, 0);
	world_sort(w);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	cr_assert_eq(v->findings.n, 2);
	return v;
}

/* Findings that are left if thread tid ran between the looks. */
static size_t left_when_moved(__u32 tid)
{
	struct verdicts *v[2] = { queued(), queued() };
	struct world *w[2] = { (struct world *)v[0]->world, (struct world *)v[1]->world };
	size_t left;

	for (size_t i = 0; i < w[1]->threads.n; i++)
		w[1]->threads.v[i].switches += w[1]->threads.v[i].head.tid == tid;
	cr_assert_eq(confirm_verdicts(v[0], v[1]), 0);
	left = v[1]->findings.n;
	for (size_t i = 0; i < 2; i++) {
		verdict_free(v[i]);
		world_free(w[i]);
	}
	return left;
}

Test(confirm, who_queues_falls_with_its_cause)
{
	cr_expect_eq(left_when_moved(0), 2);
	cr_expect_eq(left_when_moved(10), 1);
	cr_expect_eq(left_when_moved(20), 0);
}
