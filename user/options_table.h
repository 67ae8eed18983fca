/* SPDX-License-Identifier: GPL-2.0-only */
/* options_table.h - the commands and options that there are, as tables: what parsing,
 * --help and the lint of the man page go by. */
#pragma once

#include "options.h"

enum argument { ARGUMENT_NONE, ARGUMENT_NEEDED, ARGUMENT_OPTIONAL };

struct spec {
	const char *name;
	char letter; /* 0: none */
	enum argument takes;
	const char *metavar;
	unsigned int commands; /* bit n: command_id n takes it */
	/* 0, EXIT_USAGE or -ENOMEM. */
	int (*set)(const struct spec *spec, const char *arg, struct options *opts);
	size_t offset;	   /* of the member that set() sets */
	int value;	   /* what some set() set it to, or the most that they take */
	bool here;	   /* of this host, not of a snapshot that is judged */
	const char *wants; /* what a right argument looks like, for the error */
	const char *help;
};

extern const struct command options_table_commands[]; /* ends with one without a name */
extern const struct spec options_table_specs[];	      /* likewise */
#define OPTIONS_TABLE_HOOKS 5
extern const char *const options_table_hooks[OPTIONS_TABLE_HOOKS]; /* by enum futex_hook */
#define OPTIONS_TABLE_MAX 40 /* there are fewer options than this */

/* The number of a process or thread; false when it is none. */
bool options_table_pid(const char *text, __u32 *ret);
/* "4711:34": of a process and of one of its goroutines; false when it is no such thing. */
bool options_table_goroutine(const char *text, __u32 *ret_pid, __u64 *ret_goid);
