/* SPDX-License-Identifier: GPL-2.0-only */
/* options.h - the command line of every command, from the tables of options_table.c. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

enum output_format { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_DOT, OUTPUT_FOLDED };
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

/* Exit statuses of nowake. */
enum exit_status { EXIT_DONE = 0, EXIT_STUCK = 1, EXIT_USAGE = 2, EXIT_BLIND = 3 };

struct options {
	__u64 threshold_ns;
	__u32 *pids; /* -p; only findings that touch one of these */
	size_t npids;
	const char **comms; /* -c; shell patterns for the name of the process or thread */
	size_t ncomms;
	bool suspects; /* show findings of confidence "suspect" too */
	bool all;      /* list idle and unknown threads */
	bool verbose;  /* all frames of stacks */
	bool exit_code;
	__u64 debuginfod_ns; /* how long servers may be asked for debug information; 0: not */
	enum output_format format;
	enum color_when color;
	const char *from;    /* a snapshot to judge instead of this host */
	const char *operand; /* explain: TID; snapshot: FILE */
	__u32 tid;	     /* explain: the operand as a number */
};

enum command_id {
	COMMAND_REPORT,
	COMMAND_EXPLAIN,
	COMMAND_FEATURES,
	COMMAND_SELFTEST,
	COMMAND_SNAPSHOT,
	COMMAND_COUNT,
};

struct command {
	enum command_id id;
	const char *name;
	const char *operand; /* what follows the options, or NULL */
	__u64 threshold_ns;  /* default of --threshold */
	const char *summary;
	const char *about; /* for its help */
};

/* Says nothing itself. Returns
 *   0          run *ret_command with *ret; when *ret_command is NULL there is
 *              nothing to run, and *ret_text (--help, --version) is for stdout
 *   EXIT_USAGE *ret_text is one line for stderr, with its newline
 *   -ENOMEM
 * *ret points into argv, which is reordered, and is given back with options_free().
 * *ret_text is NULL or to be freed. */
int options_parse(int argc, char **argv, struct options *ret, const struct command **ret_command,
		  char **ret_text);
void options_free(struct options *opts);

#define OPTIONS_PID_MAX (1u << 22) /* PID_MAX_LIMIT of the kernel */
