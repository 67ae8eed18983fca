// SPDX-License-Identifier: GPL-2.0-only
/* columns.c - text by the columns that it takes on a terminal: cut, padded, wrapped. */
#include "report/columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

#include "base/cleanup.h"
#include "base/escape.h"

/* Bytes of the character at s, and its columns. */
static size_t character(const char *s, int *ret_columns)
{
	mbstate_t state = {};
	wchar_t c;
	size_t n = mbrtowc(&c, s, strlen(s), &state);

	*ret_columns = 1;
	if (n == 0 || n == (size_t)-1 || n == (size_t)-2) {
		for (n = 1; ((unsigned char)s[n] & 0xc0) == 0x80; n++)
			;
		return n;
	}
	if (wcwidth(c) >= 0)
		*ret_columns = wcwidth(c);
	return n;
}

int columns_width(const char *text)
{
	int all = 0, wide;

	for (; *text; all += wide)
		text += character(text, &wide);
	return all;
}

/* Bytes at text that fit into width columns, with what stands on top of the last of them. */
static size_t fit(const char *text, int width, int *ret_columns)
{
	size_t n = 0, len;
	int wide;

	*ret_columns = 0;
	for (; text[n]; n += len) {
		len = character(text + n, &wide);
		if (*ret_columns + wide > width)
			break;
		*ret_columns += wide;
	}
	return n;
}

static char *safe(const char *text, bool utf8)
{
	char *ret = malloc(4 * strlen(text) + 1);

	return ret ? escape_text(ret, 4 * strlen(text) + 1, text, utf8) : NULL;
}

void columns_put(FILE *out, const char *text, int width, bool right, bool utf8)
{
	_cleanup_free_ char *clean = safe(text, utf8);
	const char *dots = utf8 ? "…" : "~";
	bool whole;
	int used;
	size_t n;

	if (!clean || width <= 0) {
		fprintf(out, "%*s", width > 0 ? width : 0, "");
		return;
	}
	n = fit(clean, width, &used);
	whole = !clean[n];
	if (!whole)
		n = fit(clean, width - 1, &used);
	used += !whole;
	if (right)
		fprintf(out, "%*s", width - used, "");
	fprintf(out, "%.*s%s", (int)n, clean, whole ? "" : dots);
	if (!right)
		fprintf(out, "%*s", width - used, "");
}

/* ---- wrapping ---- */

/* Bytes of the line at text: up to a blank where there is one, but at least a character. */
static size_t line(const char *text, int width)
{
	int used;
	size_t n = fit(text, width, &used), cut = n;

	if (!text[n])
		return n;
	if (!n)
		return character(text, &used);
	while (cut && text[cut] != ' ')
		cut--;
	return cut ? cut : n;
}

static int add_line(struct columns_texts *to, const char *head, int indent, const char *text,
		    size_t n)
{
	char *whole;

	while (n && text[n - 1] == ' ')
		n--;
	if (asprintf(&whole, "%s%*s%.*s", head ? head : "", head ? 0 : indent, "", (int)n, text) <
	    0)
		return -ENOMEM;
	if (!array_push(&to->v, whole))
		return 0;
	free(whole);
	return -ENOMEM;
}

int columns_wrap(struct columns_texts *to, const char *head, const char *text, int width, bool utf8)
{
	_cleanup_free_ char *clean = safe(text, utf8);
	int indent = columns_width(head), err = clean ? 0 : -ENOMEM;
	const char *at = clean;
	bool first = true;

	if (!err && indent > width / 2) { /* a line of its own */
		err = add_line(to, "", 0, head, line(head, width));
		indent = width > 4 ? 2 : 0;
		first = false;
	}
	while (!err && (first || *at)) {
		size_t n = line(at, width - indent);

		err = add_line(to, first ? head : NULL, indent, at, n);
		at += n;
		at += strspn(at, " ");
		first = false;
	}
	return err;
}

void columns_free(struct columns_texts *t)
{
	for (size_t i = 0; i < t->v.n; i++)
		free(t->v.v[i]);
	array_free(&t->v);
}
