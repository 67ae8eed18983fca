/* SPDX-License-Identifier: GPL-2.0-only */
/* escape.h - names from other processes, made safe to print.
 *
 * Control characters, invalid UTF-8, bidirectional overrides and backslashes
 * become \xHH, so that the result is printable, unambiguous and valid UTF-8
 * (pure ASCII when utf8 is false). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* At most 4 output bytes an input byte. Writes at most size bytes with the NUL,
 * cuts at a whole character; returns ret. Stops at a NUL in src. */
char *escape_name(char *ret, size_t size, const char *src, size_t len, bool utf8);

#define ESCAPE_COMM 68 /* room for an escaped thread name */
