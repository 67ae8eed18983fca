// SPDX-License-Identifier: GPL-2.0-only
/* test_golang_stale.c - which words of a P are none */
#include <criterion/criterion.h>
#include <string.h>

#include "goheap.h"
#include "golang/stale.h"

#define WORDS 2048
#define POINTER 0xc000000040ull

static __u64 words[WORDS];

static void fill(unsigned int minor)
{
	goheap_make(minor);
	for (size_t i = 0; i < WORDS; i++)
		words[i] = POINTER;
}

/* How many are left of so many bytes. */
static size_t left(size_t bytes)
{
	size_t n = 0;

	stale_clear(&goheap_program, goheap_at(GOHEAP_P, 0), (unsigned char *)words, bytes);
	for (size_t i = 0; i < bytes / 8; i++)
		n += words[i] != 0;
	return n;
}

static __u64 at(size_t i)
{
	return goheap_at(GOHEAP_P, 0) + 8 * i;
}

Test(stale, what_a_write_barrier_noted)
{
	fill(21);
	words[10] = at(12 + 3); /* next, end, buf[512] */
	words[11] = at(12 + 512);
	cr_expect_eq(left(9472), 1184 - 509);
	cr_expect_eq(words[12 + 2], POINTER);
	cr_expect_eq(words[12 + 3], 0);
	cr_expect_eq(words[12 + 511], 0);
	cr_expect_eq(words[12 + 512], POINTER);
}

Test(stale, what_only_looks_alike)
{
	const __u64 forged[][2] = { { at(11), at(524) },     { at(525), at(524) },
				    { at(12), at(523) },     { at(12) + 1, at(524) },
				    { at(12), at(524) + 1 }, { at(12), ~0ull },
				    { ~0ull, at(12 + 512) } };

	for (size_t i = 0; i < sizeof(forged) / sizeof(forged[0]); i++) {
		fill(21);
		words[10] = forged[i][0];
		words[11] = forged[i][1];
		cr_expect_eq(left(9472), 1184, "%zu", i);
	}
	fill(21);
	words[1182] = at(1184); /* it does not end within the object */
	words[1183] = at(1184 + 512);
	cr_expect_eq(left(9472), 1184);
	cr_expect_eq(left(16384), 2048); /* too large to be one */
}

/* A P's type, with bits for its timers and its first word. */
static void make_type(__u64 bits)
{
	const struct golang_layout *l = goheap_program.layout;

	words[0] = GOHEAP_TYPES;
	goheap_set(GOHEAP_TYPES + l->type.bytes, l->p.size);
	goheap_set(GOHEAP_TYPES + l->type.ptr_bytes, l->p.timers + 800);
	goheap_set(GOHEAP_TYPES + 32, bits);
	goheap_set(GOHEAP_TYPES + 512, 1);
	goheap_set(GOHEAP_TYPES + 512 + l->p.timers / 512 * 8, 1ull << l->p.timers / 8 % 64);
}

Test(stale, what_its_type_says)
{
	fill(26);
	make_type(GOHEAP_TYPES + 512);
	cr_expect_eq(left(16384), 3); /* these two, and the type */
	cr_expect_eq(words[1], POINTER);
	cr_expect_eq(words[1 + goheap_program.layout->p.timers / 8], POINTER);
}

Test(stale, a_type_that_says_so_on_demand)
{
	fill(26);
	make_type(GOHEAP_TYPES + 256);
	goheap_set(GOHEAP_TYPES + 16, 16ull << 32); /* its flags */
	cr_expect_eq(left(16384), 2048, "not made yet");
	goheap_set(GOHEAP_TYPES + 256, GOHEAP_TYPES + 512);
	cr_expect_eq(left(16384), 3);
}

Test(stale, types_that_are_none)
{
	const struct golang_layout *l;

	fill(26);
	l = goheap_program.layout;
	make_type(0x1000);
	cr_expect_eq(left(16384), 2048, "no bits");
	make_type(GOHEAP_TYPES + 512);
	goheap_set(GOHEAP_TYPES + 512 + l->p.timers / 512 * 8, 0);
	cr_expect_eq(left(16384), 2048, "timers are pointers");
	make_type(GOHEAP_TYPES + 512);
	goheap_set(GOHEAP_TYPES + l->type.ptr_bytes, ~0ull);
	cr_expect_eq(left(16384), 2048, "more pointers than bytes");
	make_type(GOHEAP_TYPES + 512);
	goheap_set(GOHEAP_TYPES + l->type.bytes, l->p.size - 8);
	cr_expect_eq(left(16384), 2048, "another type");
	make_type(GOHEAP_TYPES + 512);
	words[0] = GOHEAP_TYPES + 4096;
	cr_expect_eq(left(16384), 2048, "not where types are");
}

/* What lies behind a stack belongs to somebody else. */
Test(stale, the_bounds_of_a_stack)
{
	const __u64 address = goheap_at(GOHEAP_G, 3);
	const struct golang_g *l;

	for (unsigned int spoilt = 0; spoilt < 5; spoilt++) {
		fill(24);
		l = &goheap_program.layout->g;
		words[l->stack_lo / 8] = POINTER - 4096;
		words[l->stackguard0 / 8] = POINTER - 4096 + 928;
		words[l->sched_sp / 8] = POINTER - 128;
		words[l->sched_g / 8] = address;
		if (spoilt == 1)
			words[l->stack_lo / 8] += 8;
		else if (spoilt == 2)
			words[l->stackguard0 / 8] = POINTER;
		else if (spoilt == 3)
			words[l->sched_sp / 8] = POINTER + 8;
		else if (spoilt == 4)
			words[l->sched_g / 8] = address + 8;
		stale_clear(&goheap_program, address, (unsigned char *)words, l->size);
		cr_expect_eq(words[l->stack_hi / 8], spoilt ? POINTER : 0, "spoilt %u", spoilt);
		cr_expect_eq(words[l->panic / 8], POINTER);
	}
}
