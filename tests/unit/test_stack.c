// SPDX-License-Identifier: GPL-2.0-only
/* test_stack.c - frames and traces are kept once each, threads in order. */
#include <criterion/criterion.h>

#include "analyze/stack.h"

static char f_name[] = "f", g_name[] = "g", m_name[] = "m", source[] = "m.c";

static struct frame sample(void)
{
	return (struct frame){
		.address = 0x1000, .offset = 0x10, .function = f_name, .module = m_name
	};
}

static __u32 add(struct stacks *s, struct frame f)
{
	__u32 number;

	cr_assert_eq(stack_add_frame(s, &f, &number), 0);
	return number;
}

Test(stack, what_differs_is_another_frame)
{
	struct stacks s = {};
	struct frame others[9];

	for (size_t i = 0; i < 9; i++)
		others[i] = sample();
	others[0].address++;
	others[1].offset++;
	others[2].line++;
	others[3].inlined = true;
	others[4].guessed = true;
	others[5].function = g_name;
	others[6].function = NULL;
	others[7].module = NULL;
	others[8].file = source;
	cr_expect_eq(add(&s, sample()), 0);
	for (__u32 i = 0; i < 9; i++)
		cr_expect_eq(add(&s, others[i]), i + 1, "frame %u", i);
	cr_expect_eq(add(&s, sample()), 0);
	for (__u32 i = 0; i < 9; i++)
		cr_expect_eq(add(&s, others[i]), i + 1, "frame %u again", i);
	cr_expect_eq(s.frames.n, 10);
	stack_free(&s);
}

Test(stack, a_frame_has_strings_of_its_own)
{
	struct stacks s = {};
	char function[] = "f";
	struct frame f = { .function = function };

	add(&s, f);
	function[0] = 'g';
	cr_expect_str_eq(s.frames.v[0].function, "f");
	cr_expect_null(s.frames.v[0].module);
	cr_expect_null(s.frames.v[0].file);
	stack_free(&s);
}

static __u32 trace(struct stacks *s, const __u32 *frames, size_t n, const char *stop)
{
	__u32 number;

	cr_assert_eq(stack_add_trace(s, frames, n, stop, &number), 0);
	return number;
}

Test(stack, a_trace_is_its_frames_in_order_and_why_it_ends)
{
	struct stacks s = {};
	const __u32 frames[] = { 0, 1 }, turned[] = { 1, 0 };

	cr_expect_eq(trace(&s, frames, 2, NULL), 0);
	cr_expect_eq(trace(&s, turned, 2, NULL), 1);
	cr_expect_eq(trace(&s, frames, 1, NULL), 2);
	cr_expect_eq(trace(&s, frames, 2, "cut"), 3);
	cr_expect_eq(trace(&s, frames, 2, "no memory"), 4);
	cr_expect_eq(trace(&s, NULL, 0, "no registers"), 5);
	cr_expect_eq(trace(&s, NULL, 0, "no registers"), 5);
	cr_expect_eq(trace(&s, frames, 2, "cut"), 3);
	cr_expect_eq(trace(&s, frames, 2, NULL), 0);
	cr_expect_eq(s.traces.n, 6);
	stack_free(&s);
}

/* Doubles are looked for among the last 4096 only. */
Test(stack, a_double_far_behind_is_kept_twice)
{
	struct stacks s = {};
	struct frame f = sample();

	add(&s, f);
	for (__u32 i = 1; i <= 5000; i++) {
		f.address = 0x2000 + i;
		cr_assert_eq(add(&s, f), i);
	}
	cr_expect_eq(add(&s, sample()), 5001);
	cr_expect_eq(add(&s, f), 5000);
	stack_free(&s);
}

static struct stacks three(void)
{
	struct stacks s = {};
	const __u32 frames[] = { 0, 1, 2 };

	for (__u32 i = 0; i < 3; i++)
		cr_assert_eq(trace(&s, frames, i + 1, NULL), i);
	cr_assert_eq(stack_add_thread(&s, 20, 0), 0);
	cr_assert_eq(stack_add_thread(&s, 10, 1), 0);
	cr_assert_eq(stack_add_thread(&s, 15, 2), 0);
	return s;
}

Test(stack, threads_are_found_whatever_order_they_came_in)
{
	struct stacks s = three();

	cr_expect_eq(s.threads.v[0].tid, 10);
	cr_expect_eq(s.threads.v[1].tid, 15);
	cr_expect_eq(s.threads.v[2].tid, 20);
	cr_expect_eq(stack_of(&s, 20)->frames.n, 1);
	cr_expect_eq(stack_of(&s, 10)->frames.n, 2);
	cr_expect_eq(stack_of(&s, 15)->frames.n, 3);
	cr_expect_null(stack_of(&s, 9));
	cr_expect_null(stack_of(&s, 12));
	cr_expect_null(stack_of(&s, 21));
	stack_free(&s);
}

Test(stack, a_thread_that_is_dropped_is_gone_alone)
{
	struct stacks s = three();

	stack_drop(&s, 12);
	cr_expect_eq(s.threads.n, 3);
	stack_drop(&s, 10);
	stack_drop(&s, 10);
	cr_expect_null(stack_of(&s, 10));
	cr_expect_eq(stack_of(&s, 15)->frames.n, 3);
	cr_expect_eq(stack_of(&s, 20)->frames.n, 1);
	cr_assert_eq(stack_add_thread(&s, 10, 2), 0);
	cr_expect_eq(stack_of(&s, 10)->frames.n, 3);
	stack_drop(&s, 20);
	stack_drop(&s, 15);
	stack_drop(&s, 10);
	cr_expect_eq(s.threads.n, 0);
	cr_expect_null(stack_of(&s, 10));
	stack_free(&s);
}

Test(stack, nothing_can_be_freed)
{
	struct stacks s = {};

	cr_expect_null(stack_of(&s, 1));
	stack_drop(&s, 1);
	stack_free(&s);
}
