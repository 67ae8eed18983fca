/* SPDX-License-Identifier: GPL-2.0-only */
/* options.h - the command line of every command, from one table (options.c). */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

enum output_format { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_DOT };
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* Exit statuses of nowake. */
enum exit_status { EXIT_DONE = 0, EXIT_STUCK = 1, EXIT_USAGE = 2, EXIT_BLIND = 3 };

struct options {
	__u64 threshold_ns;
	__u32 *pids;	     /* -p; only findings that touch one of these */
	size_t npids;
	const char **comms;  /* -c; shell patterns for the name of the process or thread */
	size_t ncomms;
	bool suspects;	     /* show findings of confidence "suspect" too */
	bool all;	     /* list idle and unknown threads */
	bool exit_code;
	enum output_format format;
	enum color_when color;
	const char *from;    /* a snapshot to judge instead of this host */
	const char *operand; /* explain: TID; snapshot: FILE */
};
