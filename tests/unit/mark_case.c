// SPDX-License-Identifier: GPL-2.0-only
/* mark_case.c - searches of the heap that goheap.h makes, and what they have to find. */
#include "mark_case.h"

#include <criterion/criterion.h>
#include <stdio.h>

struct mark_limits mark_case_limits;
struct mark_case_root mark_case_root;
struct mark_result mark_case_result;
__u64 mark_case_register;
struct mark_sleeper mark_case_sleeper;

static bool read_threads(void *arg, struct mark *m)
{
	(void)arg;
	if (mark_case_register)
		mark_word(m, mark_case_register);
	if (mark_case_sleeper.sp)
		mark_threads_sleeper(m, &mark_case_sleeper);
	return true;
}

void mark_case_make(void)
{
	goheap_make(26);
	mark_case_limits = (struct mark_limits){ .bytes = 1u << 30, .memory = 1u << 30 };
	mark_case_root = (struct mark_case_root){ 0, 0 };
	mark_case_register = 0;
	mark_case_sleeper = (struct mark_sleeper){ 0, 0, 0 };
}

const char *mark_case_stuck(void)
{
	static char text[128];
	struct mark *m;
	size_t n = 0;

	cr_assert_eq(mark_new(&goheap_program, &mark_case_limits, &m), 0);
	for (size_t i = 0; i < GOHEAP_MAX; i++)
		cr_assert_eq(mark_add(m, &goheap_g[i]), 0);
	cr_assert_eq(mark_root(m, mark_case_root.start, mark_case_root.end), 0);
	mark_threads(m, read_threads, NULL);
	cr_assert_eq(mark_run(m, &mark_case_result), 0);
	text[0] = '\0';
	for (size_t i = 0; i < GOHEAP_MAX; i++)
		if (mark_is_stuck(m, i))
			n += snprintf(text + n, sizeof(text) - n, "%zu ", i);
	mark_free(m);
	return text;
}

void mark_case_expect(const char *want)
{
	const char *got = mark_case_stuck();

	cr_expect_eq(mark_case_result.end, MARK_WHOLE, "%s", mark_case_result.why);
	cr_expect_str_eq(got, want, "want %s, got %s", want, got);
}

void mark_case_expect_end(enum mark_end end)
{
	const char *got = mark_case_stuck();

	cr_expect_eq(mark_case_result.end, end);
	cr_expect_str_eq(got, "");
}

void mark_case_special(enum goheap_kind kind, __u64 record, __s32 what, __u64 offset)
{
	const struct golang_layout *l = goheap_program.layout;

	goheap_set(goheap_span(kind) + l->mspan.specials, record);
	goheap_set(record + l->special.offset, offset);
	goheap_set(record + l->special.kind, what);
}
