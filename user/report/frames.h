/* SPDX-License-Identifier: GPL-2.0-only */
/* frames.h - calls and stacks in the words that all formats share.
 *
 * Functions, modules and files are named by other programs: they are escaped here. */
#pragma once

#include <stdio.h>

#include "analyze/world.h"
#include "report/lines.h"

/* "take"; where no function is known "server+0x1234", where no file is mapped "0x7f01". */
void frames_name(FILE *out, const struct frame *f, bool utf8);
/* The same as a text of its own, to be freed; NULL without memory. */
char *frames_name_text(const struct frame *f, bool utf8);
/* "take (queue.c:12)", "pthread_mutex_lock (libc.so.6)", "Lock::get (lock.h:7, inlined)" */
void frames_call(FILE *out, const struct frame *f, bool utf8);
/* "0x55d0 take (/src/queue.c:12) in /usr/bin/server, by frame pointer" */
void frames_full(FILE *out, const struct frame *f, bool utf8);
/* The last part of a path. */
const char *frames_base(const char *path);
/* Whether both are calls of one function. */
bool frames_same(const struct frame *a, const struct frame *b);

#define FRAMES_KERNEL 256 /* room for the escaped name of a kernel function */
/* Puts the name of the kernel's function at *at (of kernel_wait.stack) into ret, and moves
 * *at behind it; false when there is none left. */
bool frames_kernel(const char **at, char ret[FRAMES_KERNEL], bool utf8);

/* Prints a whole stack, one paragraph a call: the kernel's calls, those of the thread, numbered
 * from its innermost one as debuggers do, and at last why there are no more. k and trace
 * may be NULL. first and rest stand left of the first line and of all others. */
void frames_print(struct lines *l, const struct stacks *s, const struct kernel_wait *k,
		  const struct trace *trace, const char *first, const char *rest, bool verbose);
