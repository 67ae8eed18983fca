/* SPDX-License-Identifier: GPL-2.0-only */
/* lines.h - paragraphs on a terminal: margins, wrapping, colours, two alphabets.
 *
 * The only way by which text.c and report_explain.c print. Whatever is printed passes
 * escape_text() here, so nothing raw can reach the terminal; names in it should
 * have passed escape_name() before, or their backslashes are ambiguous. */
#pragma once

#include <stdio.h>

#include "report/report.h"

enum lines_color { LINES_PLAIN, LINES_BAD, LINES_WARN, LINES_GOOD, LINES_DIM, LINES_BOLD };

/* What stands left of a paragraph; ours, in the style's alphabet. */
struct margin {
	const char *first;	/* on its first line */
	const char *rest;	/* on all others */
	enum lines_color color; /* of the margin */
};

/* Drawing characters, in UTF-8 or ASCII. */
struct glyphs {
	struct margin bullet;
	struct margin place;	  /* a place in somebody's code */
	struct margin ring_first; /* the first of several threads in a cycle */
	struct margin ring_mid;
	struct margin ring_last;
	struct margin ring_self_end; /* below the first, where it is the only one */
};

const struct glyphs *lines_glyphs(const struct style *style);
/* Of the i-th of n in a ring; of one alone ring_self_end follows. */
const struct margin *lines_ring(const struct style *style, size_t i, size_t n);
/* Of those that stand behind it. */
extern const struct margin lines_behind;

/* Where paragraphs are composed and printed: write one to .f, then lines_end(). */
struct lines {
	FILE *out;
	const struct style *style;
	FILE *f;
	char *text; /* what f has gathered */
	size_t size;
};

/* 0 or -ENOMEM. lines_close() ends it; out stays open. */
int lines_open(struct lines *ret, FILE *out, const struct style *style);
void lines_close(struct lines *l);
/* Prints what was written to l->f since the last time, as one paragraph: words move to
 * the next line where they do not fit; escapes and characters are never split. */
void lines_end(struct lines *l, const struct margin *margin);
/* The same for one sentence. */
void lines_print(struct lines *l, const struct margin *margin, const char *text);

#define _cleanup_lines_ __attribute__((cleanup(lines_close)))
