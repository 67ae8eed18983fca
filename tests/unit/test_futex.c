// SPDX-License-Identifier: GPL-2.0-only
/* test_futex.c - what the words around a futex are taken for, and what they are not. */
#include <criterion/criterion.h>
#include <linux/futex.h>
#include <string.h>

#include "analyze/futex.h"
#include "fixture.h"

#define ADDR 0x10000ull
#define BEFORE 12 /* words that a case has before the one slept on */
#define WORDS 24
#define TIMED (FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME) /* glibc's waits but for locks */

struct futex_case {
	const char *title, *lock; /* what it is taken for */
	__u32 op, val;		  /* FUTEX_PRIVATE_FLAG with op, or not */
	__u32 words[WORDS];	  /* number BEFORE is the one slept on */
	__u32 owner;		  /* 0: none is recorded */
	bool lost;
	bool narrow; /* of 32 bits */
};

/* Thread 500 of process 400 sleeps; process 1 is its parent. */
static void view(const struct futex_case *c, struct futex_view *ret)
{
	struct world *w = fixture_world();
	struct wait_futex f = {
		.addr = ADDR,
		.val = c->val,
		.op = c->op & (__u32)FUTEX_CMD_MASK,
		.private_ = c->op & FUTEX_PRIVATE_FLAG,
		.clock_realtime = c->op & FUTEX_CLOCK_REALTIME,
	};
	struct index *ix;

	fixture_thread(w, 400, 400);
	fixture_waits(w, 500, 400, ADDR, c->val)->key_offset |= !f.private_;
	w->threads.v[1].bits |= c->narrow ? WIRE_COMPAT : 0;
	fixture_words(w, 400, ADDR - BEFORE * 4, c->words, WORDS);
	world_sort(w);
	memory_sort(&w->memory);
	cr_assert_eq(index_new(w, &ix), 0);
	futex_view(ix, world_thread(w, 500), &f, ret);
	index_free(ix);
	world_free(w);
}

static void expect(const struct futex_case *c)
{
	struct futex_view got;

	view(c, &got);
	cr_expect_str_eq(got.lock, c->lock, "%s: %s", c->title, got.lock);
	cr_expect_eq(got.recorded ? got.owner : 0, c->owner, "%s: owner %llu", c->title, got.owner);
	cr_expect_eq(got.lost, c->lost, "%s: lost", c->title);
}

#define EXPECT(cases)                                                                              \
	for (size_t i = 0; i < sizeof(cases) / sizeof(*(cases)); i++)                              \
	expect(&(cases)[i])

/* nptl/pthread_cond_wait.c: the groups' words are number 10 and 11; since 2.41 8 and 9. */
Test(futex, conditions_and_semaphores)
{
	static const struct futex_case cases[] = {
		{ "a waiter of the second group",
		  "condition variable",
		  TIMED | FUTEX_PRIVATE_FLAG,
		  0,
		  { [2] = 2, [10] = 0, [11] = 1 << 3 } },
		{ "of the first",
		  "condition variable",
		  TIMED | FUTEX_PRIVATE_FLAG,
		  0,
		  { [1] = 5, [3] = 2, [10] = 1 << 3 } },
		{ "as of 2.41",
		  "condition variable",
		  TIMED | FUTEX_PRIVATE_FLAG,
		  4,
		  { [4] = 6, [6] = 4, [11] = 1 << 3, [12] = 4 } },
		{ "nobody can have waited yet",
		  "futex",
		  TIMED | FUTEX_PRIVATE_FLAG,
		  1,
		  { [2] = 1, [11] = 1 << 3 } },
		{ "a semaphore", "semaphore", TIMED | FUTEX_PRIVATE_FLAG, 0, { [13] = 1 } },
		{ "above zero",
		  "semaphore",
		  TIMED | FUTEX_PRIVATE_FLAG,
		  0,
		  { [12] = 1, [13] = 1 },
		  .lost = true },
		{ "behind zeros and a number",
		  "semaphore",
		  TIMED | FUTEX_PRIVATE_FLAG,
		  0,
		  { [10] = 64, [13] = 1 } },
		{ "a semaphore or a condition",
		  "futex",
		  TIMED | FUTEX_PRIVATE_FLAG,
		  0,
		  { [2] = 2, [11] = 1 << 3, [12] = 1, [13] = 1 } },
	};

	EXPECT(cases);
}

