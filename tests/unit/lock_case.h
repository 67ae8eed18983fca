/* SPDX-License-Identifier: GPL-2.0-only */
/* lock_case.h - a Go program, made by hand, whose goroutines wait for a lock and hold another.
 *
 * Each calls HOLD, which defers an unlock, INNER, LOCK and PARK. */
#pragma once

#include "gomemory.h"
#include "gotable.h"

#define CODE(function) (GOMEMORY_TEXT + 64u * (function))
#define OPEN_AT 8  /* below a frame's variables: the bits, */
#define SLOT_AT 24 /* and the first of two slots */

/* Each of 64 bytes; from the lock that is waited for outwards: PARK, LOCK, INNER, HOLD. */
enum { GOEXIT, HOLD, INNER, LOCK, PARK, WRAP, UNLOCK, RUNLOCK, OTHER, FUNCTIONS };

struct lock_case {
	struct gomemory *m;
	unsigned int minor;
	enum golang_arch arch;
	struct gotable_function functions[FUNCTIONS];
	size_t code; /* bytes of it that can be read */
	struct program program;
};
extern struct lock_case lock_case;

/* One that is to unlock a lock, which is locked. */
struct lock_case_owner {
	struct goroutine g;
	__u64 lock, closure, frame; /* of HOLD: its stack pointer */
};

void lock_case_make(unsigned int minor, enum golang_arch arch);
void lock_case_free(void);
/* A call at an offset of a function's code. */
void lock_case_call(unsigned int function, unsigned int at, unsigned int called);
struct lock_case_owner lock_case_owner(__u64 id);
/* Where HOLD's variables end. */
__u64 lock_case_variables(const struct lock_case_owner *o);
/* Which of its deferred calls are pending. */
void lock_case_pend(const struct lock_case_owner *o, unsigned int bits);
/* With a table of the functions as they are now. */
const struct program *lock_case_program(void);
