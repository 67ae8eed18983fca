// SPDX-License-Identifier: GPL-2.0-only
/* test_ignore.c - findings that nobody wants to hear of are not there. */
#include <criterion/criterion.h>
#include <string.h>

#include "ignore.h"
#include "fixture.h"

#define M 0x10000ull

/* Two processes: in each a thread that waits for a mutex that is its own, and one behind it. */
static struct verdicts *judged(struct world *w)
{
	static const char *const names[] = { "leaky", "other" };
	struct verdicts *v;

	for (__u32 i = 0; i < 2; i++) {
		const __u32 pid = 10 + 10 * i;

		fixture_locks(w, pid, pid, M);
		fixture_locks(w, pid + 1, pid, M);
		fixture_mutex(w, pid, M, 2, pid);
		for (__u32 k = 0; k < 2; k++)
			strcpy(w->threads.v[2 * i + k].comm, k ? "worker" : names[i]);
	}
	world_sort(w);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	cr_assert_eq(v->findings.n, 2);
	cr_assert_eq(v->stuck, 4);
	return v;
}

/* Of a finding that a thread of the other process queues behind. */
static size_t left_of_both(const char *const *patterns, size_t n)
{
	struct world *w = fixture_world();
	struct verdicts *v = judged(w);
	struct finding *f = &v->findings.v[0];
	size_t left;

	cr_assert(!array_push(&f->members, v->findings.v[1].members.v[0]));
	ignore_findings(v, &(const struct ignore){ patterns, n });
	left = v->findings.n;
	verdict_free(v);
	world_free(w);
	return left;
}

/* Which findings are left, of all that there are. */
static void expect(const char *const *patterns, size_t n, size_t left, __u32 pid)
{
	struct world *w = fixture_world();
	struct verdicts *v = judged(w);

	cr_expect_eq(ignore_all(v, &(const struct ignore){ patterns, n }), !left);
	ignore_findings(v, &(const struct ignore){ patterns, n });
	cr_assert_eq(v->findings.n, left);
	cr_expect_eq(v->stuck, 2 * left);
	cr_expect_eq(v->unknown, 4 - 2 * left);
	for (size_t i = 0; i < v->judged.n; i++) {
		const struct judged *j = &v->judged.v[i];
		const bool kept = left == 2 || (left && j->thread->tgid == pid);

		cr_expect_eq(!j->finding, !kept);
		cr_expect_eq(j->class == CLASS_UNKNOWN, !kept);
		cr_expect(!j->finding || v->findings.v[j->finding - 1].pid == j->thread->tgid);
	}
	verdict_free(v);
	world_free(w);
}

Test(ignore, nobody)
{
	expect(NULL, 0, 2, 0);
	expect((const char *const[]){ "work*", "leak" }, 2, 2, 0); /* threads; half a name */
}

Test(ignore, by_the_name_of_the_process)
{
	expect((const char *const[]){ "x", "leak*" }, 2, 1, 20);
	expect((const char *const[]){ "other" }, 1, 1, 10);
	expect((const char *const[]){ "*" }, 1, 0, 0);
}

Test(ignore, not_what_concerns_others_too)
{
	cr_expect_eq(left_of_both((const char *const[]){ "leaky" }, 1), 2);
	cr_expect_eq(left_of_both((const char *const[]){ "other" }, 1), 1);
	cr_expect_eq(left_of_both((const char *const[]){ "leaky", "other" }, 2), 0);
}
