// SPDX-License-Identifier: GPL-2.0-only
/* graph.c - who could still wake whom?
 *
 * Pure: no clock, no I/O, no globals. Fed and read by verdict.c, which knows what a
 * node stands for. Linear in nodes and edges; no recursion, so depth costs no stack.
 * Soundness: a waker that was not seen must be added as a live node by the caller. */
#include "analyze/graph.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

struct node {
	__u32 via;
	__u32 knot;
	__u32 first; /* of its edges, once sorted by from */
	__u32 into;  /* of the edges that lead to it, once sorted by to */
	enum graph_life life;
	bool self_edge; /* strong */
};

struct edge {
	__u32 from;
	__u32 to;
	bool strong;
};

struct graph {
	ARRAY(struct node) nodes; /* one more than there are, after solving */
	ARRAY(struct edge) edges;
	__u32 n;
	struct edge *out; /* edges by from, strong first */
	struct edge *in;  /* edges by to */
};

struct graph *graph_new(void)
{
	return calloc(1, sizeof(struct graph));
}

void graph_free(struct graph *g)
{
	if (!g)
		return;
	array_free(&g->nodes);
	array_free(&g->edges);
	free(g->out);
	free(g->in);
	free(g);
}

__u32 graph_add(struct graph *g, enum graph_life life)
{
	struct node node = { .via = GRAPH_NONE, .knot = GRAPH_NONE, .life = life };

	if (array_push(&g->nodes, node))
		return GRAPH_NONE;
	return g->n++;
}

int graph_edge(struct graph *g, __u32 from, __u32 to, bool strong)
{
	return array_push(&g->edges, (struct edge){ from, to, strong }) ? -ENOMEM : 0;
}

/* Counting sort of the edges by from (strong ones first) and by to. */
static int sort_edges(struct graph *g)
{
	struct node end = { .life = GRAPH_STUCK };
	__u32 *next;

	g->out = malloc((g->edges.n + 1) * sizeof(*g->out));
	g->in = malloc((g->edges.n + 1) * sizeof(*g->in));
	next = calloc(g->n + 2, sizeof(*next));
	if (!g->out || !g->in || !next || array_push(&g->nodes, end)) {
		free(next);
		return -ENOMEM;
	}
	for (size_t i = 0; i < g->edges.n; i++) {
		g->nodes.v[g->edges.v[i].from + 1].first++;
		g->nodes.v[g->edges.v[i].to + 1].into++;
	}
	for (__u32 i = 0; i < g->n; i++) {
		g->nodes.v[i + 1].first += g->nodes.v[i].first;
		g->nodes.v[i + 1].into += g->nodes.v[i].into;
	}
	for (int strong = 1; strong >= 0; strong--)
		for (size_t i = 0; i < g->edges.n; i++)
			if (g->edges.v[i].strong == strong)
				g->out[g->nodes.v[g->edges.v[i].from].first +
				       next[g->edges.v[i].from]++] = g->edges.v[i];
	memset(next, 0, (g->n + 2) * sizeof(*next));
	for (size_t i = 0; i < g->edges.n; i++)
		g->in[g->nodes.v[g->edges.v[i].to].into + next[g->edges.v[i].to]++] = g->edges.v[i];
	free(next);
	return 0;
}

/* Whoever waits for a live node is live; then the same for uncertain ones. */
static int spread_life(struct graph *g)
{
	__u32 *queue = malloc((g->n + 1) * sizeof(*queue));
	size_t head = 0, tail = 0;

	if (!queue)
		return -ENOMEM;
	for (enum graph_life life = GRAPH_LIVE; life > GRAPH_STUCK; life--) {
		for (__u32 i = 0; i < g->n; i++)
			if (g->nodes.v[i].life == life && g->nodes.v[i].via == GRAPH_NONE)
				queue[tail++] = i;
		for (; head < tail; head++) {
			__u32 node = queue[head];

			for (__u32 e = g->nodes.v[node].into; e < g->nodes.v[node + 1].into; e++) {
				struct node *waiter = &g->nodes.v[g->in[e].from];

				if (waiter->life >= life)
					continue;
				waiter->life = life;
				waiter->via = node;
				queue[tail++] = g->in[e].from;
			}
		}
		head = tail = 0;
	}
	free(queue);
	return 0;
}

/* Tarjan's strongly connected components over strong edges between stuck nodes, with
 * a stack of its own. */
struct tarjan {
	struct graph *g;
	__u32 *number; /* 0: not visited */
	__u32 *low;
	__u32 *edge;  /* next edge to follow */
	__u32 *path;  /* nodes being visited */
	__u32 *stack; /* nodes not yet in a component */
	bool *on_stack;
	size_t npath, nstack;
	__u32 count;
	__u32 knots;
};

static void tarjan_enter(struct tarjan *s, __u32 node)
{
	s->number[node] = s->low[node] = ++s->count;
	s->edge[node] = s->g->nodes.v[node].first;
	s->path[s->npath++] = node;
	s->stack[s->nstack++] = node;
	s->on_stack[node] = true;
}

