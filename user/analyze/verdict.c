// SPDX-License-Identifier: GPL-2.0-only
/* verdict.c - from a world to verdicts: decode, ask who could wake, solve, sort.
 *
 * Pure: the world is all it knows, time included. pass.c calls it; report/ prints
 * what it says. Soundness: only a thread of which everything was seen can be stuck;
 * whatever ran, moved or could not be read is live. */
#include "analyze/verdict.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "analyze/confirm.h"
#include "analyze/judge.h"
#include "analyze/primitive.h"

#define SIGALRM_BIT (1ull << (14 - 1))

/* ---- who is live by itself? ---- */

static bool handles_timers(const struct world *w, const struct wire_thread *t)
{
	const struct process *p = world_process(w, t->tgid);

	if (!p)
		return false;
	return ((t->bits & WIRE_TIMERS) && p->handlers) ||
	       ((t->bits & WIRE_ITIMER) && (p->handlers & SIGALRM_BIT));
}

static bool is_unreadable(const struct world *w, const struct wire_thread *t)
{
	const struct process *p = world_process(w, t->tgid);

	return p && (p->bits & PROCESS_UNREADABLE);
}

static enum life life_of(const struct judge *j, const struct wire_thread *t)
{
	if (t->bits & WIRE_ZOMBIE)
		return LIFE_DEAD;
	if (t->bits & WIRE_DUMPING)
		return LIFE_DUMPING;
	if (t->bits & WIRE_EXITING)
		return LIFE_EXITING;
	if (t->bits & WIRE_STOPPED)
		return LIFE_STOPPED;
	if (t->bits & WIRE_FROZEN)
		return LIFE_FROZEN;
	if (t->bits & WIRE_RUNNABLE)
		return LIFE_RUNNING;
	if (world_age(j->w, t) < j->threshold_ns)
		return LIFE_RECENT;
	if (world_is_go(j->w, t->tgid))
		return LIFE_GO;
	return LIFE_NONE;
}

static int decode(struct judge *j, __u32 i)
{
	const struct wire_thread *t = &j->w->threads.v[i];
	struct state *s = &j->states[i];
	struct mem_wants wants = {};
	int err;

	s->life = life_of(j, t);
	if (s->life == LIFE_DEAD || s->life == LIFE_RUNNING || (s->life == LIFE_RECENT && !s->site))
		return 0;
	err = wait_decode(j->w, t, &wants, &s->wait);
	array_free(&wants.want);
	if (err || s->life != LIFE_NONE)
		return err;
	if (s->wait.source == SOURCE_UNKNOWN)
		s->life = LIFE_UNSEEN;
	else if (s->wait.source != SOURCE_NONE)
		s->life = LIFE_SOURCE;
	else
		err = waker_find(j->ix, t, &s->wait, &s->wakers);
	if (s->wait.nfutexes == 1) {
		if (s->life != LIFE_NONE)
			futex_view(j->ix, t, &s->wait.futex, &s->wakers.futex);
		s->wait.kind = s->wakers.futex.kind;
	}
	if (s->life == LIFE_NONE && is_unreadable(j->w, t))
		s->wakers.unknown = "its process could not be looked at";
	if (s->wakers.unknown)
		s->life = LIFE_UNSEEN;
	else if (s->life == LIFE_NONE && handles_timers(j->w, t))
		s->life = LIFE_TIMERS;
	return err;
}

/* ---- the graph ---- */

static int add_threads(struct judge *j)
{
	for (size_t i = 0; i < j->w->threads.n; i++) {
		enum life life = j->states[i].life;
		enum graph_life node = life == LIFE_NONE || life == LIFE_DEAD ? GRAPH_STUCK
				       : life == LIFE_UNSEEN		      ? GRAPH_UNCERTAIN
									      : GRAPH_LIVE;

		if (graph_add(j->graph, node) == GRAPH_NONE)
			return -ENOMEM;
	}
	return 0;
}

