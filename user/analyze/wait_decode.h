/* SPDX-License-Identifier: GPL-2.0-only */
/* wait_decode.h - what the parts of wait.c share.
 *
 * One struct decode is one call of wait_decode(). The parts fill in the struct wait
 * that starts as "unknown"; whatever they cannot read they add to the wants. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "analyze/syscall.h"
#include "analyze/wait.h"
#include "analyze/world.h"

/* CLOCK_* of linux/time.h, which cannot stand beside the C library's time.h. */
enum clock {
	CLOCK_ID_REALTIME = 0,
	CLOCK_ID_MONOTONIC = 1,
	CLOCK_ID_PROCESS_CPU = 2,
	CLOCK_ID_THREAD_CPU = 3,
	CLOCK_ID_BOOTTIME = 7,
	CLOCK_ID_BOOTTIME_ALARM = 9,
};

struct decode {
	const struct world *w;
	const struct wire_thread *t;
	const struct syscall_desc *call;
	__u64 args[6]; /* cut to 32 bits for 32-bit callers */
	bool narrow;   /* a 32-bit caller */
	struct mem_wants *wants;
	int err; /* -ENOMEM of wants */
	struct wait *wait;
};

/* ---- wait_call.c ---- */

/* Decodes d->call, which is not NULL. */
void wait_call_decode(struct decode *d);

/* ---- wait_memory.c ---- */

/* Copies memory of the thread's process, or wants it; false when it is not there. */
bool wait_memory_read(struct decode *d, __u64 addr, void *ret, size_t len);
/* Wants memory that only others will look at. */
void wait_memory_want(struct decode *d, __u64 addr, size_t len);
/* The words around a futex: 64 bytes before and after. */
void wait_memory_window(struct decode *d, __u64 addr);

/* ---- wait_time.c ---- */

/* ns of a timeout in memory; false when it could not be read or cannot be one. */
bool wait_time_read(struct decode *d, __u64 addr, enum timeout_form form, __u64 *ret_ns);
/* What remains of an absolute time of a clock; unnamed ones run like CLOCK_REALTIME. */
__u64 wait_time_left(const struct decode *d, __u64 until, enum clock clock);
/* Whether an absolute time of that clock, from the caller's memory, is not the host's. */
bool wait_time_foreign(const struct decode *d, enum clock clock);
/* What remains of one that was given relative to the start of the wait. */
__u64 wait_time_rest(const struct decode *d, __u64 ns);
/* Notes that the wait ends in ns. */
void wait_time_limit(struct wait *wait, __u64 ns);
/* Notes that there is a limit, but not when. Only a known source outlives that. */
void wait_time_unread(struct wait *wait);
/* Decodes the timeout that the table of calls names. */
void wait_time_apply(struct decode *d);
/* As CALL_SLEEP, CALL_CLOCK_SLEEP. */
void wait_time_sleep(struct decode *d, bool with_clock);

/* ---- wait_futex.c ---- */

void wait_futex_op(struct decode *d);	 /* futex(2) */
void wait_futex_wait(struct decode *d);	 /* futex_wait(2) */
void wait_futex_waitv(struct decode *d); /* futex_waitv(2) */
void wait_futex_restart(struct decode *d);
/* The i'th word of a futex_waitv(2); false when it could not be read. */
bool wait_futex_word(const struct world *w, const struct wire_thread *t, __u64 waiters, __u32 i,
		     struct wait_futex *ret);

/* ---- wait_file.c ---- */

/* The wait of a call that reads or writes a file; NULL when the file is not known. */
void wait_file_decide(const struct wire_file *f, enum wait_direction direction, struct wait *wait);
/* A call that moves data from one file to another. */
void wait_file_copy(const struct wire_file *from, const struct wire_file *to, struct wait *wait);
/* send(2) and its like; addressed: the call may name a receiver. */
void wait_file_send(const struct wire_file *f, bool addressed, struct wait *wait);
void wait_file_ioctl(const struct wire_file *f, struct wait *wait);
void wait_file_lock(const struct wire_file *f, struct wait *wait);
/* accept(2), connect(2): only the timeout of the socket matters. */
void wait_file_connection(const struct wire_file *f, enum wait_direction direction,
			  const char *what, struct wait *wait);

/* ---- wait_kernel.c ---- */

/* A wait that the kernel's own stack explains better than the call; false: it does not. */
bool wait_kernel_explains(struct decode *d);
/* Not in a system call. */
void wait_kernel_only(struct decode *d);
/* open(2) and its like. */
void wait_kernel_open(struct decode *d);
/* A call that sleeps uninterruptibly although what it waits for never does. */
void wait_kernel_uninterruptible(struct decode *d);
/* restart_syscall(2): what the restart block continues. */
void wait_kernel_restart(struct decode *d);

/* ---- small words that all parts use ---- */

static inline void decode_set(struct wait *wait, enum wait_kind kind, enum wait_source source,
			      const char *what)
{
	wait->kind = kind;
	wait->source = source;
	wait->what = what;
	wait->unknown = NULL;
}

static inline void decode_unknown(struct wait *wait, enum wait_kind kind, const char *reason)
{
	wait->kind = kind;
	wait->source = SOURCE_UNKNOWN;
	wait->what = NULL;
	wait->unknown = reason;
}

/* A number of a descriptor table may have been given away while the call keeps its file. */
static inline void decode_doubt(struct wait *wait, const struct wire_file *f)
{
	if (f->queued && wait->source == SOURCE_NONE)
		decode_unknown(wait, wait->kind,
			       f->queued == WIRE_QUEUED_CROWD
				       ? "so many wait there that it could not be found among them"
				       : "its descriptor may lead to another file by now");
}
