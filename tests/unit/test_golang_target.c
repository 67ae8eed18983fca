// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_target.c - reading much memory in questions of bounded size, with holes in it */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "golang/target.h"

#define START 0x1000800u

struct memory {
	__u64 hole, hole_end;
	unsigned int questions;
};

/* Each byte is a part of its address. */
static unsigned char byte_at(__u64 address)
{
	return address / 4096 ^ address;
}

static void answer(void *arg, struct target_piece *pieces, size_t n)
{
	struct memory *m = arg;
	size_t bytes = 0;

	m->questions++;
	cr_assert_leq(n, TARGET_PIECES_MAX);
	for (size_t i = 0; i < n; i++) {
		bytes += pieces[i].len;
		pieces[i].there = pieces[i].address + pieces[i].len <= m->hole ||
				  pieces[i].address >= m->hole_end;
		for (size_t k = 0; pieces[i].there && k < pieces[i].len; k++)
			((unsigned char *)pieces[i].to)[k] = byte_at(pieces[i].address + k);
	}
	cr_assert_leq(bytes, TARGET_BYTES_MAX);
}

Test(golang_target, many_pieces_are_some_questions)
{
	struct memory m = { .hole = 0x5000, .hole_end = 0x6000 };
	const struct target t = { &m, answer };
	static struct target_piece pieces[2000];
	static unsigned char to[2000][8];

	for (size_t i = 0; i < 2000; i++)
		pieces[i] = (struct target_piece){ 0x1000 + 16 * i, to[i], 8, true };
	target_read_all(&t, pieces, 2000);
	cr_assert_eq(m.questions, 4);
	for (size_t i = 0; i < 2000; i++) {
		cr_assert_eq(pieces[i].there,
			     pieces[i].address < 0x5000 || pieces[i].address >= 0x6000);
		cr_assert(!pieces[i].there || to[i][3] == byte_at(pieces[i].address + 3));
	}
}

Test(golang_target, what_is_longer_than_a_question_is_not_asked)
{
	struct memory m = {};
	const struct target t = { &m, answer };
	unsigned char *to = malloc(TARGET_BYTES_MAX + 1);
	struct target_piece pieces[] = {
		{ 0x1000, to, TARGET_BYTES_MAX + 1, true },
		{ 0x2000, to, TARGET_BYTES_MAX, false },
		{ 0x3000, to, 8, false },
	};

	target_read_all(&t, pieces, 3);
	cr_assert(!pieces[0].there && pieces[1].there && pieces[2].there);
	cr_assert_eq(m.questions, 2);
	cr_assert(
		target_read(&t, 0x1000, to, TARGET_BYTES_MAX + 1)); /* but this does it in parts */
	cr_assert_eq(to[TARGET_BYTES_MAX], byte_at(0x1000 + TARGET_BYTES_MAX));
	free(to);
}

struct walk {
	__u64 next, stop;
	const struct memory *m;
	unsigned int views;
};

/* Holes are zeros, by pages. */
static unsigned char want_at(const struct memory *m, __u64 address)
{
	const __u64 page = address & ~4095ull;

	return page + 4096 > m->hole && page < m->hole_end ? 0 : byte_at(address);
}

static bool see(void *arg, const struct target_view *view)
{
	struct walk *w = arg;

	cr_assert_eq(view->address, w->next);
	for (size_t i = 0; i < view->n; i++)
		if (view->v[i] != want_at(w->m, view->address + i))
			cr_assert_fail("at %llx", (unsigned long long)view->address + i);
	w->next = view->address + view->n - 16;
	w->views++;
	return view->address + view->n > w->stop;
}

Test(golang_target, a_long_stretch_is_seen_in_parts)
{
	struct memory m = { .hole = START + 0x100000 - 0x2000, .hole_end = START + 0x104000 };
	const struct target t = { &m, answer };
	struct walk w = { START, ~0ull, &m, 0 };

	cr_assert_eq(target_scan(&t, START, START + 0x250008, 16, see, &w), 0);
	cr_assert_eq(w.next, START + 0x250008 - 16);
	cr_assert_eq(w.views, 3);
	w = (struct walk){ START, START + 0x100000, &m, 0 };
	cr_assert_eq(target_scan(&t, START, START + 0x250008, 16, see, &w), 1);
	cr_assert_eq(w.views, 2);
	w.views = 0;
	cr_assert_eq(target_scan(&t, START, START, 16, see, &w), 0);
	cr_assert_eq(w.views, 0);
}
