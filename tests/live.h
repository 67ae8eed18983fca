// SPDX-License-Identifier: GPL-2.0-only
/* live.h - a planted program, what is expected of it, and what became of it
 *
 * live.c reads the directories and judges nothing; live_run.c starts and ends the programs and
 * nowake; live_judge.c compares a report with the expectations, live_stack.c its stacks.
 */
#ifndef NOWAKE_LIVE_H
#define NOWAKE_LIVE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

enum live_state {
	LIVE_PENDING, /* started, or about to be, and not yet ready */
	LIVE_READY,
	LIVE_SKIPPED,
	LIVE_FAILED,
};

struct live_program {
	char name[80]; /* "stuck/mutex_self" */
	bool is_stuck;
	bool is_m32;
	/* from the first line: alternatives divided by '|'; kinds that must all be seen by ',' */
	char classes[64], confidences[32], kinds[128];
	int threads;	 /* 0: any number */
	char stack[256]; /* "in=NAME by=NAME,...": what its marker says of a stack, or "" */
	enum live_state state;
	char why[256]; /* it was skipped, or failed */
	pid_t pid;     /* of its leader, and so its session */
	int out;       /* its standard output, or -1 */
	char line[200];
	size_t len; /* what has come of that line */
};

struct live {
	struct live_program *programs;
	size_t count;
	const char *nowake, *source_dir, *binary_dir;
	const char *only, *threshold, *save;
	double settle, patience; /* seconds */
	bool strict_host;
	bool stacks;  /* the programs of SRCDIR/stack, instead of the others */
	char tmp[64]; /* a directory for the programs' files */
};

/* live_run.c: set by a signal; everything then comes to its end. */
bool live_run_stopped(void);
int live_run_setup(struct live *live);
void live_run_start(const struct live *live, struct live_program *program);
void live_run_await(struct live *live);
void live_run_settle(double seconds);
/* Marks the programs that are gone, though nobody killed them. */
void live_run_census(struct live *live);
/* The report as text of `*ret_len` bytes, to be freed; NULL with a reason on stderr. */
char *live_run_nowake(const struct live *live, size_t *ret_len);
void live_run_cleanup(struct live *live);

/* live_judge.c: prints a line per program and the tally. Returns the number of failures.
 * `report` is NULL if there is none. The programs must be alive: pids are looked up. */
int live_judge(struct live *live, const json_t *report);
/* Whether a finding or a thread of the report is the program's. */
bool live_judge_is_of(const struct live_program *program, const json_t *item);

/* live_stack.c: whether a thread of the program has the stack of its marker; else why not. */
bool live_stack_judge(const struct live_program *program, const json_t *report, char *ret_why,
		      size_t size);

#endif
