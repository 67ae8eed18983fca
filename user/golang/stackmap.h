/* SPDX-License-Identifier: GPL-2.0-only */
/* stackmap.h - the words of a goroutine's stack that its code never reads again, while it is parked
 * or sleeps in a system call.
 *
 * A stack is full of old words: of calls that returned, of variables that are done with. Go's
 * compiler says for each call which words hold live pointers then (runtime/stkframe.go:
 * getStackMap; cmd/compile/internal/liveness), for the runtime's collector. */
#pragma once

#include "golang/program.h"
#include "golang/unwind.h"

#define STACKMAP_BYTES_MAX (128u << 10) /* of a stack */

/* Clears them in what was read from start->sp to start->hi (len bytes) of a stack that stands
 * still: goroutines that run or panic have other live words. deferred is g._defer and context
 * g.sched.ctxt, which may point into the stack, too. Keeps all where anything is not known. */
void stackmap_clear(const struct program *p, const struct unwind_start *start, __u64 deferred,
		    __u64 context, unsigned char *bytes, size_t len);
