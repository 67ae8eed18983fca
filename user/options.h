/* SPDX-License-Identifier: GPL-2.0-only */
/* options.h - the command line of every command, from the tables of options_table.c. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "analyze/past.h"

enum output_format { OUTPUT_TEXT, OUTPUT_JSON, OUTPUT_DOT, OUTPUT_FOLDED };
enum color_when { COLOR_AUTO, COLOR_ALWAYS, COLOR_NEVER };

#define OPTIONS_SOCKET "/run/nowake/socket"

/* Exit statuses of nowake. */
enum exit_status { EXIT_DONE = 0, EXIT_STUCK = 1, EXIT_USAGE = 2, EXIT_BLIND = 3 };

struct options {
	__u64 threshold_ns;
	__u32 *pids; /* -p; only findings that touch one of these */
	size_t npids;
	const char **comms; /* -c; shell patterns for the name of the process or thread */
	size_t ncomms;
	const char **ignored; /* the same, of processes whose findings are left out */
	size_t nignored;
	bool suspects; /* show findings of confidence "suspect" too */
	bool all;      /* list idle and unknown threads */
	bool verbose;  /* all frames of stacks */
	bool exit_code;
	__u64 debuginfod_ns; /* how long servers may be asked for debug information; 0: not */
	enum output_format format;
	enum color_when color;
	/* Of the daemon, and who talks to it: */
	__u64 interval_ns;    /* between two passes; top: between two pictures */
	const char *textfile; /* where the metrics go; NULL: nowhere */
	bool log_json;
	const char *config; /* NULL: the default one, if there is one */
	const char *socket; /* NULL: none */
	enum futex_hook futex_events;
	const char *group_by; /* see groups.h */
	__u64 group_limit;
	bool units;
	__u64 window_ns;
	__u64 go_rest;	  /* times as long as reading a Go program took none is read */
	__u64 buffer;	  /* bytes of the ring buffer */
	const char *from; /* a snapshot to judge instead of this host */
	int argc;	  /* the command line itself, which the daemon reads again */
	char **argv;
	const char *operand; /* explain: TID or PID:GOID; snapshot: FILE */
	__u32 tid;	     /* explain: of the thread, or the goroutine's process */
	__u64 goid;	     /* explain: of the goroutine; 0: it is a thread */
};

enum command_id {
	COMMAND_REPORT,
	COMMAND_EXPLAIN,
	COMMAND_DAEMON,
	COMMAND_TOP,
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

/* base: what holds where the command line says nothing else, whose arrays are taken over; NULL: the
 * command's defaults. Says nothing itself. Returns
 *   0          run *ret_command with *ret; when *ret_command is NULL there is
 *              nothing to run, and *ret_text (--help, --version) is for stdout
 *   EXIT_USAGE *ret_text is one line for stderr, with its newline
 *   -ENOMEM
 * *ret points into argv, which is reordered, and is given back with options_free().
 * *ret_text is NULL or to be freed. */
int options_parse(int argc, char **argv, struct options *base, struct options *ret,
		  const struct command **ret_command, char **ret_text);
/* What holds where nothing is said. */
void options_defaults(enum command_id id, struct options *ret);
void options_free(struct options *opts);

#define OPTIONS_PID_MAX (1u << 22) /* PID_MAX_LIMIT of the kernel */