const __u32 *verdict_members(const struct judge *j, const __u32 *node, size_t *ret_n)
{
	const struct waker_group *g;

	*ret_n = 1;
	if (*node < j->w->threads.n)
		return node;
	g = &j->groups.v[*node - j->w->threads.n];
	return index_range(j->ix, g->key, g->value, ret_n);
}

/* Edges from a group to its members: whoever of them is live can wake. */
static int fill_group(struct judge *j, const struct waker_group *g, bool strong)
{
	size_t n;
	const __u32 *members = index_range(j->ix, g->key, g->value, &n);
	int err = 0;

	for (size_t i = 0; !err && i < n; i++)
		if (j->states[members[i]].life != LIFE_DEAD)
			err = graph_edge(j->graph, g->node, members[i], strong);
	return err;
}

static int compare_group(const void *a, const void *b)
{
	const struct waker_group *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->value < y->value ? -1 : x->value > y->value;
}

/* One node for each group that anybody waits for, in the order of compare_group(). */
static int add_groups(struct judge *j)
{
	size_t n = 0;
	int err = 0;

	for (size_t i = 0; i < j->w->threads.n; i++) {
		const struct wakers *k = &j->states[i].wakers;

		for (size_t e = 0; j->states[i].life == LIFE_NONE && e < k->v.n; e++) {
			struct waker_group g = { .value = k->v.v[e].value, .key = k->v.v[e].group };

			if (g.key != INDEX_KEYS && array_push(&j->groups, g))
				return -ENOMEM;
		}
	}
	if (j->groups.n)
		qsort(j->groups.v, j->groups.n, sizeof(*j->groups.v), compare_group);
	for (size_t i = 0; i < j->groups.n; i++)
		if (!n || compare_group(&j->groups.v[n - 1], &j->groups.v[i]))
			j->groups.v[n++] = j->groups.v[i];
	j->groups.n = n;
	for (size_t i = 0; !err && i < n; i++) {
		struct waker_group *g = &j->groups.v[i];

		g->node = graph_add(j->graph, GRAPH_STUCK);
		/* Address spaces are shared by all; whoever holds a file is known to. */
		err = g->node == GRAPH_NONE ? -ENOMEM : fill_group(j, g, g->key != INDEX_MM);
	}
	return err;
}

__u32 verdict_group(const struct judge *j, enum index_key key, __u64 value)
{
	struct waker_group want = { .value = value, .key = key };
	const struct waker_group *g = !j->groups.n ? NULL
						   : bsearch(&want, j->groups.v, j->groups.n,
							     sizeof(*j->groups.v), compare_group);

	return g ? g->node : GRAPH_NONE;
}

__u32 verdict_waker(const struct judge *j, const struct waker *waker)
{
	const struct wire_thread *t;

	if (waker->group != INDEX_KEYS)
		return verdict_group(j, waker->group, waker->value);
	t = world_thread(j->w, waker->value);
	return t ? judge_thread(j, t) : GRAPH_NONE;
}

static int add_edges(struct judge *j, __u32 i)
{
	const struct wakers *k = &j->states[i].wakers;
	int err = 0;

	for (size_t e = 0; !err && e < k->v.n; e++) {
		const __u32 node = verdict_waker(j, &k->v.v[e]);

		if (node != GRAPH_NONE)
			err = graph_edge(j->graph, i, node, k->v.v[e].strong);
	}
	return err;
}

static int build_graph(struct judge *j)
{
	int err = add_threads(j);

	err = err ? err : add_groups(j);
	for (size_t i = 0; !err && i < j->w->threads.n; i++)
		if (j->states[i].life == LIFE_NONE)
			err = add_edges(j, i);
	return err ? err : graph_solve(j->graph);
}

/* ---- the answer ---- */

