// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_ring.c - who waits for a lock that nobody will ever unlock: tables */
#include <criterion/criterion.h>
#include <stdio.h>

#include "golang/ring.h"

#define NODES 8

/* Nodes from 1 on: each waits on a semaphore (0: none), and is to unlock up to two. Ended by one
 * without anything. */
struct row {
	const char *title;
	struct {
		__u64 waits;
		__u64 unlocks[2];
		bool stuck, alone; /* alone: what it is to unlock only one can have */
	} nodes[NODES];
	const char *expected; /* "1<2 2<1 ": who waits for whom */
};

static void expect(const struct row *row)
{
	struct ring_node nodes[NODES] = {};
	struct ring_duty duties[2 * NODES];
	size_t n = 0, nduties = 0, len = 0;
	char text[128] = "";

	for (; n < NODES && (row->nodes[n].waits || row->nodes[n].unlocks[0]); n++) {
		nodes[n].semaphore = row->nodes[n].waits;
		nodes[n].stuck = row->nodes[n].stuck;
		for (size_t k = 0; k < 2; k++)
			if (row->nodes[n].unlocks[k])
				duties[nduties++] = (struct ring_duty){
					.semaphore = row->nodes[n].unlocks[k],
					.node = n,
					.most = row->nodes[n].alone ? 1 : 2,
				};
	}
	cr_expect(ring_find(nodes, n, duties, nduties));
	cr_expect(ring_find(nodes, n, duties, nduties), "to be asked again");
	for (size_t i = 0; i < n; i++)
		if (nodes[i].holder)
			len += snprintf(text + len, sizeof(text) - len, "%zu<%u ", i + 1,
					nodes[i].holder);
	cr_expect_str_eq(text, row->expected, "%s: %s", row->title, text);
}

Test(golang_ring, who_waits_for_whom)
{
	static const struct row rows[] = {
		{ "nobody", { {} }, "" },
		{ "a lock that nobody is to unlock", { { 4, {} } }, "" },
		{ "its own lock", { { 4, { 4 } } }, "1<1 " },
		{ "two that wait for each other", { { 4, { 8 } }, { 8, { 4 } } }, "1<2 2<1 " },
		{ "a chain that ends at one that may go on",
		  { { 4, { 8 } }, { 8, { 12 } }, { 12, {} } },
		  "" },
		{ "a chain that ends at one that is stuck",
		  { { 4, { 8 } }, { 8, { 12 } }, { 0, { 4 }, true } },
		  "1<3 2<1 " },
		{ "a ring of three, and two behind",
		  { { 4, { 12 } }, { 8, { 4 } }, { 12, { 8 } }, { 8, { 16 } }, { 16, {} } },
		  "1<2 2<3 3<1 4<3 5<4 " },
		{ "one of two readers may go on, the other never",
		  { { 4, {} }, { 0, { 4 } }, { 0, { 4 }, true } },
		  "1<3 " },
		{ "one is to unlock two",
		  { { 4, { 8, 12 } }, { 8, {} }, { 12, { 4 } } },
		  "1<3 2<1 3<1 " },
		{ "two have what only one can have: who knows",
		  { { 4, { 8 } }, { 8, { 4 }, .alone = true }, { 0, { 4 } } },
		  "" },
		{ "and there is a ring besides",
		  { { 4, { 8 } }, { 8, { 4 }, .alone = true }, { 0, { 4 } }, { 16, { 16 } } },
		  "4<4 " },
		{ "three read, and two can", { { 4, { 4 } }, { 4, { 4 } }, { 4, { 4 } } }, "" },
		{ "one tells it twice", { { 4, { 4, 4 }, .alone = true } }, "1<1 " },
		{ "who is stuck is not told again", { { 4, { 4 }, true } }, "" },
		{ "what is on no list of duties, beside one that is",
		  { { 4, { 8 } }, { 12, { 4 } } },
		  "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		expect(&rows[i]);
}

/* What a hostile program may show: no end of work, and nothing made up. */
Test(golang_ring, a_chain_that_is_too_long_is_none)
{
	enum { LONG = 4000 };
	static struct ring_node nodes[LONG];
	static struct ring_duty duties[LONG];

	/* each waits for the one before it, which is seen first; the
	 * last is to unlock nothing's end */
	for (size_t i = 0; i < LONG; i++) {
		nodes[i] = (struct ring_node){ i + 2, false, 0 };
		duties[i] = (struct ring_duty){ .semaphore = i + 1, .node = i, .most = 1 };
	}
	cr_expect(!ring_find(nodes, LONG, duties, LONG));
	for (size_t i = 0; i < LONG; i++)
		cr_assert_eq(nodes[i].holder, 0);
}