Test(futex, barriers)
{
	static const struct futex_case cases[] = {
		{ "one of two", "barrier", FUTEX_WAIT_PRIVATE, 0, { [11] = 1, [12] = 0, 2 } },
		{ "the tenth time",
		  "barrier",
		  FUTEX_WAIT_PRIVATE,
		  20,
		  { [11] = 21, [12] = 20, 2, 0, 19 } },
		{ "shared", "barrier", FUTEX_WAIT, 0, { [11] = 1, [12] = 0, 2, 128 } },
		{ "shared, but not slept on so",
		  "futex",
		  FUTEX_WAIT_PRIVATE,
		  0,
		  { [11] = 1, [12] = 0, 2, 128 } },
		{ "a round that is none",
		  "futex",
		  FUTEX_WAIT_PRIVATE,
		  1,
		  { [11] = 2, [12] = 1, 4 } },
		{ "more left than came",
		  "futex",
		  FUTEX_WAIT_PRIVATE,
		  0,
		  { [11] = 1, [12] = 0, 4, 0, 3 } },
	};

	EXPECT(cases);
}

/* The thread that sleeps is 500 of process 400, which has two. */
Test(futex, mutexes)
{
	static const struct futex_case cases[] = {
		{ "normal", "mutex", FUTEX_WAIT_PRIVATE, 2, { [12] = 2, 0, 400, 1 }, 400 },
		{ "its owner has ended",
		  "mutex",
		  FUTEX_WAIT_PRIVATE,
		  2,
		  { [12] = 2, 0, 401, 1 },
		  401 },
		{ "ids started anew",
		  "mutex",
		  FUTEX_WAIT_PRIVATE,
		  2,
		  { [12] = 2, 0, 300, 1 },
		  300 },
		{ "recursive, and shared",
		  "mutex",
		  FUTEX_WAIT,
		  2,
		  { [12] = 2, 1, 400, 9, 129 },
		  400 },
		{ "of 32 bits",
		  "mutex",
		  FUTEX_WAIT_PRIVATE,
		  2,
		  { [12] = 2, 0, 400, 0, 1, 7 },
		  400,
		  .narrow = true },
		{ "adaptive", "mutex", FUTEX_WAIT_PRIVATE, 2, { [12] = 2, 0, 400, 1, 3, 7 }, 400 },
		{ "with elision",
		  "mutex",
		  FUTEX_WAIT_PRIVATE,
		  2,
		  { [12] = 2, 0, 400, 1, 256, 3 << 16 },
		  400 },
		{ "who waits for a condition uses it",
		  "mutex",
		  FUTEX_WAIT_PRIVATE,
		  2,
		  { [12] = 2, 0, 400, 2 },
		  400 },
		{ "more users than threads",
		  "lock",
		  FUTEX_WAIT_PRIVATE,
		  2,
		  { [12] = 2, 0, 400, 3 } },
		{ "no thread could have had that id",
		  "lock",
		  FUTEX_WAIT_PRIVATE,
		  2,
		  { [12] = 2, 0, 8, 1 } },
		{ "spins of a normal one",
		  "lock",
		  FUTEX_WAIT_PRIVATE,
		  2,
		  { [12] = 2, 0, 400, 1, 0, 1 } },
		{ "shared, but not slept on so",
		  "lock",
		  FUTEX_WAIT_PRIVATE,
		  2,
		  { [12] = 2, 0, 400, 1, 128 } },
		{ "slept on as shared", "lock", FUTEX_WAIT, 2, { [12] = 2, 0, 400, 1 } },
		{ "a robust one's word",
		  "lock",
		  FUTEX_WAIT_PRIVATE,
		  2,
		  { [12] = 2, 0, 400, 1, 16 } },
	};

	EXPECT(cases);
}