static bool is_blocked(const struct judge *j, __u32 i)
{
	switch (j->states[i].life) {
	case LIFE_DEAD:
	case LIFE_RUNNING:
	case LIFE_RECENT:
	case LIFE_EXITING:
	case LIFE_DUMPING:
		return false;
	default:
		return world_age(j->w, &j->w->threads.v[i]) >= j->threshold_ns;
	}
}

static enum verdict_class class_of(const struct judge *j, __u32 i)
{
	switch (graph_life(j->graph, i)) {
	case GRAPH_LIVE:
		return CLASS_IDLE;
	case GRAPH_UNCERTAIN:
		return CLASS_UNKNOWN;
	case GRAPH_STUCK:
		break;
	}
	return j->states[i].class;
}

/* What a trace says of a thread that is not its process's first. */
struct words {
	bool known;
	struct place place;
	struct primitive primitive;
};

/* Where the wait stands, and words for it. by_trace keeps what was found out: the threads
 * of a pool share their trace. */
static void add_stack(const struct judge *j, struct judged *one, struct words *by_trace)
{
	const struct stacks *s = &j->w->stacks;
	const struct wire_thread *t = one->thread;
	const bool is_main = t->head.tid == t->tgid;
	struct words own = {}, *words;

	one->trace = stack_of(s, t->head.tid);
	if (!one->trace)
		return;
	words = is_main ? &own : &by_trace[one->trace - s->traces.v];
	if (!words->known) {
		words->known = true;
		words->primitive.kind = WAIT_UNKNOWN;
		place_find(s, one->trace, is_main, &words->place);
		primitive_find(s, one->trace, &words->primitive);
	}
	one->place = words->place;
	if (words->primitive.kind == WAIT_UNKNOWN) {
		one->primitive = words->primitive.name;
	} else if (wait_is_futex(one->wait.kind)) {
		one->primitive = words->primitive.name;
		one->wait.kind = words->primitive.kind;
	}
}

static int fill_judged(struct judge *j)
{
	struct words *by_trace = calloc(j->w->stacks.traces.n + 1, sizeof(*by_trace));
	int err = by_trace ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < j->w->threads.n; i++) {
		const struct wire_thread *t = &j->w->threads.v[i];
		struct judged one = { .thread = t };

		if (!is_blocked(j, i) && !j->states[i].site)
			continue;
		one.wait = j->states[i].wait;
		one.class = class_of(j, i);
		one.role = j->states[i].role;
		one.age_ns = world_age(j->w, t);
		add_stack(j, &one, by_trace);
		err = array_push(&j->v->judged, one) ? -ENOMEM : 0;
		j->states[i].judged = j->v->judged.n;
	}
	free(by_trace);
	return err;
}

static __u32 count_processes(const struct judge *j)
{
	__u32 n = 0, last = 0;

	for (size_t i = 0; i < j->w->threads.n; i++) {
		__u32 tgid = j->w->threads.v[j->ix->by[INDEX_TGID][i]].tgid;

		n += tgid != j->w->self && (!i || tgid != last);
		last = tgid;
	}
	return n;
}

static void judge_free(struct judge *j)
{
	for (size_t i = 0; j->states && i < j->w->threads.n; i++)
		waker_free(&j->states[i].wakers);
	free(j->states);
	array_free(&j->groups);
	graph_free(j->graph);
	index_free(j->ix);
}

static int judge_run(struct judge *j)
{
	int err = index_new(j->w, &j->ix);

	if (!err)
		accumulate_find(j);
	for (size_t i = 0; !err && i < j->w->threads.n; i++)
		err = decode(j, i);
	err = err ? err : build_graph(j);
	err = err ? err : cause_classify(j);
	err = err ? err : confidence_weigh(j);
	err = err ? err : fill_judged(j);
	err = err ? err : finding_make(j);
	err = err ? err : sentence_write(j);
	if (err)
		return err;
	for (size_t i = 0; i < j->w->threads.n; i++)
		j->v->threads += j->w->threads.v[i].tgid != j->w->self;
	j->v->processes = count_processes(j);
	confirm_count(j->v);
	return 0;
}

