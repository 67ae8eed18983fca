// SPDX-License-Identifier: GPL-2.0-only
/* recall.c - the daemon's memory: events and looks go in, every pass gets what they add up to.
 *
 * Events are taken when the ring buffer is half full and at every look, in the order that
 * they came in. Creation stacks are unwound between passes, while their process still is
 * there to name them. */
#include "daemon/recall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/history.h"
#include "base/clock.h"
#include "collect/process.h"
#include "report/snapshot.h"

#define STACKS_MAX 256		/* that wait to be unwound; later ones are not kept */
#define UNWIND_NS 1000000000ull /* of a look, for creation stacks: a program may make it slow */
#define SAMPLE 60 /* in one interval of so many the kernel counts what the hooks cost */

struct recall {
	struct pass *pass;
	struct health *health;
	struct events *events;
	struct history *history;
	struct groups *groups;
	bool all_stacks;
	ARRAY(struct wire_stack) stacks;
	__u64 looks;
	bool sampled; /* since the last look the kernel counts what the hooks cost, for this daemon */
	__u64 cost_ns[EVENTS_COSTS]; /* of the hooks, as of the last look */
};

int recall_new(const struct recall_settings *settings, struct pass *pass, struct health *health,
	       struct recall **ret, char **ret_error)
{
	struct recall *r = calloc(1, sizeof(*r));
	int err;

	*ret_error = NULL;
	if (!r)
		return -ENOMEM;
	r->pass = pass;
	r->health = health;
	r->all_stacks = settings->all_stacks;
	r->history = history_new(clock_ns(CLOCK_BOOTTIME), settings->window_ns);
	r->groups = groups_new(settings->group_by, settings->units, settings->group_limit);
	err = r->history && r->groups ? 0 : -ENOMEM;
	err = err ? err : events_open(settings->buffer, settings->hook, &r->events, ret_error);
	if (err) {
		recall_free(r);
		return err;
	}
	*ret = r;
	return 0;
}

void recall_free(struct recall *r)
{
	if (!r)
		return;
	events_free(r->events);
	history_free(r->history);
	groups_free(r->groups);
	array_free(&r->stacks);
	free(r);
}

int recall_configure(struct recall *r, const struct recall_settings *settings)
{
	struct groups *groups;

	if (groups_are(r->groups, settings->group_by, settings->units, settings->group_limit))
		return 0;
	groups = groups_new(settings->group_by, settings->units, settings->group_limit);
	if (!groups)
		return -ENOMEM;
	groups_free(r->groups);
	r->groups = groups;
	return 0;
}

int recall_fd(const struct recall *r)
{
	return events_fd(r->events);
}

const struct groups *recall_groups(const struct recall *r)
{
	return r->groups;
}

enum futex_hook recall_hook(const struct recall *r)
{
	return events_hook(r->events);
}

/* ---- events ---- */

static int take_stack(struct recall *r, const struct wire_stack *stack)
{
	if (r->stacks.n == STACKS_MAX) {
		r->health->stacks_dropped++;
		return 0;
	}
	return array_push(&r->stacks, *stack) ? -ENOMEM : 0;
}

static int take(void *arg, const struct wire_head *event)
{
	struct recall *r = arg;
	int err = history_event(r->history, event);

	switch (event->kind) {
	case WIRE_BIRTH:
		r->health->events[HEALTH_BIRTH]++;
		return err ? err : groups_birth(r->groups, (const void *)event);
	case WIRE_STACK:
		r->health->events[HEALTH_STACK]++;
		return err ? err : take_stack(r, (const void *)event);
	case WIRE_EXEC:
		r->health->events[HEALTH_EXEC]++;
		return err ? err : groups_exec(r->groups, (const void *)event);
	case WIRE_DEATH:
		r->health->events[HEALTH_DEATH]++;
		return err ? err : groups_death(r->groups, (const void *)event);
	}
	return err;
}

int recall_drain(struct recall *r)
{
	int err = events_drain(r->events, take, r);

	r->health->lost = events_lost(r->events);
	return err;
}

/* What cannot be unwound, since its process or the symbolizer ended, stays without a stack; so does
 * what another process, with the same number, would be asked about. */
static int unwind(struct recall *r, const struct world *w, const struct wire_stack *s)
{
	const struct wire_thread *leader = world_thread(w, s->creator_tgid);
	__u32 trace;
	int err;

	if (leader && leader->started > s->creator_started)
		return 0;
	if (!history_wants_trace(r->history, s->creator_tgid, s->site))
		return 0;
	err = pass_unwind(r->pass, s, history_stacks(r->history), &trace);
	if (!err)
		history_set_trace(r->history, s->creator_tgid, s->site, trace);
	return err == -ENOMEM ? err : 0;
}

