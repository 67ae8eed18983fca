/* SPDX-License-Identifier: GPL-2.0-only */
/* feed.h - reads the iterators' binary records into a world. */
#pragma once

#include "analyze/waker.h"
#include "analyze/world.h"
#include "collect/bpf.h"

/* Threads, files and locks of every process. Fills w's arrays (sorted), its clocks
 * and now. 0 or -errno. */
int feed_scan(struct bpf *b, struct world *w);

/* Looks again, at switch counts only: a thread that ran since feed_scan() is marked
 * WIRE_RUNNABLE, whatever was read through it with it; one that is new is added so.
 * 0 or -errno. */
int feed_recheck(struct bpf *b, struct world *w);

/* The registers of these threads (sorted ids), by id, into the array *ret; of threads that
 * moved since feed_scan() there are none. 0 or -errno; free it in any case. */
struct feed_registers {
	ARRAY(struct wire_regs) regs;
};
int feed_regs(struct bpf *b, const struct world *w, const __u32 *tids, size_t n,
	      struct feed_registers *ret);
/* Those of all threads of a process as they are now: of one that runs, since it came into the
 * kernel last. Likewise. */
int feed_process_regs(struct bpf *b, __u32 tgid, struct feed_registers *ret);

/* The stack pointer, and the program counter, among registers in the order of wire_regs. */
#ifdef __aarch64__
#define FEED_SP 31
#define FEED_PC 32
#else
#define FEED_SP 7
#define FEED_PC 16
#endif

/* Fills w->fds with the descriptors that lead to what is wanted. 0 or -errno. */
int feed_fds(struct bpf *b, const struct wanted *wanted, struct world *w);
