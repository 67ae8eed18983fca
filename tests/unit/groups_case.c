// SPDX-License-Identifier: GPL-2.0-only
/* groups_case.c - hosts, looks and events, for the tests of groups.c */
#include "groups_case.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"

static __u64 started_of(const struct run *r)
{
	return r->started ? r->started : r->tgid;
}

void groups_case_tell(struct groups *g, const struct run *r)
{
	struct group_name name = {
		.tgid = r->tgid, .started = started_of(r), .exe = r->exe, .comm = "comm"
	};

	if (r->exe && groups_wants(g, name.tgid, name.started))
		cr_assert_eq(groups_tell(g, &name), 0);
}

/* And of each process that has some, one that runs and belongs to a finding all the same. */
static void judge_stuck(struct verdicts *v, const struct run *r)
{
	const struct judged running = { .thread = world_thread(v->world, r->tgid),
					.class = CLASS_ACCUMULATING,
					.confidence = CONFIDENCE_LIKELY };

	if (r->stuck)
		cr_assert(!array_push(&v->judged, running));
	for (__u32 i = 0; i < r->stuck; i++) {
		struct judged j = {
			.thread = world_thread(v->world, r->tgid + i),
			.wait = { .kind = WAIT_MUTEX },
			.class = CLASS_DEADLOCK,
			.confidence = CONFIDENCE_PROVEN,
			.age_ns = (i + 1) * 1000000000ull,
		};

		cr_assert(!array_push(&v->judged, j));
	}
}

void groups_case_look(struct groups *g, const struct run *runs,
		      void (*watch)(const struct groups *g))
{
	struct world *w = fixture_world();
	struct verdicts v = { .world = w, .threshold_ns = 1000000000 };

	for (const struct run *r = runs; r->tgid; r++)
		for (__u32 i = 0; i < r->threads; i++)
			fixture_thread(w, r->tgid + i, r->tgid)->started = started_of(r);
	world_sort(w);
	for (const struct run *r = runs; r->tgid; r++) {
		groups_case_tell(g, r);
		judge_stuck(&v, r);
	}
	if (watch)
		watch(g);
	cr_assert_eq(groups_look(g, &v), 0);
	array_free(&v.judged);
	world_free(w);
}

void birth_at(struct groups *g, __u32 tid, __u32 tgid, __u64 started)
{
	struct wire_birth e = { .head = { .tid = tid }, .tgid = tgid, .started = started };

	cr_assert_eq(groups_birth(g, &e), 0);
}

void birth(struct groups *g, __u32 tid, __u32 tgid)
{
	birth_at(g, tid, tgid, tid);
}

void death(struct groups *g, __u32 tid, __u32 tgid)
{
	struct wire_death e = { .head = { .tid = tid }, .tgid = tgid };

	cr_assert_eq(groups_death(g, &e), 0);
}

void exec(struct groups *g, __u32 tgid)
{
	struct wire_exec e = { .head = { .tid = tgid }, .tgid = tgid, .old = tgid };

	cr_assert_eq(groups_exec(g, &e), 0);
}

void says(const struct groups *g, const char *expected)
{
	char text[4096] = "";
	size_t n, len = 0;
	const struct group *all = groups_all(g, &n);

	for (size_t i = 0; i < n && len < sizeof(text); i++)
		len += snprintf(text + len, sizeof(text) - len, "%s%s%s%s %u +%llu-%llu",
				i ? "; " : "", all[i].name, *all[i].unit ? "/" : "", all[i].unit,
				all[i].threads, all[i].born, all[i].ended);
	cr_expect_str_eq(text, expected);
}
