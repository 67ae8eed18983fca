// SPDX-License-Identifier: GPL-2.0-only
/* test_names.c - names.c: what is kept comes back, and no more than the most is kept */
#include <criterion/criterion.h>

#include "symbolize/names.h"

static struct message_frames frames = {
	.n = 2,
	.frame = { { .line = 7, .inlined = 1, .function = "lock", .file = "lock.h" },
		   { .function = "main" } },
};

Test(names, kept)
{
	static struct message_frames found;
	struct names *names = NULL;

	cr_assert_not(names_find(names, 0x10, &found));
	names_keep(&names, 0x10, &frames);
	cr_assert_not(names_find(names, 0x11, &found));
	cr_assert(names_find(names, 0x10, &found));
	cr_assert_eq(found.n, 2);
	cr_assert_eq(found.frame[0].line, 7);
	cr_assert_eq(found.frame[0].inlined, 1);
	cr_assert_str_eq(found.frame[0].function, "lock");
	cr_assert_str_eq(found.frame[0].file, "lock.h");
	cr_assert_str_eq(found.frame[1].function, "main");
	cr_assert_str_eq(found.frame[1].file, "");
	names_free(&names);
	cr_assert_null(names);
}

Test(names, too_many)
{
	static struct message_frames found;
	struct names *names = NULL;

	for (__u64 i = 0; i <= NAMES_MAX; i++)
		names_keep(&names, i, &frames);
	cr_assert_not(names_find(names, 0, &found));
	cr_assert(names_find(names, NAMES_MAX, &found));
	names_free(&names);
}
