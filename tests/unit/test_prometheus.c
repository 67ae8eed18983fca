// SPDX-License-Identifier: GPL-2.0-only
/* test_prometheus.c - the exposition, word for word, and what must not be in it. */
#include <criterion/criterion.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "made.h"
#include "report/prometheus.h"
#include "version.h"

#define SECOND 1000000000ull
#define GOLDEN "tests/golden/metrics.prom"

static const struct health health = {
	.passes = 360,
	.failed = 2,
	.pass_ns = 350 * SECOND / 1000,
	.scan_ns = 12345678,
	.last_pass = 1714572315 * SECOND + 250000000,
	.interval_ns = 10 * SECOND,
	.events = { 1000, 10, 300, 990, 5 },
	.lost = 7,
	.stacks_dropped = 3,
	.restarts = 1,
	.cpu_ns = 7 * SECOND + 20,
	.resident = 12345344,
	.probes = { { "lifetime_fork", 1500000 }, { "lifetime_exit", 2 * SECOND } },
	.nprobes = 2,
	.futex_hook = "fentry",
	.found = { [CLASS_DEADLOCK] = 3, [CLASS_ACCUMULATING] = 1 },
	.resolved = { [CLASS_DEADLOCK] = 1 },
};

static const struct made_thread threads[] = {
	{ 100, 100, "server", WAIT_JOIN, 1, 50.5, CLASS_DEADLOCK, .role = ROLE_QUEUED },
	{ 101, 100, "a", WAIT_MUTEX, 2, 60, CLASS_DEADLOCK },
	{ 102, 100, "b", WAIT_MUTEX, 3, 61.25, CLASS_DEADLOCK },
	{ 103, 100, "c", WAIT_RUNNING },
	{ 200, 200, "evil", WAIT_EPOLL, 0, 3600, CLASS_IDLE, .source = "the network" },
	{ 201, 200, "s", WAIT_FUTEX, 5, 45, CLASS_LOST_WAKEUP },
	{ 300, 300, "leak", WAIT_SLEEP, 0, 40, CLASS_ACCUMULATING },
	{ 400, 400, "small", WAIT_RUNNING },
	{},
};

static const struct group_name names[] = {
	{ 100, 0, "/usr/sbin/server", "server", "web.service" },
	{ 200, 0, "/tmp/e\"v\\i\nl\xff", "evil", "dev-disk-by\\x2duuid.device" },
	{ 300, 0, "/usr/bin/leak", "leak", NULL },
	{ 400, 0, NULL, "small", NULL },
};

/* Programs that were judged, listed but not judged, and not even listed; two goroutines are stuck,
 * and a crowd of another program grows, of which one was read. */
static void add_goroutines(struct verdicts *v)
{
	static const struct go_process programs[] = {
		{ .tgid = 100, .bits = GO_READ | GO_MARKED, .goroutines = 20, .waiting = 9 },
		{ .tgid = 200, .trouble = "its version is not known" },
		{ .tgid = 300, .bits = GO_READ, .goroutines = 7, .waiting = 1 },
	};
	struct world *w = (struct world *)v->world;
	struct finding f = { .class = CLASS_UNREACHABLE,
			     .confidence = CONFIDENCE_PROVEN,
			     .pid = 100 };
	struct finding crowd = { .class = CLASS_ACCUMULATING,
				 .confidence = CONFIDENCE_LIKELY,
				 .pid = 300,
				 .place = 10,
				 .others = 4 };
	struct site s = { .id = 10,
			  .tgid = 300,
			  .made_at = 0x4711,
			  .floors.n = 6,
			  .floors.window_ns = 600 * SECOND,
			  .floors.at = { 0, 1, 2, 3, 4, 30 } };

	for (size_t i = 0; i < sizeof(programs) / sizeof(programs[0]); i++)
		cr_assert(!array_push(&w->go_processes, programs[i]));
	for (__u32 i = 0; i < 2; i++) {
		cr_assert(!array_push(&v->goroutines, (struct judged_goroutine){ .finding = 1 }));
		cr_assert(!array_push(&f.goroutines, i));
	}
	cr_assert(!array_push(&v->goroutines, (struct judged_goroutine){ .finding = 2 }));
	cr_assert(!array_push(&crowd.goroutines, 2));
	cr_assert(!array_push(&v->findings, f));
	cr_assert(!array_push(&v->findings, crowd));
	cr_assert(!array_push(&w->past.sites, s));
}

/* A host where everything that can be said is to be said. */
static struct verdicts *world(void)
{
	struct verdicts *v = made_verdicts(threads);
	struct world *w = (struct world *)v->world;
	struct site s = { .id = 9,
			  .tgid = 300,
			  .floors.n = 6,
			  .floors.window_ns = 600 * SECOND,
			  .floors.at = { 1, 11, 21, 31, 41, 51 } };
	struct finding f = {
		.class = CLASS_ACCUMULATING, .confidence = CONFIDENCE_LIKELY, .pid = 300, .place = 9
	};

	for (size_t i = 0; i < v->judged.n; i++) {
		if (v->judged.v[i].class == CLASS_ACCUMULATING)
			v->judged.v[i].confidence = CONFIDENCE_LIKELY;
		if (v->judged.v[i].class == CLASS_LOST_WAKEUP)
			v->judged.v[i].confidence = CONFIDENCE_SUSPECT;
	}
	add_goroutines(v);
	w->thread_limit = 32768;
	cr_assert(!array_push(&w->past.sites, s));
	cr_assert(!array_push(&v->findings, f));
	cr_assert_eq(world_blind(w, "events: 7 were lost"), 0);
	return v;
}

