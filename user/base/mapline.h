/* SPDX-License-Identifier: GPL-2.0-only */
/* mapline.h - one line of /proc/PID/maps (proc(5)). */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stdio.h>

struct mapline {
	__u64 start;
	__u64 end;
	__u64 offset; /* in the file */
	__u64 ino;
	__u32 dev; /* major << 20 | minor */
	bool readable, writable, executable;
	const char *name; /* in line: the path, "[vdso]", or "" */
};

#define MAPLINE_SIZE 4352 /* of a text that is read; what is longer is cut */

/* The next line of a file that is one; its name points into text. False at the end. */
bool mapline_next(FILE *file, char text[MAPLINE_SIZE], struct mapline *ret);
/* False when line, without its newline, is none. */
bool mapline_parse(const char *line, struct mapline *ret);
