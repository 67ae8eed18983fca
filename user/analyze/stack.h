/* SPDX-License-Identifier: GPL-2.0-only */
/* stack.h - user stacks: frames, the traces they form, and which thread has which.
 *
 * Filled by collect/stack.c from what the symbolizer says (or read back from a snapshot),
 * read by place.c, primitive.c and report/. Names come out of the ELF and DWARF of other
 * processes through a sandboxed child: hostile until escaped, and never a reason for a
 * verdict: they group, name and explain. Frames and traces are kept once each. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/array.h"

#define STACK_FRAMES_MAX 500 /* machine frames of one trace; what lies beyond is cut */
#define STACK_CALLS_MAX 4096 /* the same, with those that are inlined */
#define STACK_NAME_MAX 512   /* bytes of any string below, with its NUL */

/* One call. Inlined calls have the address of the function that they are inlined into,
 * which follows them. */
struct frame {
	__u64 address; /* in the process: the instruction that runs next when the call returns */
	__u64 offset;  /* the same as its module's ELF file counts; 0 without a module */
	__u32 line;    /* of the source; 0: not known */
	bool inlined;
	bool guessed;	/* reached by frame pointers, where no unwind information is */
	char *function; /* demangled; NULL: not known */
	char *module;	/* path as it is mapped, or "[vdso]"; NULL: no file is mapped there */
	char *file;	/* of the source; NULL: not known */
};

/* A chain of calls, innermost first. */
struct trace {
	ARRAY(__u32) frames; /* numbers of stacks.frames */
	char *stop;	     /* why it ends before the thread's first function; NULL: it is whole */
};

struct stack {
	__u32 tid;
	__u32 trace; /* number of stacks.traces */
	__u32 lost;  /* not 0: the symbolizer failed on it, and another try may bring more */
};

struct stacks {
	ARRAY(struct frame) frames;
	ARRAY(struct trace) traces;
	ARRAY(struct stack) threads; /* sorted by tid */
};

/* Adds a frame, or finds the one that is alike; copies its strings. 0 or -ENOMEM. */
int stack_add_frame(struct stacks *s, const struct frame *f, __u32 *ret);
/* Adds a trace of n known frames, or finds the one that is alike. 0 or -ENOMEM. */
int stack_add_trace(struct stacks *s, const __u32 *frames, size_t n, const char *stop, __u32 *ret);
/* Says that a thread has this trace; it must have none yet. 0 or -ENOMEM. */
int stack_add_thread(struct stacks *s, __u32 tid, __u32 trace);
/* Adds a trace of other stacks. 0 or -ENOMEM. */
int stack_copy_trace(const struct stacks *from, __u32 number, struct stacks *to, __u32 *ret);
/* Says that the trace of a thread is what is left after a failure. */
void stack_mark_lost(struct stacks *s, __u32 tid);
/* Forgets the trace of a thread. */
void stack_drop(struct stacks *s, __u32 tid);
void stack_free(struct stacks *s);

/* The trace of a thread, or NULL. */
const struct trace *stack_of(const struct stacks *s, __u32 tid);
static inline const struct frame *stack_frame(const struct stacks *s, const struct trace *t,
					      size_t i)
{
	return &s->frames.v[t->frames.v[i]];
}