static struct groups *grouped(const struct verdicts *v, bool units, size_t limit)
{
	struct groups *g = groups_new("{exe}", units, limit);
	struct wire_birth e = { .head = { .tid = 103 }, .tgid = 100 };

	cr_assert(g);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		cr_assert_eq(groups_tell(g, &names[i]), 0);
	cr_assert_eq(groups_birth(g, &e), 0);
	cr_assert_eq(groups_look(g, v), 0);
	return g;
}

static char *printed(const struct metrics *m)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	cr_assert(out);
	cr_assert_eq(prometheus_print(out, m), 0);
	fclose(out);
	return text;
}

/* The version is another one at each commit. */
static void hide_version(char *text)
{
	static const char mine[] = "{version=\"" NOWAKE_VERSION "\",revision=\"" NOWAKE_REVISION
				   "\"}";
	static const char hidden[] = "{version=\"V\",revision=\"R\"}";
	char *at = strstr(text, mine);

	cr_assert(at);
	memcpy(at, hidden, strlen(hidden));
	memmove(at + strlen(hidden), at + strlen(mine), strlen(at + strlen(mine)) + 1);
}

static char *file_text(const char *path)
{
	char *text = NULL;
	size_t size = 0;
	FILE *f = fopen(path, "r");

	cr_assert(f, "%s: run this at the top of the tree", path);
	cr_assert_geq(getdelim(&text, &size, '\0', f), 0);
	fclose(f);
	return text;
}

/* NOWAKE_ACCEPT=1 writes the file anew, to be read before it is committed. */
Test(prometheus, golden)
{
	struct verdicts *v = world();
	struct groups *g = grouped(v, true, 3);
	char *got = printed(&(struct metrics){ g, &health, v }), *expected;

	hide_version(got);
	if (getenv("NOWAKE_ACCEPT")) {
		FILE *f = fopen(GOLDEN, "w");

		cr_assert(f && fputs(got, f) >= 0 && !fclose(f));
	}
	expected = file_text(GOLDEN);
	cr_assert_str_eq(got, expected);
	free(expected);
	free(got);
	groups_free(g);
	made_free(v);
}

static bool has(const char *text, const char *line)
{
	return strstr(text, line) != NULL;
}

/* A pass that failed says nothing about the host; the counters go on. */
Test(prometheus, absent_not_zero)
{
	struct health h = health;
	struct verdicts *v = world();
	struct groups *g = grouped(v, false, 50);
	char *text;

	h.futex_hook = "off";
	h.futex_blind = true;
	h.resident = 0;
	text = printed(&(struct metrics){ g, &h, NULL });
	cr_expect(has(text, "\nnowake_up 1\n"));
	cr_expect(has(text, "\nnowake_blind{reason=\"pass\"} 1\n"));
	cr_expect(has(text, "\nnowake_blind{reason=\"futex_events\"} 1\n"));
	cr_expect(has(text, "\nnowake_threads_started_total{group=\"server\"} 1\n"));
	cr_expect_not(has(text, "nowake_threads{"));
	cr_expect_not(has(text, "nowake_blocked_threads"));
	cr_expect_not(has(text, "nowake_wait_age"));
	cr_expect_not(has(text, "nowake_stuck_threads"));
	cr_expect_not(has(text, "goroutines{"));
	cr_expect_not(has(text, "nowake_thread_limit"));
	cr_expect_not(has(text, "nowake_futex_events"));
	cr_expect_not(has(text, "nowake_accumulating"));
	cr_expect_not(has(text, "nowake_resident"));
	cr_expect_not(has(text, "unit="));
	free(text);
	groups_free(g);
	made_free(v);
}

Test(prometheus, before_the_first_pass)
{
	struct groups *g = groups_new("{exe}", false, 50);
	struct health h = { .interval_ns = SECOND };
	char *text = printed(&(struct metrics){ g, &h, NULL });

	cr_expect(has(text, "\nnowake_passes_total 0\n"));
	cr_expect(has(text, "\nnowake_interval_seconds 1\n"));
	cr_expect_not(has(text, "timestamp"));
	cr_expect_not(has(text, "duration"));
	cr_expect_not(has(text, "nowake_threads"));
	cr_expect_not(has(text, "nowake_probe"));
	free(text);
	groups_free(g);
}

/* Whatever the locale has for a decimal point. */
Test(prometheus, numbers)
{
	struct verdicts *v = world();
	struct groups *g = grouped(v, false, 50);
	struct health h = health;
	char *text;

	setlocale(LC_ALL, "de_DE.UTF-8");
	h.cpu_ns = ~0ull;
	h.lost = ~0ull;
	text = printed(&(struct metrics){ g, &h, v });
	cr_expect(has(text, "\nnowake_cpu_seconds_total 18446744073.709551615\n"));
	cr_expect(has(text, "\nnowake_events_lost_total 18446744073709551615\n"));
	cr_expect(
		has(text, "nowake_wait_age_seconds_max{group=\"server\",kind=\"mutex\"} 61.25\n"));
	free(text);
	groups_free(g);
	made_free(v);
}

Test(prometheus, full_disk)
{
	struct groups *g = groups_new("{exe}", false, 50);
	FILE *out = fopen("/dev/full", "w");

	cr_assert(out);
	setvbuf(out, NULL, _IONBF, 0);
	cr_expect_lt(prometheus_print(out, &(struct metrics){ g, &health, NULL }), 0);
	fclose(out);
	groups_free(g);
}

Test(prometheus, events_have_names)
{
	for (int i = 0; i < HEALTH_EVENTS; i++)
		cr_expect_str_neq(health_event_name(i), "unknown");
	cr_expect_str_eq(health_event_name(HEALTH_EVENTS), "unknown");
}