Test(futex, robust_mutexes)
{
	static const struct futex_case cases[] = {
		{ "held",
		  "mutex",
		  FUTEX_WAIT,
		  0x80000190,
		  { [12] = 0x80000190, 0, 400, 1, 16 },
		  400 },
		{ "taken from the dead",
		  "mutex",
		  FUTEX_WAIT,
		  0x80000190,
		  { [12] = 0x80000190, 1, 0x7fffffff, 1, 16 },
		  400 },
		{ "let go",
		  "mutex",
		  FUTEX_WAIT,
		  0x80000190,
		  { [12] = 0, 0, 0, 0, 16 },
		  .lost = true },
		{ "another owner",
		  "futex",
		  FUTEX_WAIT,
		  0x80000190,
		  { [12] = 0x80000190, 0, 500, 1, 16 } },
		{ "a lock of musl's own",
		  "futex",
		  FUTEX_WAIT_PRIVATE,
		  0x80000002,
		  { [12] = 0x80000002, 0, 2, 0, 16 } },
	};

	EXPECT(cases);
}

/* As musl has them: type, lock, waiters, two words of nothing, count, two links. */
Test(futex, mutexes_of_musl)
{
	static const struct futex_case cases[] = {
		{ "recursive",
		  "mutex",
		  FUTEX_WAIT_PRIVATE,
		  0x80000190,
		  { [11] = 1, 0x80000190, 1, 0, 0, 3, 0xa7d05bc0, 0x7f5a, 0xa7d05bc0, 0x7f5a },
		  400 },
		{ "error checking, and shared",
		  "mutex",
		  FUTEX_WAIT,
		  0x80000190,
		  { [11] = 130, 0x80000190, 2, 0, 0, 0, 0xa7d05bc0, 0x7f5a, 0xa7ce2b00, 0x7f5a },
		  400 },
		{ "of 32 bits",
		  "mutex",
		  FUTEX_WAIT_PRIVATE,
		  0x80000190,
		  { [11] = 1, 0x80000190, 1, 0xf7d05bc4, 0xf7d05bc4, 3 },
		  400,
		  .narrow = true },
		{ "normal", "futex", FUTEX_WAIT_PRIVATE, 0x80000010, { [12] = 0x80000010, 1 } },
		{ "an internal lock behind a number",
		  "futex",
		  FUTEX_WAIT_PRIVATE,
		  0x80000002,
		  { [11] = 1, 0x80000002, 0, 0, 0, 0, 0xa7d05bc0, 0x7f5a, 0xa7d05bc0, 0x7f5a } },
		{ "and before one",
		  "futex",
		  FUTEX_WAIT_PRIVATE,
		  0x80000002,
		  { [11] = 1, 0x80000002, 1 } },
		{ "that nothing separates",
		  "futex",
		  FUTEX_WAIT_PRIVATE,
		  0x80000002,
		  { [11] = 1, 0x80000002, 1, 5, 0, 0, 0xa7d05bc0, 0x7f5a, 0xa7d05bc0, 0x7f5a } },
		{ "from what is no link",
		  "futex",
		  FUTEX_WAIT_PRIVATE,
		  0x80000002,
		  { [11] = 1, 0x80000002, 1, 0, 0, 0, 0xa7d05bc1, 0x7f5a, 0xa7d05bc0, 0x7f5a } },
		{ "shared, but not slept on so",
		  "futex",
		  FUTEX_WAIT_PRIVATE,
		  0x80000190,
		  { [11] = 129, 0x80000190, 1, 0, 0, 0, 0xa7d05bc0, 0x7f5a, 0xa7d05bc0, 0x7f5a } },
	};

	EXPECT(cases);
}
