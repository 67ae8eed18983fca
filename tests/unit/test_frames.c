// SPDX-License-Identifier: GPL-2.0-only
/* test_frames.c - a call in the words that all formats share, whatever is known of it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report/frames.h"

#define T(text) (char *)text

static void check(void (*print)(FILE *, const struct frame *, bool), const struct frame *f,
		  const char *expected)
{
	char text[4096] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	print(out, f, true);
	fclose(out);
	cr_expect_str_eq(text, expected);
}

Test(frames, words)
{
	static const struct {
		struct frame f;
		const char *name, *call, *full;
	} rows[] = {
		{ { .address = 16,
		    .function = T("f"),
		    .module = T("/bin/m"),
		    .file = T("/s/a.c"),
		    .line = 3 },
		  "f",
		  "f (a.c:3)",
		  "0x10 f (/s/a.c:3) in /bin/m" },
		{ { .address = 16,
		    .function = T("f"),
		    .module = T("/bin/m"),
		    .file = T("a.c"),
		    .inlined = true },
		  "f",
		  "f (a.c, inlined)",
		  "0x10 f (a.c) in /bin/m, inlined" },
		{ { .address = 16, .function = T("f"), .module = T("[vdso]"), .guessed = true },
		  "f",
		  "f ([vdso])",
		  "0x10 f in [vdso], by frame pointer" },
		{ { .address = 16, .function = T("f") }, "f", "f", "0x10 f" },
		{ { .address = 16, .function = T("f"), .inlined = true },
		  "f",
		  "f (inlined)",
		  "0x10 f, inlined" },
		{ { .address = 16, .offset = 9, .module = T("/bin/m") },
		  "m+0x9",
		  "m+0x9",
		  "0x10 /bin/m+0x9" },
		{ { .address = 16, .function = T(""), .module = T("") },
		  "0x10",
		  "0x10",
		  "0x10, where no file is mapped" },
		{ { .address = 16, .offset = 9, .module = T("/dir/") },
		  "/dir/+0x9",
		  "/dir/+0x9",
		  "0x10 /dir/+0x9" },
		{ { .address = 16,
		    .function = T("\033\\"),
		    .module = T("/\n"),
		    .file = T("\xff/\xe2\x80\xae") },
		  "\\x1b\\x5c",
		  "\\x1b\\x5c (\\xe2\\x80\\xae)",
		  "0x10 \\x1b\\x5c (\\xff/\\xe2\\x80\\xae) in /\\x0a" },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		check(frames_name, &rows[i].f, rows[i].name);
		check(frames_call, &rows[i].f, rows[i].call);
		check(frames_full, &rows[i].f, rows[i].full);
	}
}

Test(frames, kernel)
{
	static const struct {
		const char *stack, *names;
	} rows[] = {
		{ "", "" },
		{ "a\nb\n", "a b " },
		{ "a", "a " },
		{ "\n\na\n\n", "a " },
		{ "a\033\nb", "a\\x1b b " },
	};

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[256] = "", name[FRAMES_KERNEL];
		const char *at = rows[i].stack;

		while (frames_kernel(&at, name, true))
			strcat(strcat(text, name), " ");
		cr_expect_str_eq(text, rows[i].names);
	}
}

Test(frames, same)
{
	struct frame f = { .address = 1, .function = T("f"), .module = T("m"), .line = 1 };
	struct frame g = { .address = 2, .function = T("f"), .module = T("m"), .line = 2 };
	struct frame h = { .address = 2, .offset = 5, .module = T("m") };
	struct frame i = { .address = 3, .offset = 6, .module = T("m") };
	struct frame j = { .address = 2 }, k = { .address = 2 };

	cr_expect(frames_same(&f, &f) && frames_same(&f, &g) && frames_same(&j, &k));
	cr_expect(!frames_same(&g, &h) && !frames_same(&h, &i) && !frames_same(&h, &j));
	g.module = NULL;
	cr_expect(!frames_same(&f, &g));
}
