/* SPDX-License-Identifier: GPL-2.0-only */
/* perfmap.h - names of code that was made at run time: /tmp/perf-PID.map.
 *
 * The format is perf's (tools/perf/Documentation/jit-interface.txt): a line for each piece
 * of code, start and size in hexadecimal, then its name to the end of the line. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct perfmap;

#define PERFMAP_BYTES_MAX (64u << 20) /* of the file that are read: its end, the newest code */

/* Reads the file; takes the descriptor. NULL when it could not be read. */
struct perfmap *perfmap_new(int fd);
void perfmap_free(struct perfmap *p);
/* The name of the code at an address: of the last that was written there. False when there
 * is none. */
bool perfmap_name(const struct perfmap *p, __u64 address, char *ret, size_t size);
