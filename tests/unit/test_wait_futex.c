// SPDX-License-Identifier: GPL-2.0-only
/* test_wait_futex.c - what a futex wait is made of, and what it wants to read. */
#include <criterion/criterion.h>
#include <elf.h>
#include <linux/futex.h>
#include <stdio.h>

#include "wait_case.h"

#define PRIVATE FUTEX_PRIVATE_FLAG

static struct wait decoded(const struct wait_case *c)
{
	struct wait wait;

	wait_case_decode(c, &wait, NULL);
	return wait;
}

static const struct {
	struct wait_case c;
	__u32 val, op;
	bool private_, realtime, requeued;
} parts[] = {
	{ { "WAIT", "futex", { 0x20000, PRIVATE, 2 } }, 2, FUTEX_WAIT, true, false, false },
	{ { "BITSET", "futex", { 0x20000, 9 | 256, 3 } },
	  3,
	  FUTEX_WAIT_BITSET,
	  false,
	  true,
	  false },
	{ { "LOCK_PI", "futex", { 0x20000, 6, 0xdead } }, 0, FUTEX_LOCK_PI, false, true, false },
	{ { "LOCK_PI2", "futex", { 0x20000, 13, 1 } }, 0, 13, false, false, false },
	{ { "futex_wait", "futex_wait", { 0x20000, 7, ~0ull, 2 | 128, 0, 1 } },
	  7,
	  FUTEX_WAIT_BITSET,
	  true,
	  false,
	  false },
	{ { "requeued",
	    "futex",
	    { 0x20010, PRIVATE, 2 },
	    .bits = WIRE_FUTEX_KEY,
	    .key_word = 0x31000,
	    .key_offset = 0x40 },
	  2,
	  FUTEX_WAIT,
	  true,
	  false,
	  true },
	{ { "requeued to a lock",
	    "futex",
	    { 0x20010, 11 | PRIVATE, 2 },
	    .bits = WIRE_FUTEX_KEY,
	    .key_word = 0x31000,
	    .key_offset = 0x40 },
	  2,
	  FUTEX_LOCK_PI,
	  true,
	  false,
	  true },
	{ { "not requeued",
	    "futex",
	    { 0x20010, 11 | PRIVATE, 2 },
	    .bits = WIRE_FUTEX_KEY,
	    .key_word = 0x20000,
	    .key_offset = 0x10 },
	  2,
	  FUTEX_WAIT_REQUEUE_PI,
	  true,
	  false,
	  false },
	{ { "waitv: one of the words is shared", "futex_waitv", { AT_WAITERS, 2 } },
	  7,
	  FUTEX_WAIT,
	  false,
	  true,
	  false },
	{ { "waitv: all words are private", "futex_waitv", { AT_WAITERS, 1, 0, 0, 1 } },
	  7,
	  FUTEX_WAIT,
	  true,
	  false,
	  false },
};

Test(wait_futex, parts)
{
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		const char *title = parts[i].c.title;
		struct wait wait = decoded(&parts[i].c);

		cr_expect_eq(wait.futex.val, parts[i].val, "%s: %u", title, wait.futex.val);
		cr_expect_eq(wait.futex.op, parts[i].op, "%s: %u", title, wait.futex.op);
		cr_expect_eq(wait.futex.private_, parts[i].private_, "%s: private", title);
		cr_expect_eq(wait.futex.clock_realtime, parts[i].realtime, "%s: clock", title);
		cr_expect_eq(wait.requeued, parts[i].requeued, "%s: requeued", title);
		cr_expect_eq(wait.object, wait.futex.addr, "%s: object", title);
	}
}

/* TRAPS 12 */
Test(wait_futex, horizon)
{
	struct wait_case c = { "days", "futex", { 0x20000, 0, 2, AT_2DAYS } };

	cr_expect(decoded(&c).beyond_horizon);
	c.args[3] = AT_60S;
	cr_expect_not(decoded(&c).beyond_horizon);
	c.args[3] = AT_PAST;
	cr_expect_eq(decoded(&c).timeout_ns, 0);
}

