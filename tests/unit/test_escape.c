// SPDX-License-Identifier: GPL-2.0-only
/* test_escape.c - no name reaches a terminal raw, and none is lost on the way. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/escape.h"

struct row {
	const char *name;
	const char *utf8;
	const char *ascii; /* NULL: the same */
};

static const struct row rows[] = {
	{ "", "", NULL },
	{ "worker-1", "worker-1", NULL },
	{ "a b \"c\" 'd'", "a b \"c\" 'd'", NULL },
	{ "\033[31mred", "\\x1b[31mred", NULL },
	{ "a\nb\tc\rd", "a\\x0ab\\x09c\\x0dd", NULL },
	{ "back\\slash", "back\\x5cslash", NULL },
	{ "\\x41", "\\x5cx41", NULL },
	{ "\x7f", "\\x7f", NULL },
	{ "gr\xc3\xbc\xc3\x9f", "gr\xc3\xbc\xc3\x9f", "gr\\xc3\\xbc\\xc3\\x9f" },
	{ "\xe7\xba\xbf", "\xe7\xba\xbf", "\\xe7\\xba\\xbf" },
	{ "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", "\\xf0\\x9f\\x98\\x80" },
	/* invalid: a lone continuation, a cut character, overlong forms, surrogates, too large */
	{ "a\x80z", "a\\x80z", NULL },
	{ "a\xc3", "a\\xc3", NULL },
	{ "\xc0\xaf", "\\xc0\\xaf", NULL },
	{ "\xe0\x80\xaf", "\\xe0\\x80\\xaf", NULL },
	{ "\xed\xa0\x80", "\\xed\\xa0\\x80", NULL },
	{ "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", NULL },
	{ "\xff\xfe", "\\xff\\xfe", NULL },
	/* valid, but it does not show, or moves what stands beside it */
	{ "\xc2\x9b"
	  "31m",
	  "\\xc2\\x9b31m", NULL },
	{ "a\xe2\x80\xaez", "a\\xe2\\x80\\xaez", NULL },
	{ "a\xe2\x81\xa6z", "a\\xe2\\x81\\xa6z", NULL },
	{ "a\xe2\x80\x8bz", "a\\xe2\\x80\\x8bz", NULL },
	{ "a\xe2\x80\xa8z", "a\\xe2\\x80\\xa8z", NULL },
	{ "\xef\xbb\xbf", "\\xef\\xbb\\xbf", NULL },
	{ "\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81", NULL },
};

#define ROWS (sizeof(rows) / sizeof(rows[0]))

Test(escape, name)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *r = &rows[i];
		char out[128];

		cr_expect_str_eq(escape_name(out, sizeof(out), r->name, 99, true), r->utf8);
		cr_expect_str_eq(escape_name(out, sizeof(out), r->name, 99, false),
				 r->ascii ? r->ascii : r->utf8);
	}
}

Test(escape, undo_gives_the_name_back)
{
	for (size_t i = 0; i < ROWS; i++) {
		char out[128], back[128];
		size_t n;

		escape_name(out, sizeof(out), rows[i].name, 99, i % 2);
		cr_assert(escape_undo(back, sizeof(back), out, &n));
		cr_expect_eq(n, strlen(rows[i].name));
		cr_expect_eq(memcmp(back, rows[i].name, n), 0);
	}
}

Test(escape, undo_refuses_what_is_no_escape)
{
	static const char *const wrong[] = {
		"\\", "\\x", "\\x1", "\\n", "\\xzz", "a\\X41", "\\x4"
	};
	char back[16];
	size_t n;

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		cr_expect(!escape_undo(back, sizeof(back), wrong[i], &n), "%s", wrong[i]);
	cr_expect(!escape_undo(back, 3, "four", &n));
	cr_expect(escape_undo(back, 4, "four", &n));
}

Test(escape, cuts_at_whole_characters)
{
	char out[8];

	cr_expect_str_eq(escape_name(out, 4, "\xe7\xba\xbf\xe7\xba\xbf", 6, true), "\xe7\xba\xbf");
	cr_expect_str_eq(escape_name(out, 3, "\xe7\xba\xbf", 3, true), "");
	cr_expect_str_eq(escape_name(out, 8, "\n\n", 2, true), "\\x0a");
	cr_expect_str_eq(escape_name(out, 1, "a", 1, true), "");
	cr_expect_str_eq(escape_name(out, 8, "abcdef", 3, true), "abc");
}

Test(escape, text_twice_is_text_once)
{
	for (size_t i = 0; i < ROWS; i++) {
		char once[128], twice[128];

		escape_text(once, sizeof(once), rows[i].name, i % 2);
		escape_text(twice, sizeof(twice), once, i % 2);
		cr_expect_str_eq(once, twice);
	}
}

/* Whatever the bytes: printable, within the bound, and reversible. */
Test(escape, any_bytes)
{
	unsigned int seed = 1;

	for (int round = 0; round < 100000; round++) {
		char name[16] = {}, out[ESCAPE_COMM], back[16];
		size_t n = rand_r(&seed) % 16, got;

		for (size_t i = 0; i < n; i++)
			name[i] = rand_r(&seed) % 255 + 1;
		escape_name(out, sizeof(out), name, sizeof(name), round % 2);
		for (const char *s = out; *s; s++)
			cr_assert(*s & 0x80 ? round % 2 : *s >= ' ' && *s < 0x7f);
		cr_assert(escape_undo(back, sizeof(back), out, &got));
		cr_assert(got == n && !memcmp(name, back, n));
	}
}
