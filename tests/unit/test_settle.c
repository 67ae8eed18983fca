// SPDX-License-Identifier: GPL-2.0-only
/* test_settle.c - of a large look stays what is asked for later, and that as it was. */
#include <criterion/criterion.h>

#include "analyze/confirm.h"
#include "analyze/settle.h"
#include "fixture.h"

#define M1 0x10000ull
#define M2 0x20000ull
#define CROWD 900 /* of process 1000, thread 1000 + i sleeps since i * (a 1800th of the time) */
#define WAITS 20

/* A crowd beside a deadlock of threads 10 and 11, behind which thread 12 queues. */
static struct world *look(void)
{
	struct world *w = fixture_world();

	fixture_locks(w, 10, 10, M2);
	fixture_locks(w, 11, 10, M1);
	fixture_locks(w, 12, 10, M1);
	fixture_mutex(w, 10, M1, 2, 10);
	fixture_mutex(w, 10, M2, 2, 11);
	for (__u32 i = 0; i < CROWD; i++) {
		struct wire_thread *t = fixture_thread(w, 1000 + i, 1000);

		t->arrived = t->accounted = i * (FIXTURE_NOW / 2 / CROWD);
	}
	fixture_running(w, 5000, 1000);
	world_sort(w);
	return w;
}

static struct verdicts *judged(struct world *w)
{
	struct verdicts *v;

	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	cr_assert_eq(v->findings.n, 1);
	return v;
}

static void free_both(struct verdicts *v, struct world *w)
{
	verdict_free(v);
	world_free(w);
}

Test(settle, keeps_what_is_asked_for)
{
	struct world *w = look();
	struct verdicts *v = judged(w);
	__u32 blocked = v->blocked, threads = v->threads;

	cr_assert_eq(settle_verdicts(v, w, WAITS), 0);
	cr_expect_lt(w->threads.n, WAITS + 10);
	cr_expect_leq(w->threads.cap, WAITS + 10);
	cr_expect_leq(v->judged.n, WAITS + 3);
	cr_expect_eq(v->blocked, blocked);
	cr_expect_eq(v->threads, threads);
	cr_expect(world_thread(w, 5000) && world_thread(w, 1000));
	cr_assert_eq(v->findings.v[0].members.n, 3);
	for (__u32 i = 0; i < 3; i++)
		cr_expect_eq(v->judged.v[v->findings.v[0].members.v[i]].thread->head.tid, 10 + i);
	for (__u32 i = 0; i < WAITS - 3; i++)
		cr_expect(verdict_of(v, 1000 + i), "%u", i);
	for (size_t i = 0; i < v->judged.n; i++)
		cr_expect_eq(v->judged.v[i].thread,
			     world_thread(w, v->judged.v[i].thread->head.tid));
	free_both(v, w);
}

Test(settle, the_same_again_is_known)
{
	struct world *w[] = { look(), look() };
	struct verdicts *first = judged(w[0]), *second = judged(w[1]);

	cr_assert_eq(settle_verdicts(first, w[0], WAITS), 0);
	cr_expect(confirm_knows(first, second));
	cr_assert_eq(confirm_verdicts(first, second), 0);
	cr_expect_eq(second->findings.n, 1);
	free_both(first, w[0]);
	free_both(second, w[1]);
}

/* However many there are of the same age, so many are kept. */
Test(settle, ties)
{
	struct world *w = look();
	struct verdicts *v;

	for (size_t i = 0; i < w->threads.n; i++)
		w->threads.v[i].arrived = w->threads.v[i].accounted = 0;
	v = judged(w);
	cr_assert_eq(settle_verdicts(v, w, WAITS), 0);
	cr_expect(v->judged.n >= WAITS && v->judged.n <= WAITS + 3, "%zu", v->judged.n);
	free_both(v, w);
}

Test(settle, a_small_look_stays_whole)
{
	struct world *w = look();
	struct verdicts *v = judged(w);
	size_t n = v->judged.n, threads = w->threads.n;

	cr_assert_eq(settle_verdicts(v, w, CROWD), 0);
	cr_expect_eq(v->judged.n, n);
	cr_expect_eq(w->threads.n, threads);
	free_both(v, w);
}
