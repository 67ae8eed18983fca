/* SPDX-License-Identifier: GPL-2.0-only */
/* goroutine.h - the goroutines of a Go program: what each does, waits on, for how long.
 *
 * Read in batches of bounded size; each is read twice around what is read through it, and is torn
 * when it moved in between. */
#pragma once

#include "golang/program.h"
#include "golang/unwind.h"

enum goroutine_status {
	GOROUTINE_IDLE, /* it is being made */
	GOROUTINE_RUNNABLE,
	GOROUTINE_RUNNING,
	GOROUTINE_SYSCALL,
	GOROUTINE_WAITING,
	GOROUTINE_DEAD, /* ended; the runtime keeps it to use it again */
	GOROUTINE_COPYSTACK,
	GOROUTINE_PREEMPTED,
	GOROUTINE_LEAKED, /* waiting, and Go itself found that nobody can wake it */
};

/* On what it waits, by Go's wait reason. */
enum goroutine_wait {
	GOROUTINE_NO_WAIT, /* it does not wait */
	/* a reason that is none of the others: the runtime's own, an iterator's, ... */
	GOROUTINE_OTHER,
	GOROUTINE_CHAN_RECEIVE,
	GOROUTINE_CHAN_SEND,
	GOROUTINE_NIL_RECEIVE, /* from a nil channel: for ever */
	GOROUTINE_NIL_SEND,
	GOROUTINE_SELECT,
	GOROUTINE_NO_CASES, /* select {}: for ever */
	/* of a sync.Mutex, WaitGroup, or the like: before 1.21 Go does not say which */
	GOROUTINE_SEMAPHORE,
	GOROUTINE_MUTEX,
	GOROUTINE_RWMUTEX_READ,
	GOROUTINE_RWMUTEX_WRITE,
	GOROUTINE_WAIT_GROUP,
	GOROUTINE_COND,
	GOROUTINE_IO,
	GOROUTINE_SLEEP,
};

/* A channel, semaphore or condition that it waits on. */
struct goroutine_object {
	__u64 address;
	bool channel; /* else the address of a semaphore, or of a Cond's list */
	bool send;    /* false also for a case of a select of which it is not known */
	bool closed;
	/* Its sender is a timer of the runtime, which is set. Noted from
	 * 1.23 on, but up to 1.26 not with asynctimerchan=1, the default
	 * of modules for Go before 1.23: false means nothing. */
	bool timer;
	__u64 count, capacity;
};

#define GOROUTINE_OBJECTS_MAX 16

struct goroutine {
	__u64 address;	  /* of the g */
	__u64 number;	  /* its place in allgs, which never changes */
	__u64 id;	  /* never used again while the program runs */
	__u64 parent;	  /* id of its creator; 0: not known (before 1.21) */
	__u64 gopc;	  /* behind the "go" that made it */
	__u64 startpc;	  /* its function */
	__u64 wait_since; /* CLOCK_MONOTONIC, ns: it waits since then at the latest; 0: not known */
	__u64 pc, sp, lr, lo, hi; /* as struct unwind_start; pc and sp are 0 while it runs */
	__u64 sudog;		  /* first one it waits with; 0: none, or not found */
	/* How many there are; more than GOROUTINE_OBJECTS_MAX: some are not here. 0 for what waits
	 * for a channel, select, semaphore or Cond: what it waits on was not found, and is not
	 * known. Before 1.26 Go notes semaphores and Conds nowhere but on stacks and in the lists
	 * of all waiters; a Cond with some hundreds of them is not found for each. */
	__u32 nobjects;
	enum goroutine_status status;
	enum goroutine_wait wait;
	const char *
		reason; /* static, Go's own word for it; NULL: it does not wait, or none is known */
	/* it is the runtime's own: it starts in the package runtime, and is not main */
	bool system;
	bool locked; /* to a thread */
	__u8 turns;  /* one more each time it parked (see layout.h) */
	/* It moved while it was read, or cannot be read: only address, id, status and gopc count,
	 * and gopc is 0 where it cannot be read. */
	bool torn;
	struct goroutine_object objects[GOROUTINE_OBJECTS_MAX];
};

/* Where its stack was left off; not of one that runs. */
static inline struct unwind_start goroutine_start(const struct goroutine *g)
{
	return (struct unwind_start){
		.pc = g->pc,
		.sp = g->sp,
		.lr = g->lr,
		.lo = g->lo,
		.hi = g->hi,
		.syscall = g->status == GOROUTINE_SYSCALL,
	};
}

/* Whether it waits, and runs no code meanwhile. */
bool goroutine_is_parked(const struct goroutine *g);
/* What the bytes of a g say that it does. */
enum goroutine_status goroutine_status_of(const struct golang_layout *layout,
					  const unsigned char *v);
/* Those with the numbers first to first + n in allgs; *ret_n of them are there and not dead. 0,
 * -ENOMEM, or as allgs_read(). */
int goroutine_read(const struct program *p, __u64 first, size_t n, struct goroutine *ret,
		   size_t *ret_n);
