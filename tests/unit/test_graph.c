// SPDX-License-Identifier: GPL-2.0-only
/* test_graph.c - the fixed point and the knots, as pictures in words.
 *
 * A row is a graph: "a>b" is a strong edge, "a-b" a weak one, "a!" a live node, "a?"
 * an uncertain one. Expected: the stuck nodes, and the knots in braces. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "analyze/graph.h"

struct row {
	const char *graph;
	const char *stuck; /* letters, in order */
	const char *uncertain;
	const char *knots; /* letters of nodes that are in any knot */
};

static const struct row rows[] = {
	{ "a", "a", "", "" },
	{ "a!", "", "", "" },
	{ "a>a", "a", "", "a" },
	{ "a-a", "a", "", "" },
	{ "a>b b>a", "ab", "", "ab" },
	{ "a>b b>a c>a d>c", "abcd", "", "ab" },
	{ "a>b b>c c>a", "abc", "", "abc" },
	{ "a>b b>a a-c c!", "", "", "" },
	{ "a>b b>c c!", "", "", "" },
	{ "a>b b>c c?", "", "abc", "" },
	{ "a>b b? a-c c!", "", "b", "" },
	{ "a-b b-a", "ab", "", "" },
	{ "a>b b-a", "ab", "", "" },
	{ "a>b b>a c>d d>c", "abcd", "", "abcd" },
	{ "a>b b>a c>d d>c c-a d!", "ab", "", "ab" },
	{ "a>b a>c b>a c>d d>a e>f", "abcdef", "", "abcd" },
	{ "a>b b>c c>d d>b", "abcd", "", "bcd" },
};

static struct graph *draw(const char *picture)
{
	struct graph *g = graph_new();
	char letters = 'a';

	for (const char *p = picture; *p; p++)
		if (*p >= letters && *p <= 'z')
			letters = *p + 1;
	for (char c = 'a'; c < letters; c++) {
		char live[3] = { c, '!' }, uncertain[3] = { c, '?' };

		graph_add(g, strstr(picture, live)	  ? GRAPH_LIVE
			     : strstr(picture, uncertain) ? GRAPH_UNCERTAIN
							  : GRAPH_STUCK);
	}
	for (const char *p = picture; *p; p++)
		if (*p == '>' || *p == '-')
			cr_assert_eq(graph_edge(g, p[-1] - 'a', p[1] - 'a', *p == '>'), 0);
	cr_assert_eq(graph_solve(g), 0);
	return g;
}

static void assert_row(const struct row *row)
{
	struct graph *g = draw(row->graph);
	char stuck[32] = "", uncertain[32] = "", knots[32] = "";

	for (char c = 'a'; strchr(row->graph, c); c++) {
		char letter[2] = { c };

		if (graph_life(g, c - 'a') == GRAPH_STUCK)
			strcat(stuck, letter);
		if (graph_life(g, c - 'a') == GRAPH_UNCERTAIN)
			strcat(uncertain, letter);
		if (graph_knot(g, c - 'a') != GRAPH_NONE)
			strcat(knots, letter);
	}
	cr_expect_str_eq(stuck, row->stuck, "%s: stuck %s, not %s", row->graph, stuck, row->stuck);
	cr_expect_str_eq(uncertain, row->uncertain, "%s: uncertain %s", row->graph, uncertain);
	cr_expect_str_eq(knots, row->knots, "%s: knots %s", row->graph, knots);
	graph_free(g);
}

Test(graph, pictures)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_row(&rows[i]);
}

Test(graph, two_rings_are_two_knots)
{
	struct graph *g = draw("a>b b>a c>d d>c");

	cr_assert_eq(graph_knot(g, 0), graph_knot(g, 1));
	cr_assert_eq(graph_knot(g, 2), graph_knot(g, 3));
	cr_assert_neq(graph_knot(g, 0), graph_knot(g, 2));
	graph_free(g);
}

Test(graph, via_leads_to_the_live_one)
{
	struct graph *g = draw("a>b b>c c!");

	cr_assert_eq(graph_via(g, 0), 1u);
	cr_assert_eq(graph_via(g, 1), 2u);
	cr_assert_eq(graph_via(g, 2), GRAPH_NONE);
	graph_free(g);
}

Test(graph, labels_spread_against_strong_edges_only)
{
	struct graph *g = draw("a>b b>c d-c e>c");
	__u32 label[5] = { GRAPH_NONE, GRAPH_NONE, 2, GRAPH_NONE, GRAPH_NONE };

	cr_assert_eq(graph_label(g, label), 0);
	cr_assert_eq(label[0], 2u);
	cr_assert_eq(label[1], 2u);
	cr_assert_eq(label[3], GRAPH_NONE);
	cr_assert_eq(label[4], 2u);
	graph_free(g);
}

Test(graph, nobody_is_higher_than_who_could_wake_him)
{
	struct graph *g = draw("a>b b-c d>a e>a e>f f! g>g");
	__u32 level[7] = { 2, 2, 1, 2, 2, 0, 2 };
	__u32 by[7] = { GRAPH_NONE, GRAPH_NONE, GRAPH_NONE, GRAPH_NONE,
			GRAPH_NONE, GRAPH_NONE, GRAPH_NONE };

	cr_assert_eq(graph_lower(g, 2, level, by), 0);
	cr_expect_eq(level[0], 1u);
	cr_expect_eq(by[0], 2u);
	cr_expect_eq(level[1], 1u);
	cr_expect_eq(level[3], 1u);
	cr_expect_eq(by[3], 2u);
	cr_expect_eq(level[4], 2u, "e is live");
	cr_expect_eq(level[6], 2u);
	cr_expect_eq(by[6], GRAPH_NONE);
	graph_free(g);
}

/* Depth costs no stack: a ring and a queue of a million. */
Test(graph, a_million_in_a_ring_and_behind_it)
{
	const __u32 n = 1000000;
	struct graph *g = graph_new();

	for (__u32 i = 0; i < 2 * n; i++)
		graph_add(g, GRAPH_STUCK);
	for (__u32 i = 0; i < n; i++) {
		graph_edge(g, i, (i + 1) % n, true);
		graph_edge(g, n + i, i ? n + i - 1 : 0, true);
	}
	cr_assert_eq(graph_solve(g), 0);
	cr_assert_eq(graph_knot(g, 0), graph_knot(g, n - 1));
	cr_assert_eq(graph_knot(g, 2 * n - 1), GRAPH_NONE);
	cr_assert_eq(graph_life(g, 2 * n - 1), GRAPH_STUCK);
	graph_free(g);
}