static void tarjan_close(struct tarjan *s, __u32 node)
{
	size_t from = s->nstack;
	bool knot;

	while (s->stack[--from] != node)
		;
	knot = s->nstack - from > 1 || s->g->nodes.v[node].self_edge;
	for (size_t i = from; i < s->nstack; i++) {
		s->on_stack[s->stack[i]] = false;
		if (knot)
			s->g->nodes.v[s->stack[i]].knot = s->knots;
	}
	s->knots += knot;
	s->nstack = from;
}

/* Follows one more edge of the innermost node, or leaves it. */
static void tarjan_step(struct tarjan *s)
{
	__u32 node = s->path[s->npath - 1], parent;
	struct node *at = &s->g->nodes.v[node];

	while (s->edge[node] < at[1].first) {
		const struct edge *e = &s->g->out[s->edge[node]++];

		if (!e->strong || s->g->nodes.v[e->to].life)
			continue;
		if (e->to == node)
			at->self_edge = true;
		if (!s->number[e->to]) {
			tarjan_enter(s, e->to);
			return;
		}
		if (s->on_stack[e->to] && s->number[e->to] < s->low[node])
			s->low[node] = s->number[e->to];
	}
	if (s->low[node] == s->number[node])
		tarjan_close(s, node);
	s->npath--;
	if (s->npath) {
		parent = s->path[s->npath - 1];
		if (s->low[node] < s->low[parent])
			s->low[parent] = s->low[node];
	}
}

static int find_knots(struct graph *g)
{
	const size_t n = g->n + 1;
	__u32 *room = calloc(n * 5, sizeof(*room));
	struct tarjan s = {
		.g = g,
		.number = room,
		.low = room + n,
		.edge = room + 2 * n,
		.path = room + 3 * n,
		.stack = room + 4 * n,
		.on_stack = calloc(n, sizeof(bool)),
	};

	if (!room || !s.on_stack) {
		free(room);
		free(s.on_stack);
		return -ENOMEM;
	}
	for (__u32 i = 0; i < g->n; i++) {
		if (g->nodes.v[i].life || s.number[i])
			continue;
		tarjan_enter(&s, i);
		while (s.npath)
			tarjan_step(&s);
	}
	free(room);
	free(s.on_stack);
	return 0;
}

int graph_solve(struct graph *g)
{
	int err = sort_edges(g);

	err = err ? err : spread_life(g);
	return err ? err : find_knots(g);
}

enum graph_life graph_life(const struct graph *g, __u32 node)
{
	return g->nodes.v[node].life;
}

__u32 graph_via(const struct graph *g, __u32 node)
{
	return g->nodes.v[node].via;
}

__u32 graph_knot(const struct graph *g, __u32 node)
{
	return g->nodes.v[node].knot;
}

__u32 graph_strong(const struct graph *g, __u32 node, size_t i)
{
	size_t e = g->nodes.v[node].first + i;

	if (e >= g->nodes.v[node + 1].first || !g->out[e].strong)
		return GRAPH_NONE;
	return g->out[e].to;
}

int graph_label(const struct graph *g, __u32 *label)
{
	__u32 *queue = malloc((g->n + 1) * sizeof(*queue));
	size_t head = 0, tail = 0;

	if (!queue)
		return -ENOMEM;
	for (__u32 i = 0; i < g->n; i++)
		if (label[i] != GRAPH_NONE)
			queue[tail++] = i;
	for (; head < tail; head++) {
		__u32 node = queue[head];

		for (__u32 e = g->nodes.v[node].into; e < g->nodes.v[node + 1].into; e++) {
			__u32 waiter = g->in[e].from;

			if (!g->in[e].strong || label[waiter] != GRAPH_NONE ||
			    g->nodes.v[waiter].life)
				continue;
			label[waiter] = label[node];
			queue[tail++] = waiter;
		}
	}
	free(queue);
	return 0;
}

int graph_lower(const struct graph *g, __u32 most, __u32 *level, __u32 *by)
{
	__u32 *queue = malloc((g->n + 1) * sizeof(*queue));
	size_t head, tail;

	if (!queue)
		return -ENOMEM;
	/* The lowest first: so each node is lowered once. */
	for (__u32 low = 0; low < most; low++) {
		head = tail = 0;
		for (__u32 i = 0; i < g->n; i++)
			if (level[i] == low && !g->nodes.v[i].life)
				queue[tail++] = i;
		for (; head < tail; head++) {
			__u32 node = queue[head];

			for (__u32 e = g->nodes.v[node].into; e < g->nodes.v[node + 1].into; e++) {
				__u32 waiter = g->in[e].from;

				if (level[waiter] <= low || g->nodes.v[waiter].life)
					continue;
				level[waiter] = low;
				by[waiter] = by[node] == GRAPH_NONE ? node : by[node];
				queue[tail++] = waiter;
			}
		}
	}
	free(queue);
	return 0;
}
