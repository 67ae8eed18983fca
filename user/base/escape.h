/* SPDX-License-Identifier: GPL-2.0-only */
/* escape.h - names from other processes, made safe to print.
 *
 * Control characters, invalid UTF-8, bidirectional overrides, other characters
 * that do not show, and backslashes become \xHH, so that the result is printable,
 * unambiguous and valid UTF-8 (pure ASCII when utf8 is false). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* At most 4 output bytes an input byte. Writes at most size bytes with the NUL,
 * cuts at a whole character; returns ret. Stops at a NUL in src. */
char *escape_name(char *ret, size_t size, const char *src, size_t len, bool utf8);

/* The same for a sentence in which names may be escaped already: backslashes
 * stay, so that doing it twice changes nothing. */
char *escape_text(char *ret, size_t size, const char *src, bool utf8);

/* What escape_name() was given: at most size bytes, not terminated. False when it
 * does not fit or src is not of escape_name()'s making; ret may be written to. */
bool escape_undo(char *ret, size_t size, const char *src, size_t *ret_len);

#define ESCAPE_COMM 68 /* room for an escaped thread name */
