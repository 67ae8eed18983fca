/* SPDX-License-Identifier: GPL-2.0-only */
/* wait.h - what a blocked thread waits in: kind, object, timeout.
 *
 * Pure: registers, files and memory come from the world. wait_decode() is called
 * in rounds: what it still needs to read it adds to wants; when it wants nothing
 * more, or that could not be read, its answer stands. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "world.h"

/* The words of the JSON output (wait_kind_name) are the lower-case names. */
enum wait_kind {
	WAIT_RUNNING, /* it does not wait */
	WAIT_MUTEX,   /* from here to WAIT_FUTEX: waits that a futex call ends in */
	WAIT_RWLOCK,
	WAIT_CONDITION,
	WAIT_SEMAPHORE,
	WAIT_BARRIER,
	WAIT_JOIN,
	WAIT_FUTEX, /* a futex of unknown protocol */
	WAIT_PIPE,
	WAIT_FIFO,
	WAIT_SOCKET,
	WAIT_EVENTFD,
	WAIT_TIMERFD,
	WAIT_SIGNALFD,
	WAIT_INOTIFY,
	WAIT_TTY,
	WAIT_FUSE,
	WAIT_CHILD,
	WAIT_VFORK,
	WAIT_FILE_LOCK,
	WAIT_SYSV_SEM,
	WAIT_SYSV_MSG,
	WAIT_MQUEUE,
	WAIT_EPOLL,
	WAIT_POLL,
	WAIT_SLEEP,
	WAIT_SIGNAL,
	WAIT_IO_URING,
	WAIT_AIO,
	WAIT_IO,
	WAIT_PAGE_FAULT,
	WAIT_KERNEL,
	WAIT_UNKNOWN,
	WAIT_KIND_COUNT,
};

/* Where a wake can come from that needs no thread we would have to find. */
enum wait_source {
	SOURCE_NONE,	/* only threads: the graph decides */
	SOURCE_TIMER,	/* its own timeout */
	SOURCE_SIGNAL,	/* it waits for a signal */
	SOURCE_OUTSIDE, /* network, terminal, another program that may come */
	SOURCE_DEVICE,	/* disk, file server, device */
	SOURCE_UNKNOWN, /* nothing known, nothing excluded */
};

/* For calls that read or write through a descriptor. */
enum wait_direction { WAIT_READS, WAIT_WRITES };

#define WAIT_FUTEX_MAX 128 /* FUTEX_WAITV_MAX */

struct wait_futex {
	__u64 addr;	     /* user address of the word that it was told to wait on */
	__u32 val;	     /* value that it went to sleep on */
	__u32 op;	     /* FUTEX_WAIT, …, without the flags */
	bool private_;	     /* FUTEX_PRIVATE_FLAG */
	bool clock_realtime; /* FUTEX_CLOCK_REALTIME */
};

struct wait {
	enum wait_kind kind;
	enum wait_source source;
	enum wait_direction direction;
	const char *syscall; /* static name; NULL outside a system call or if not known */
	const char *unknown; /* static reason for SOURCE_UNKNOWN, else NULL */
	const char *what;    /* static: what it waits for when source says enough ("a terminal") */
	const struct wire_file *file; /* what the call's descriptor leads to, or NULL */
	__u64 object;		      /* futex word, inode, process id, … as kind says; 0: none */
	__s64 timeout_ns;    /* that remains; -1: none, or known only to be. Passed ones are 0 */
	bool beyond_horizon; /* a timeout of more than a day: counts as none */
	/* Moved by FUTEX_CMP_REQUEUE: futex.addr is the word that it sleeps on now, while val
	 * is still of the first one; what waited to be given a PI lock is now FUTEX_LOCK_PI. */
	bool requeued;
	/* Of futex calls; of futex_waitv the first word, private_ only if all words are. */
	struct wait_futex futex;
	__u32 nfutexes;	   /* words it waits on (futex_waitv), else 0 or 1 */
	__s32 child;	   /* WAIT_CHILD: pid as the caller sees it; -1: any; -2: a group */
	__u64 child_pidfd; /* WAIT_CHILD: waitid(P_PIDFD): descriptor + 1, else 0 */
};

/* Whether a futex call waits for such a thing. */
static inline bool wait_is_futex(enum wait_kind kind)
{
	return kind >= WAIT_MUTEX && kind <= WAIT_FUTEX;
}

#define WAIT_HORIZON_NS (24ull * 3600 * 1000000000ull)
#define WAIT_AGES_NS (3650 * WAIT_HORIZON_NS) /* who waits so long means for ever */

/* 0 or -ENOMEM (of wants). */
int wait_decode(const struct world *w, const struct wire_thread *t, struct mem_wants *wants,
		struct wait *ret);

/* Word i of a futex_waitv(2) call; false when it could not be read. */
bool wait_futexv(const struct world *w, const struct wire_thread *t, __u32 i,
		 struct wait_futex *ret);

const char *wait_kind_name(enum wait_kind kind);
/* One phrase for people: "the network", "a signal", "its timeout". */
const char *wait_source_name(enum wait_source source);