/* Wants, as "addr+len addr+len …", in their order. */
static void expect_wants(const struct wait_case *c, const char *expected)
{
	struct mem_wants wants;
	struct wait wait;
	char text[256] = "";
	size_t n = 0;

	wait_case_decode(c, &wait, &wants);
	for (size_t i = 0; i < wants.want.n; i++) {
		const struct mem_want *want = &wants.want.v[i];

		cr_expect_eq(want->mm, CASE_MM, "%s", c->title);
		cr_expect_eq(want->tid, 4711, "%s", c->title);
		n += snprintf(text + n, sizeof(text) - n, "%s%llx+%u", i ? " " : "", want->addr,
			      want->len);
	}
	cr_expect_str_eq(text, expected, "%s: \"%s\"", c->title, text);
	array_free(&wants.want);
}

Test(wait_futex, wants)
{
	static const struct {
		struct wait_case c;
		const char *wants;
	} rows[] = {
		{ { "known already", "futex", { 0x20000, PRIVATE, 2 } }, "" },
		{ { "within a page", "futex", { 0x50100, PRIVATE, 2 } }, "500c0+128" },
		{ { "at the start of a page", "futex", { 0x50000, 0, 2 } },
		  "4ffc0+128 4ffc0+64 50000+64" },
		{ { "near the end of a page", "futex", { 0x50ff0, 0, 2 } },
		  "50fb0+128 50fb0+80 51000+48" },
		{ { "around the end of a page", "futex", { 0x50fc0, 0, 2 } }, "50f80+128" },
		{ { "at nothing", "futex", { 0x10, 0, 2 } }, "0+80" },
		{ { "at the end of everything", "futex", { ~3ull, 0, 2 } }, "" },
		{ { "and a timeout", "futex", { 0x50100, 0, 2, NOWHERE } }, "500c0+128 666000+16" },
		{ { "and one of 32 bits",
		    "futex",
		    { 0x50100, 0, 2, NOWHERE },
		    .bits = WIRE_COMPAT },
		  "500c0+128 666000+8" },
		{ { "where it was moved to",
		    "futex",
		    { 0x20010, PRIVATE, 2 },
		    .bits = WIRE_FUTEX_KEY,
		    .key_word = 0x50000,
		    .key_offset = 0x100 },
		  "500c0+128" },
		{ { "waitv", "futex_waitv", { NOWHERE, 3 } }, "666000+72" },
		{ { "clone3", "clone3", { NOWHERE } }, "666000+8" },
		{ { "sleep", "nanosleep", { AT_60S } }, "" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		expect_wants(&rows[i].c, rows[i].wants);
}

Test(wait_futex, words_of_waitv)
{
	struct world *w = world_new();
	__u64 waiters[] = { 7, 0x20000, 2 | 128, 8, 0x20010, 2 };
	struct wire_thread t = {
		.mm = CASE_MM, .nr = 449, .bits = WIRE_IN_SYSCALL, .args = { 0x1000, 2 }
	};
	struct wait_futex word;

	w->machine = EM_X86_64;
	cr_expect_not(wait_futexv(w, &t, 0, &word), "not read yet");
	memory_add(&w->memory, CASE_MM, 0x1000, waiters, sizeof(waiters));
	memory_sort(&w->memory);
	cr_assert(wait_futexv(w, &t, 1, &word));
	cr_expect_eq(word.addr, 0x20010);
	cr_expect_eq(word.val, 8);
	cr_expect_not(word.private_);
	cr_expect_not(wait_futexv(w, &t, 2, &word), "beyond the last");
	t.bits |= WIRE_COMPAT;
	t.args[0] |= 1ull << 40;
	cr_expect(wait_futexv(w, &t, 0, &word) && word.addr == 0x20000, "32 bits");
	t.nr = 240;
	cr_expect_not(wait_futexv(w, &t, 0, &word), "another call");
	world_free(w);
}
