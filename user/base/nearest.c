// SPDX-License-Identifier: GPL-2.0-only
/* nearest.c - "did you mean": is one word a slip of the other? */
#include "base/nearest.h"

#include <stddef.h>
#include <string.h>

#define WORD_MAX 31

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* Levenshtein's distance; more than WORD_MAX when a word is too long to be compared. */
static size_t distance(const char *a, const char *b)
{
	size_t row[WORD_MAX + 1], n = strlen(b);

	if (n > WORD_MAX || strlen(a) > WORD_MAX)
		return WORD_MAX + 1;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1]; i++) {
		size_t diagonal = row[0];

		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			size_t replaced = diagonal + (a[i - 1] != b[j - 1]);

			diagonal = row[j];
			row[j] = least(replaced, least(row[j - 1], row[j]) + 1);
		}
	}
	return row[n];
}

bool nearest_resembles(const char *word, const char *name)
{
	size_t n = strlen(word);

	if (n >= 3 && !strncmp(word, name, n))
		return true;
	return n && distance(word, name) <= (n > 4 ? 2 : 1);
}