/* Those for which no time is left wait for the next look. */
static int unwind_stacks(struct recall *r, const struct world *w)
{
	__u64 start = clock_ns(CLOCK_MONOTONIC);
	size_t done = 0;
	int err = 0;

	if (r->stacks.n)
		pass_unwind_begin(r->pass);
	while (!err && done < r->stacks.n && clock_ns(CLOCK_MONOTONIC) - start < UNWIND_NS)
		err = unwind(r, w, &r->stacks.v[done++]);
	if (done == r->stacks.n) {
		array_free(&r->stacks);
		return err;
	}
	r->stacks.n -= done;
	memmove(r->stacks.v, r->stacks.v + done, r->stacks.n * sizeof(*r->stacks.v));
	return err;
}

bool recall_guard(struct recall *r, __u64 *ret_rate)
{
	return events_guard(r->events, clock_ns(CLOCK_BOOTTIME), ret_rate);
}

/* ---- looks ---- */

int recall_remember(void *arg, struct world *w)
{
	struct recall *r = arg;
	struct history_watch watch = {};
	int err = recall_drain(r), failed;

	if (history_slept(r->history, w))
		events_forget(r->events);
	err = err ? err : unwind_stacks(r, w);
	err = err ? err : events_words(r->events, &w->past);
	err = err ? err : history_look(r->history, w, &watch);
	failed = err ? 0 : events_watch(r->events, watch.keys.v, watch.keys.n, w->boot_time);
	/* More than can be watched are on any large host: a limit (WIRE_WORDS_MAX), and nothing
	 * that somebody could mend. */
	if (failed && failed != -E2BIG)
		err = world_blind(w, "not all futexes that are waited for can be watched");
	err = err ? err : history_fill(r->history, w, r->all_stacks);
	w->past.lost = r->health->lost;
	r->health->events[HEALTH_WAKE] = events_wakes(r->events);
	array_free(&watch.keys);
	return err;
}

static int fill_world(struct recall *r, const struct world *last, struct world *w)
{
	int err = history_fill(r->history, w, true);

	w->past.lost = r->health->lost;
	for (size_t i = 0; !err && i < last->past.stitches.n; i++)
		err = array_push(&w->past.stitches, last->past.stitches.v[i]) ? -ENOMEM : 0;
	return err;
}

int recall_tell(struct recall *r, const struct world *last, FILE *out)
{
	struct world *w = world_new();
	int err = w ? fill_world(r, last, w) : -ENOMEM;

	err = err ? err : snapshot_write_past(out, w);
	world_free(w);
	return err;
}

/* What the hooks cost: counted in one interval of SAMPLE, and taken for all. In the others the
 * kernel may count too, for somebody else (kernel.bpf_stats_enabled, bpftool). */
static void sample_costs(struct recall *r)
{
	struct events_cost costs[EVENTS_COSTS];
	size_t n = events_costs(r->events, costs);
	const bool next = r->looks++ % SAMPLE == 0;

	for (size_t i = 0; i < n && i < HEALTH_PROBES; i++) {
		r->health->probes[i].name = costs[i].name;
		if (r->sampled)
			r->health->probes[i].ns += (costs[i].ns - r->cost_ns[i]) * SAMPLE;
		r->cost_ns[i] = costs[i].ns;
	}
	r->health->nprobes = n < HEALTH_PROBES ? n : HEALTH_PROBES;
	r->sampled = !events_stats(r->events, next) && next;
}

static int name_process(struct recall *r, const struct wire_thread *t)
{
	char comm[WIRE_COMM + 1] = {};
	struct group_name name = { .tgid = t->tgid, .started = t->started, .comm = comm };
	char *exe = NULL, *unit = NULL;
	int err;

	memcpy(comm, t->comm, WIRE_COMM);
	/* Needs no guard: neither the link nor the cgroup is behind a
	 * lock of the process's memory, or of a file server. */
	err = process_identify(t->tgid, &exe, &unit);
	name.exe = exe;
	name.unit = unit;
	err = err ? err : groups_tell(r->groups, &name);
	free(exe);
	free(unit);
	return err;
}

int recall_look(struct recall *r, const struct verdicts *v)
{
	const struct world *w = v->world;
	int err = 0;

	for (size_t i = 0; !err && i < w->threads.n; i++) {
		const struct wire_thread *t = &w->threads.v[i];

		if (t->head.tid == t->tgid && groups_wants(r->groups, t->tgid, t->started))
			err = name_process(r, t);
	}
	sample_costs(r);
	err = err ? err : history_goroutines(r->history, w);
	return err ? err : groups_look(r->groups, v);
}
