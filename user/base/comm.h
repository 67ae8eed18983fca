/* SPDX-License-Identifier: GPL-2.0-only */
/* comm.h - names of processes and threads, as the kernel has them: 16 bytes, not always ended. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define COMM_SIZE 16

/* Whether one of n shell patterns (fnmatch(3)) matches it. The kernel cuts names after 15 bytes: a
 * pattern that begins with as many plain ones matches all names that were cut to these. */
bool comm_matches(const char comm[COMM_SIZE], const char *const *patterns, size_t n);
