/* SPDX-License-Identifier: GPL-2.0-only */
/* graph.h - who could still wake whom?
 *
 * Nodes are waiters (threads) and groups ("any thread that holds
 * the pipe's other end"). An edge leads from a waiter to one that could wake it, from
 * a group to a member. A node is live when it is so by itself or when one that could
 * wake it is: the least fixed point. What never becomes live is stuck. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define GRAPH_NONE UINT32_MAX

struct graph;

struct graph *graph_new(void);
void graph_free(struct graph *g);

enum graph_life {
	GRAPH_STUCK,	 /* cannot be woken, as far as is known before solving */
	GRAPH_UNCERTAIN, /* may be live: a waker may exist that was not seen */
	GRAPH_LIVE,
};

/* A new node; its number (0, 1, 2, …), or GRAPH_NONE without memory. */
__u32 graph_add(struct graph *g, enum graph_life life);
/* strong: the waker is known to be the one (an owner, a holder), not merely one of
 * those that share memory. Only strong edges make a deadlock. 0 or -ENOMEM. */
int graph_edge(struct graph *g, __u32 from, __u32 to, bool strong);
/* Finds the fixed point and the knots. 0 or -ENOMEM. */
int graph_solve(struct graph *g);

/* After graph_solve(). A node that something live and something uncertain could wake
 * is live. */
enum graph_life graph_life(const struct graph *g, __u32 node);
/* The node through which it became live; GRAPH_NONE when stuck or live by itself. */
__u32 graph_via(const struct graph *g, __u32 node);
/* Stuck nodes that wait for each other in a ring of strong edges have the same number;
 * GRAPH_NONE for all others. */
__u32 graph_knot(const struct graph *g, __u32 node);
/* Strong edges of a node: the i-th target, or GRAPH_NONE behind the last. */
__u32 graph_strong(const struct graph *g, __u32 node, size_t i);
/* Spreads labels against the strong edges: a stuck node without one (GRAPH_NONE) takes
 * that of a node it waits for. label has one element a node. 0 or -ENOMEM. */
int graph_label(const struct graph *g, __u32 *label);
/* Nobody's level is higher than that of a node that could wake it, by whatever edge: lowers
 * level[], one of 0 to most for each node. by: likewise the node whose level it took, or
 * GRAPH_NONE; filled for those that are lowered, at any call. 0 or -ENOMEM. */
int graph_lower(const struct graph *g, __u32 most, __u32 *level, __u32 *by);
