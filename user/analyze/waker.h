/* SPDX-License-Identifier: GPL-2.0-only */
/* waker.h - who could end a wait?
 *
 * Pure. The only file that knows what pipes, sockets, locks, children and futexes
 * have in common: somebody who could wake. verdict.c makes the answer a graph. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>

#include "analyze/futex.h"
#include "analyze/index.h"
#include "analyze/verdict.h"
#include "analyze/wait.h"

/* Kernel objects whose holders must be found before waits can be judged. */
struct wanted {
	ARRAY(__u64) objects;		 /* inodes, open files, sockets */
	ARRAY(struct wire_tuple) tuples; /* far ends of TCP connections, as they see them */
	ARRAY(__u32) words;		 /* threads that wait on a futex others may map */
};

/* Adds what must be found out about one wait. 0 or -ENOMEM. */
int waker_want(const struct world *w, const struct wire_thread *t, const struct wait *wait,
	       struct wanted *ret);
void waker_wanted_free(struct wanted *wanted);

/* One who could wake, or any thread of a group that could. */
struct waker {
	enum index_key group; /* INDEX_KEYS: the thread whose id is value */
	__u64 value;
	enum edge_why why;
	bool strong;
};

/* The answer about one wait: wakers; or unknown, which says why there may be others than
 * those named; or gone or lost, which say why there will be none. */
struct wakers {
	ARRAY(struct waker) v;
	const char *unknown; /* static */
	const char *gone;    /* static: why every holder is gone */
	bool lost;	     /* a wake is owed and did not come */
	__u32 gone_tid;	     /* the recorded owner, as its pid namespace counts; or 0 */
	bool forked;	     /* gone_tid is a thread of the parent: the lock was lost in fork() */
	struct futex_view futex; /* of futex waits */
};

/* 0 or -ENOMEM; *ret is freed with waker_free(). */
int waker_find(const struct index *ix, const struct wire_thread *t, const struct wait *wait,
	       struct wakers *ret);
void waker_free(struct wakers *wakers);
