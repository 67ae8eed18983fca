/* SPDX-License-Identifier: GPL-2.0-only */
/* columns.h - text by the columns that it takes on a terminal: cut, padded, wrapped.
 *
 * Everything passes escape_text() on its way. The widths are those of the C library, in the
 * locale of the program; characters that it does not know count as one. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/array.h"

struct columns_texts {
	ARRAY(char *) v;
};

/* Columns of a safe text. */
int columns_width(const char *text);
/* Prints text in exactly width columns: cut with an ellipsis, or filled with blanks, on
 * the left side where right is true. */
void columns_put(FILE *out, const char *text, int width, bool right, bool utf8);
/* Adds text, wrapped to lines of at most width columns, the first after head, the others indented
 * as far. 0 or -ENOMEM. */
int columns_wrap(struct columns_texts *to, const char *head, const char *text, int width,
		 bool utf8);
void columns_free(struct columns_texts *t);
