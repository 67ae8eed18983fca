// SPDX-License-Identifier: GPL-2.0-only
/* stacked.c - stacks written as text, for the tests of what reads them. */
#include "stacked.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

/* An address for what the text says of a frame: 12 hexadecimal digits, never 0. */
static __u64 address_of(const char *text)
{
	__u64 hash = 5381;

	for (; *text; text++)
		hash = hash * 33 + (unsigned char)*text;
	return (hash << 4 & 0xffffffffff0ull) | 0x100000000008ull;
}

/* Splits text at the first " in "; its second part, or NULL. */
static char *cut_module(char *text)
{
	char *in = strstr(text, " in ");

	if (!in)
		return NULL;
	*in = '\0';
	return in + strlen(" in ");
}

static __u32 add_frame(struct stacks *s, char *text, __u64 address)
{
	struct frame f = { .address = address, .inlined = *text == '^' };
	__u32 number;

	f.function = text + f.inlined;
	f.module = cut_module(f.function);
	f.offset = f.module ? address & 0xffffff : 0;
	if (!strcmp(f.function, "?"))
		f.function = NULL;
	cr_assert_eq(stack_add_frame(s, &f, &number), 0);
	return number;
}

__u32 stacked_trace(struct stacks *s, const char *text)
{
	char *copy = strdup(text), *parts[64], *next;
	__u32 frames[64], trace;
	__u64 address = 0;
	const char *stop = NULL;
	size_t n = 0;

	cr_assert(copy);
	for (char *part = copy; part; part = next) {
		next = strstr(part, " <- ");
		if (next) {
			*next = '\0';
			next += strlen(" <- ");
		}
		cr_assert_lt(n, 64);
		parts[n++] = part;
	}
	if (!strcmp(parts[n - 1], "cut")) {
		stop = "cut";
		n--;
	}
	for (size_t i = n; i > 0; i--) {
		if (*parts[i - 1] != '^')
			address = address_of(parts[i - 1]);
		frames[i - 1] = add_frame(s, parts[i - 1], address);
	}
	cr_assert_eq(stack_add_trace(s, frames, n, stop, &trace), 0);
	free(copy);
	return trace;
}

void stacked_thread(struct world *w, __u32 tid, const char *text)
{
	cr_assert_eq(stack_add_thread(&w->stacks, tid, stacked_trace(&w->stacks, text)), 0);
}
