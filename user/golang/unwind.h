/* SPDX-License-Identifier: GPL-2.0-only */
/* unwind.h - from a goroutine's saved registers to its chain of calls.
 *
 * As runtime/traceback.go does it, for Go 1.18 to 1.27 on x86_64 and arm64. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "golang/program.h"

#define UNWIND_FRAMES_MAX 500
#define UNWIND_LINK_BUMP                                                                           \
	16 /* by sighandler, for the link register: MinFrameSize, aligned (arm64) */

/* A program's code, and its memory. */
struct unwind_program {
	const struct program *program;
	bool has_link; /* arm64: calls leave the return address in a register */
	/* Reads len bytes (8) of memory; false when they are not there. */
	bool (*read)(void *arg, __u64 address, void *ret, size_t len);
	void *arg;
};

/* Where a stack is left off: g.sched, or g.syscallpc and g.syscallsp, or a thread's registers. */
struct unwind_start {
	__u64 pc;
	__u64 sp;
	__u64 lr;     /* arm64; 0 for a system call */
	__u64 lo, hi; /* g.stack */
	bool syscall; /* it is g.syscallpc and g.syscallsp */
	bool exact; /* it is a thread's registers: pc stands for itself, not for a call before it */
};

struct unwind_frame {
	__u64 pc;
	__u64 sp;
	__u64 cfa;  /* the stack pointer of its caller */
	bool exact; /* names and lines are those of pc; else of pc - 1, in the call */
};

enum unwind_end {
	UNWIND_TOP,	   /* at a function that nobody called (goexit, mstart): it is whole */
	UNWIND_NO_CODE,	   /* a return address is in no function that is known */
	UNWIND_NO_FRAMES,  /* a function says nothing about its frame */
	UNWIND_SPWRITE,	   /* a function moves the stack pointer as it likes */
	UNWIND_OUTSIDE,	   /* a frame does not lie within the stack */
	UNWIND_UNREADABLE, /* the stack cannot be read */
	UNWIND_STUCK,	   /* a frame leads to itself */
	UNWIND_CUT,	   /* after UNWIND_FRAMES_MAX frames */
};

struct unwind_frames {
	struct unwind_frame frame[UNWIND_FRAMES_MAX]; /* from the innermost on */
	size_t n;
	enum unwind_end end;
	__u64 at; /* the code at which it ended early */
};

/* Walks a stack that stands still. user: where the goroutine's own stack was left off, when start
 * is on a thread's g0 stack; else NULL. What is in ret is true, and no frame is made up. */
void unwind_goroutine(const struct unwind_program *program, const struct unwind_start *start,
		      const struct unwind_start *user, struct unwind_frames *ret);
/* Up to where the variables of a frame lie: below the frame pointer, and what a call pushed. */
__u64 unwind_locals(const struct unwind_frame *frame, bool has_link);
/* Functions whose calls the runtime made up, at an instruction that calls nobody. */
bool unwind_is_injected(const struct pclntab_function *f);
/* Why a walk ended early; NULL: it did not. */
const char *unwind_why(enum unwind_end end);