int verdict_judge(const struct world *w, __u64 threshold_ns, struct verdicts **ret)
{
	struct judge j = {
		.w = w,
		.threshold_ns = threshold_ns,
		.graph = graph_new(),
		.states = calloc(w->threads.n + 1, sizeof(*j.states)),
		.v = calloc(1, sizeof(*j.v)),
	};
	int err = -ENOMEM;

	if (j.graph && j.states && j.v) {
		j.v->world = w;
		j.v->threshold_ns = threshold_ns;
		j.v->looks = 1;
		j.v->first_look = w->mono_time;
		err = judge_run(&j);
	}
	judge_free(&j);
	if (err) {
		verdict_free(j.v);
		return err;
	}
	*ret = j.v;
	return 0;
}

void verdict_free(struct verdicts *v)
{
	if (!v)
		return;
	for (size_t i = 0; i < v->judged.n; i++) {
		free(v->judged.v[i].source);
		array_free(&v->judged.v[i].waits_for);
	}
	for (size_t i = 0; i < v->findings.n; i++)
		confirm_clear(&v->findings.v[i]);
	array_free(&v->judged);
	array_free(&v->goroutines);
	array_free(&v->findings);
	free(v);
}

static int compare_judged(const void *key, const void *item)
{
	__u32 tid = *(const __u32 *)key, other = ((const struct judged *)item)->thread->head.tid;

	return tid < other ? -1 : tid > other;
}

const struct judged *verdict_of(const struct verdicts *v, __u32 tid)
{
	if (!v->judged.n)
		return NULL;
	return bsearch(&tid, v->judged.v, v->judged.n, sizeof(*v->judged.v), compare_judged);
}

const struct judged_goroutine *verdict_goroutine(const struct verdicts *v, __u32 tgid, __u64 id)
{
	const struct go_wait *g = world_go_wait(v->world, tgid, id);

	return g ? &v->goroutines.v[g - v->world->go_waits.v] : NULL;
}

const struct wire_thread *verdict_thread(const struct verdicts *v, const struct finding *f)
{
	const struct wire_thread *t = world_thread(v->world, f->pid);

	return t || !f->members.n ? t : v->judged.v[f->members.v[0]].thread;
}

static const char *const classes[CLASS_COUNT] = {
	[CLASS_NONE] = "none",
	[CLASS_IDLE] = "idle",
	[CLASS_UNKNOWN] = "unknown",
	[CLASS_DEADLOCK] = "deadlock",
	[CLASS_ORPHANED] = "orphaned",
	[CLASS_LOST_WAKEUP] = "lost-wakeup",
	[CLASS_QUIESCENT] = "quiescent",
	[CLASS_UNREACHABLE] = "unreachable",
	[CLASS_ACCUMULATING] = "accumulating",
};

static const char *const whys[EDGE_WHY_COUNT] = {
	[EDGE_OWNER] = "owner",	      [EDGE_JOIN] = "join",
	[EDGE_PIPE_END] = "pipe-end", [EDGE_SOCKET_PEER] = "socket-peer",
	[EDGE_EVENTFD] = "eventfd",   [EDGE_CHILD] = "child",
	[EDGE_VFORK] = "vfork-child", [EDGE_FILE_LOCK] = "file-lock",
	[EDGE_SHARES] = "shares",
};

const char *verdict_class_name(enum verdict_class class)
{
	return class < CLASS_COUNT ? classes[class] : "";
}

const char *verdict_why_name(enum edge_why why)
{
	return why < EDGE_WHY_COUNT ? whys[why] : "";
}

const char *verdict_confidence_name(enum confidence confidence)
{
	switch (confidence) {
	case CONFIDENCE_SUSPECT:
		return "suspect";
	case CONFIDENCE_LIKELY:
		return "likely";
	case CONFIDENCE_PROVEN:
		return "proven";
	}
	return "";
}
