/* SPDX-License-Identifier: GPL-2.0-only */
/* duration.h - spans of time, as people write and read them. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#define DURATION_SECOND 1000000000ull
#define DURATION_MAX (10ull * 365 * 24 * 3600 * DURATION_SECOND)

/* "30s", "500ms", "2m", "1h", "1d", "1.5h"; a plain number counts seconds. False
 * when text is something else, below 1 ms or above DURATION_MAX. */
bool duration_parse(const char *text, __u64 *ret_ns);

/* "350 ms", "35 s", "2 min 5 s", "3 h 2 min", "5 days"; returns ret. */
char *duration_text(char *ret, size_t size, __u64 ns);

#define DURATION_TEXT 32 /* room for any */
