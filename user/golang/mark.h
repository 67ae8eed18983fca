/* SPDX-License-Identifier: GPL-2.0-only */
/* mark.h - which goroutines can still be woken? What each waits on is searched from all that lives.
 *
 * A conservative marking from outside: any aligned word that could be a pointer is one. The data, bss
 * and stacks of what can run are searched, and the heap from there, with the spans of the runtime
 * telling where objects begin and end and which hold no pointers. A goroutine becomes live when an
 * object that it waits on is marked; its stack is searched then, and so on until nothing changes.
 * Wait queues do not keep their own goroutines alive. */
#pragma once

#include "golang/goroutine.h"

/* How a marking ended. */
enum mark_end {
	MARK_WHOLE,
	MARK_CUT,	 /* a limit was reached: nothing is known to be unreachable */
	MARK_UNREADABLE, /* a part that may hold pointers could not be read: likewise */
};

struct mark_limits {
	__u64 bytes;   /* of memory that are searched */
	__u64 objects; /* that are marked */
};

struct mark {
	enum mark_end end;
	const char *why; /* static, for the last two */
	__u64 bytes;	 /* searched */
	__u64 objects;	 /* marked */
};

/* A part of memory that may hold pointers, besides what moduledata and the runtime name: stacks and
 * data of C code, registers of threads (as bytes at an address of the caller's choice). */
struct mark_root {
	__u64 start, end;
};

/* Sets stuck[i] for each goroutine[i] that waits for another one, on objects that nothing can reach
 * that may still run: a stable truth, if nothing moved meanwhile. Goroutines that are torn count as
 * live. 0, -ENOMEM, or -errno: nothing is set. */
int mark_run(const struct program *p, const struct goroutine *goroutines, size_t n,
	     const struct mark_root *roots, size_t nroots, const struct mark_limits *limits,
	     bool *stuck, struct mark *ret);
