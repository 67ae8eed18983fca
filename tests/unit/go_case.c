// SPDX-License-Identifier: GPL-2.0-only
/* go_case.c - small worlds with a Go program, for the tests of who judges goroutines, and of who
 * tells of them. */
#include "go_case.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stacked.h"

#define RECEIVE                                                                                    \
	"runtime.gopark in /usr/bin/server <- runtime.chanrecv in /usr/bin/server <- "             \
	"runtime.chanrecv1 in /usr/bin/server <- main.worker in /usr/bin/server <- "               \
	"runtime.goexit in /usr/bin/server"
#define BLOCK                                                                                      \
	"runtime.gopark in /usr/bin/server <- runtime.block in /usr/bin/server <- "                \
	"main.forever in /usr/bin/server <- runtime.goexit in /usr/bin/server"

static __u32 number(struct world *w, const char *text)
{
	return text ? stacked_trace(&w->stacks, text) + 1 : 0;
}

struct world *go_case_world(__u32 bits, const struct go_case *cases)
{
	struct world *w = fixture_world();
	struct go_process p = { .tgid = 10,
				.bits = bits,
				.goroutines = 40,
				.searched = 3 << 20,
				.version = "go1.22.3" };

	strcpy(w->host, "host");
	strcpy(w->kernel, "6.18.0");
	fixture_thread(w, 10, 10);
	fixture_thread(w, 11, 10);
	fixture_process(w, 10, 0, PROCESS_GO);
	for (; cases->id; cases++) {
		const bool waits = cases->object && !cases->nobjects;
		struct go_wait g = {
			.tgid = 10,
			.id = cases->id,
			.bits = cases->bits,
			.object = cases->object,
			.nobjects = waits ? 1 : cases->nobjects,
			.parent = cases->parent,
			.since = cases->since,
			.count = cases->count,
			.capacity = cases->capacity,
			.holder = cases->held_by,
			.trace = number(w, cases->stack),
			.created = number(w, cases->created),
		};
		const char *reason = cases->reason ? cases->reason : "chan receive";

		snprintf(g.reason, sizeof(g.reason), "%s", reason);
		cr_assert(!array_push(&w->go_waits, g));
		p.waiting += g.nobjects || (g.bits & GO_NOTHING);
	}
	cr_assert(!array_push(&w->go_processes, p));
	return w;
}

struct go_process *go_case_program(struct world *w)
{
	return &w->go_processes.v[0];
}

struct verdicts *go_case_judge(struct world *w)
{
	struct verdicts *v;

	cr_assert_eq(world_sort(w), 0);
	cr_assert_eq(verdict_judge(w, FIXTURE_THRESHOLD, &v), 0);
	return v;
}

void go_case_free(struct verdicts *v)
{
	struct world *w = (struct world *)v->world;

	verdict_free(v);
	world_free(w);
}

const char *go_case_found(const struct verdicts *v)
{
	static char text[1024];
	size_t n = 0;

	*text = '\0';
	for (size_t i = 0; i < v->findings.n; i++) {
		const struct finding *f = &v->findings.v[i];

		n += snprintf(text + n, sizeof(text) - n, "%s%s %s", i ? "; " : "",
			      verdict_class_name(f->class), verdict_confidence_name(f->confidence));
		for (size_t k = 0; k < f->goroutines.n; k++) {
			const struct judged_goroutine *g = &v->goroutines.v[f->goroutines.v[k]];

			cr_assert_eq(g->finding, i + 1);
			n += snprintf(text + n, sizeof(text) - n, " %llu", g->wait->id);
		}
	}
	return text;
}

struct verdicts *go_case_example(void)
{
	static const struct go_case cases[] = {
		{ 34, GO_STUCK | GO_CHANNEL, 0xc000123400, .stack = RECEIVE,
		  .created = "main.start in /usr/bin/server", .parent = 1, .since = 40000000000,
		  .capacity = 4 },
		{ 35, GO_STUCK | GO_CHANNEL, 0xc000123400, .stack = RECEIVE, .parent = 1,
		  .since = 50000000000, .capacity = 4 },
		{ 40, GO_STUCK | GO_NOTHING, .reason = "select (no cases)", .stack = BLOCK },
		{ 50, GO_CHANNEL, 0xc000777000, .stack = RECEIVE },
		{},
	};
	struct world *w = go_case_world(GO_READ | GO_MARKED, cases);

	w->processes.v[0].exe = strdup("/usr/bin/server");
	w->processes.v[0].unit = strdup("web.service");
	w->processes.v[0].bits |= PROCESS_KNOWN;
	strcpy(w->threads.v[0].comm, "server");
	for (size_t i = 0; i < w->threads.n; i++)
		w->threads.v[i].arrived = 70000000000;
	return go_case_judge(w);
}
