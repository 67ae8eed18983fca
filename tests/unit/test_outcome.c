// SPDX-License-Identifier: GPL-2.0-only
/* test_outcome.c - why a finding of goroutines is gone (test_journal.c: of threads). */
#include <criterion/criterion.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/journal.h"
#include "daemon/outcome.h"
#include "go_case.h"

#define STUCK GO_STUCK | GO_CHANNEL
#define ALL GO_READ | GO_MARKED

static const struct go_case before[] = { { 1, STUCK, 0x10 }, { 2, STUCK, 0x10 }, {} };

/* What is noted of it, when it was found first. */
static struct outcome_subject subject(void)
{
	struct verdicts *v = go_case_judge(go_case_world(ALL, before));
	struct outcome_subject o;

	cr_assert_eq(v->findings.n, 1);
	outcome_open(&o, v, &v->findings.v[0]);
	outcome_note(&o, v, &v->findings.v[0]);
	go_case_free(v);
	return o;
}

Test(outcome, goroutines)
{
	static const struct {
		const char *title;
		__u32 bits;
		struct go_case now[3];
		enum outcome how;
		bool wrong;
	} rows[] = {
		{ "gone, and the process goes on", ALL, { {} }, OUTCOME_WOKE, true },
		{ "one of them is gone", ALL, { { 1, STUCK, 0x10 } }, OUTCOME_WOKE, true },
		{ "waits on something else",
		  ALL,
		  { { 1, STUCK, 0x20 }, { 2, STUCK, 0x10 } },
		  OUTCOME_WOKE,
		  true },
		{ "the same, where nothing was searched",
		  GO_READ,
		  { { 1, GO_CHANNEL, 0x20 }, { 2, GO_CHANNEL, 0x10 } },
		  OUTCOME_WOKE,
		  true },
		{ "reached all at once",
		  ALL,
		  { { 1, STUCK, 0x10 }, { 2, GO_CHANNEL, 0x10 } },
		  OUTCOME_REACHED,
		  true },
		{ "not searched",
		  GO_READ,
		  { { 1, GO_CHANNEL, 0x10 }, { 2, GO_CHANNEL, 0x10 } },
		  OUTCOME_WITHDRAWN,
		  false },
		{ "not searched, and no rows", GO_READ, { {} }, OUTCOME_WITHDRAWN, false },
		{ "not read", 0, { {} }, OUTCOME_WITHDRAWN, false },
		{ "stuck, but not confirmed",
		  ALL,
		  { { 1, STUCK, 0x10 }, { 2, STUCK | GO_TORN, 0x30 } },
		  OUTCOME_WITHDRAWN,
		  false },
	};
	struct outcome_subject o = subject();

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct world *w = go_case_world(rows[i].bits, rows[i].now);

		cr_expect_eq(outcome_of(&o, w), rows[i].how, "%s", rows[i].title);
		cr_expect_eq(outcome_was_wrong(outcome_of(&o, w)), rows[i].wrong);
		world_free(w);
	}
}

/* Nobody is wrong about who was killed, or has become another. */
Test(outcome, the_process_ended)
{
	struct outcome_subject o = subject();
	struct world *w = go_case_world(ALL, before + 2);

	w->threads.v[0].started++;
	cr_expect_eq(outcome_of(&o, w), OUTCOME_ENDED);
	w->threads.v[0].started--;
	o.process_mm = 7;
	w->threads.v[0].mm = 8; /* an exec */
	cr_expect_eq(outcome_of(&o, w), OUTCOME_ENDED);
	w->threads.v[0].mm = 0;
	w->threads.v[0].bits |= WIRE_ZOMBIE;
	cr_expect_eq(outcome_of(&o, w), OUTCOME_WOKE); /* its other threads run on */
	w->go_processes.n = 0;
	cr_expect_eq(outcome_of(&o, w), OUTCOME_ENDED);
	w->threads.n = 0;
	cr_expect_eq(outcome_of(&o, w), OUTCOME_ENDED);
	world_free(w);
}

static void show(struct journal *j, const struct go_case *cases, struct journal_counts *counts)
{
	struct verdicts *v = go_case_judge(go_case_world(ALL, cases));

	cr_assert_eq(journal_findings(j, v, counts), 0);
	go_case_free(v);
}

/* A false alarm counts as one. */
Test(outcome, in_the_log)
{
	struct journal_counts counts = {};
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	struct journal *j = journal_new(out, true);

	show(j, before, &counts);
	show(j, before, &counts);
	fflush(out);
	cr_expect(strstr(text, "\"event\":\"finding-opened\"") && strstr(text, "\"count\":2"), "%s",
		  text);
	cr_expect(strstr(text, "\"class\":\"unreachable\"") && strstr(text, "\"comm\":\"t10\""));
	show(j, before + 2, &counts);
	cr_expect_eq(counts.resolved[CLASS_UNREACHABLE], 0);
	show(j, before + 2, &counts);
	fflush(out);
	cr_expect(strstr(text, "\"event\":\"finding-resolved\"") &&
			  strstr(text, "\"how\":\"woke\"") &&
			  strstr(text, "\"message\":\"its goroutines went on\""),
		  "%s", text);
	cr_expect_eq(counts.found[CLASS_UNREACHABLE], 1);
	cr_expect_eq(counts.resolved[CLASS_UNREACHABLE], 1);
	journal_free(j);
	fclose(out);
	free(text);
}
