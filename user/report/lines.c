// SPDX-License-Identifier: GPL-2.0-only
/* lines.c - paragraphs on a terminal: margins, wrapping, colours, two alphabets. */
#include "report/lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/escape.h"

static const struct glyphs utf8_glyphs = {
	.bullet = { "  • ", "    ", LINES_DIM },
	.place = { "  ▸ ", "    ", LINES_BOLD },
	.ring_first = { "    ┌─▶ ", "    │     ", LINES_BAD },
	.ring_mid = { "    │   ", "    │     ", LINES_BAD },
	.ring_last = { "    └── ", "          ", LINES_BAD },
	.ring_self_end = { "    └───┘", "", LINES_BAD },
};

static const struct glyphs ascii_glyphs = {
	.bullet = { "  * ", "    ", LINES_DIM },
	.place = { "  > ", "    ", LINES_BOLD },
	.ring_first = { "    +-> ", "    |     ", LINES_BAD },
	.ring_mid = { "    |   ", "    |     ", LINES_BAD },
	.ring_last = { "    +-- ", "          ", LINES_BAD },
	.ring_self_end = { "    +---+", "", LINES_BAD },
};

static const char *const colors[] = {
	[LINES_PLAIN] = "",	     [LINES_BAD] = "\033[1;31m", [LINES_WARN] = "\033[1;33m",
	[LINES_GOOD] = "\033[1;32m", [LINES_DIM] = "\033[2m",	 [LINES_BOLD] = "\033[1m",
};

const struct glyphs *lines_glyphs(const struct style *style)
{
	return style->utf8 ? &utf8_glyphs : &ascii_glyphs;
}

const struct margin *lines_ring(const struct style *style, size_t i, size_t n)
{
	const struct glyphs *g = lines_glyphs(style);

	return !i ? &g->ring_first : i + 1 < n ? &g->ring_mid : &g->ring_last;
}

const struct margin lines_behind = { "    behind: ", "      ", LINES_DIM };

/* Bytes of the piece at s that must stay whole: an escape or a character. */
static size_t piece(const char *s, size_t *ret_columns)
{
	size_t n = 1;

	if (s[0] == '\\' && s[1] == 'x' && s[2] && s[3]) {
		*ret_columns = 4;
		return 4;
	}
	while (((unsigned char)s[n] & 0xc0) == 0x80)
		n++;
	*ret_columns = 1;
	return n;
}

/* Bytes at s that fit into room columns, at least one piece; stops at a blank. */
static size_t fit(const char *s, size_t room, size_t *ret_columns)
{
	size_t n = 0, columns = 0, wide;

	while (s[n] && s[n] != ' ') {
		size_t len = piece(s + n, &wide);

		if (columns && columns + wide > room)
			break;
		columns += wide;
		n += len;
	}
	*ret_columns = columns;
	return n;
}

static size_t print_margin(FILE *out, const struct style *style, const struct margin *m,
			   const char *text)
{
	size_t columns = 0, wide;

	for (const char *s = text; *s; s += piece(s, &wide))
		columns++;
	if (style->color && m->color != LINES_PLAIN)
		fprintf(out, "%s%s\033[0m", colors[m->color], text);
	else
		fputs(text, out);
	return columns;
}

static void wrap(FILE *out, const struct style *style, const struct margin *m, const char *s)
{
	size_t width = style->width, rest, wide, all, n;
	size_t column = print_margin(out, style, m, m->first);
	bool fresh = true;

	while (*s) {
		size_t blanks = fresh ? 0 : strspn(s, " ");

		s += strspn(s, " ");
		if (!*s)
			break;
		fit(s, (size_t)-1, &all); /* columns of the whole word */
		rest = column + blanks < width ? width - column - blanks : 0;
		if (!fresh && all > rest) {
			fputc('\n', out);
			column = print_margin(out, style, m, m->rest);
			blanks = 0;
			rest = column < width ? width - column : 1;
		}
		n = fit(s, rest, &wide);
		fprintf(out, "%*s%.*s", (int)blanks, "", (int)n, s);
		column += blanks + wide;
		s += n;
		fresh = false;
	}
	fputc('\n', out);
}

int lines_open(struct lines *ret, FILE *out, const struct style *style)
{
	*ret = (struct lines){ .out = out, .style = style };
	ret->f = open_memstream(&ret->text, &ret->size);
	return ret->f ? 0 : -ENOMEM;
}

void lines_close(struct lines *l)
{
	if (l->f)
		fclose(l->f);
	free(l->text);
	*l = (struct lines){};
}

void lines_end(struct lines *l, const struct margin *margin)
{
	_cleanup_free_ char *safe = NULL;

	fputc('\0', l->f);
	if (!fflush(l->f))
		safe = malloc(4 * l->size + 1);
	rewind(l->f);
	if (safe)
		wrap(l->out, l->style, margin,
		     escape_text(safe, 4 * l->size + 1, l->text, l->style->utf8));
	else
		fputs("(out of memory)\n", l->out);
}

void lines_print(struct lines *l, const struct margin *margin, const char *text)
{
	fputs(text, l->f);
	lines_end(l, margin);
}
