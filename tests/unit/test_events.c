// SPDX-License-Identifier: GPL-2.0-only
/* test_events.c - the words that are watched in the kernel, and the wakes of them. */
#include <criterion/criterion.h>
#include <errno.h>
#include <linux/futex.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "analyze/world.h"
#include "collect/bpf.h"
#include "collect/events.h"
#include "collect/feed.h"

static struct events *e;
static __u32 word;

/* The tracepoint is what nearly every kernel takes. */
static void setup(void)
{
	char *error = NULL;

	bpf_quiet();
	if (geteuid())
		cr_skip_test("needs root");
	if (events_open(1 << 16, FUTEX_TRACEPOINT, &e, &error)) {
		free(error);
		cr_skip_test("this kernel does not take the tracepoint");
	}
}

static void cleanup(void)
{
	events_free(e);
}

TestSuite(events, .init = setup, .fini = cleanup);

static __u64 own_mm(void)
{
	struct world *w = world_new();
	struct bpf *b = NULL;
	char *error = NULL;
	__u64 mm;

	cr_assert(w && !bpf_open(&b, &error), "%s", error ? error : "");
	cr_assert(!feed_scan(b, w) && world_thread(w, gettid()));
	mm = world_thread(w, gettid())->mm;
	bpf_free(b);
	world_free(w);
	return mm;
}

/* As many words as are known, after so many wakes of one. */
static size_t look(int wakes)
{
	struct past p = {};
	size_t n;

	for (int i = 0; i < wakes; i++)
		syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
	cr_assert_eq(events_words(e, &p), 0);
	n = p.words.n;
	past_free(&p);
	return n;
}

/* A counter that stands still until a new sum has passed the old one says too little. */
Test(events, wakes_are_counted_whatever_is_forgotten)
{
	const struct wire_word_key key = { own_mm(), (__u64)&word };

	cr_assert_eq(events_watch(e, &key, 1, 1), 0);
	cr_expect_eq(look(5), 1);
	cr_expect_eq(events_wakes(e), 5);
	cr_expect_eq(look(0), 1);
	cr_expect_eq(events_wakes(e), 5);
	events_forget(e);
	cr_expect_eq(look(3), 0);
	cr_assert_eq(events_watch(e, &key, 1, 1), 0);
	cr_expect_eq(look(2), 1);
	cr_expect_eq(events_wakes(e), 7);
}

#define MORE 100 /* than there is room for */
#define SECOND 1000000000ull

/* Those that are asked for again stay, though others do not fit; there is room when they go. */
Test(events, more_words_than_can_be_watched)
{
	static struct wire_word_key keys[WIRE_WORDS_MAX + MORE];
	const size_t n = WIRE_WORDS_MAX + MORE;

	for (size_t i = 0; i < n; i++)
		keys[i] = (struct wire_word_key){ 1, 4 * (n - i) };
	cr_assert_eq(events_watch(e, keys + MORE, WIRE_WORDS_MAX, SECOND), 0);
	cr_expect_eq(look(0), WIRE_WORDS_MAX);
	cr_expect_eq(events_watch(e, keys, n, 100 * SECOND), -E2BIG);
	cr_expect_eq(look(0), WIRE_WORDS_MAX);
	cr_expect_eq(events_watch(e, keys, 1, 200 * SECOND), -E2BIG);
	cr_expect_eq(look(0), 0);
	cr_expect_eq(events_watch(e, keys, 1, 200 * SECOND), 0);
	cr_expect_eq(look(0), 1);
}

/* Many threads may wait on one word: it takes one place. */
Test(events, doubles_take_no_room)
{
	static struct wire_word_key keys[2 * WIRE_WORDS_MAX];

	for (size_t i = 0; i < 2 * WIRE_WORDS_MAX; i++)
		keys[i] = (struct wire_word_key){ 1, i % 2 * 4 };
	keys[2 * WIRE_WORDS_MAX - 1].addr = 8;
	cr_expect_eq(events_watch(e, keys, 2 * WIRE_WORDS_MAX, 1), 0);
	cr_expect_eq(look(0), 3);
}
