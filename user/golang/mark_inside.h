/* SPDX-License-Identifier: GPL-2.0-only */
/* mark_inside.h - what mark.c, mark_queue.c and remark.c share. */
#pragma once

#include "base/array.h"
#include "golang/mark.h"
#include "golang/scan.h"

struct member {
	__u64 address, number, id;
	__u64 pc, sp, lr, lo, hi;
	__u64 sudog;
	__u32 objects, sudogs; /* where in m->objects, m->sudogs */
	__u8 nobjects, nsudogs;
	__u8 turns;    /* with pc and sp: when it was listed */
	__u32 sleeper; /* in m->slept, from 1 on: who slept on its stack when that was searched */
	bool live;
	bool parked; /* and will be seen when it goes on */
	bool runnable;
	bool calls;    /* a system call: pc and sp are where its own code stopped */
	bool restless; /* its thread did not sleep on: none is relied upon any more */
	bool chain;    /* it has a sudog for each object */
	bool by_choice;
};

struct sudog {
	__u64 address;
	__u32 owner;
};

/* A g that nobody uses. */
struct ended {
	__u64 number, id;
	__u8 turns;
};

struct range {
	__u64 start, end;
};

struct mark {
	const struct program *program;
	struct mark_limits limits;
	struct mark_result result;
	bool done;
	ARRAY(struct member) members;
	ARRAY(__u64) objects; /* addresses that are awaited */
	ARRAY(struct sudog) sudogs;
	ARRAY(struct range) roots;
	bool (*threads)(void *arg, struct mark *m);
	void *threads_arg;
	/* while it runs */
	struct heap heap;
	struct scan scan;
	ARRAY(struct scan_special) specials;
	ARRAY(struct ended) ended;	     /* when the search began; in order */
	ARRAY(struct mark_sleeper) sleepers; /* at the last mark_threads_ask(), by sp */
	ARRAY(struct mark_sleeper) slept;
	__u64 memory;	    /* bytes that it takes */
	ARRAY(__u32) woken; /* they live, as was found out; to be searched */
	size_t nsearched;   /* of these */
	size_t nreached;    /* of these: what they wait on was reached */
	bool out_of_memory;
};

/* The first end counts. */
void mark_stop(struct mark *m, enum mark_end end, const char *why);
/* It lives. */
void mark_wake(struct mark *m, __u32 owner);
/* Searches all of a goroutine; if it does not stand still its whole stack, as it is now, but for
 * what is below the stack pointer of a thread that sleeps there. */
void mark_search(struct mark *m, struct member *member);
/* Searches registers, and learns who sleeps. */
void mark_threads_ask(struct mark *m);
/* Notes the thread that sleeps in a stretch of a member's stack, and returns its stack pointer; 0:
 * none does that could be relied upon. */
__u64 mark_threads_note(struct mark *m, struct member *member, __u64 lo, __u64 hi);
/* Whether the thread that was noted has slept on, in a stack that goes from lo to hi now. */
bool mark_threads_slept(const struct mark *m, const struct member *member, __u64 lo, __u64 hi);
/* Searches variables, finalizers and cleanups. 0 or -ENOMEM. */
int mark_root_globals(struct mark *m);
/* Searches what mark_root() was told of; when all Ps are known. 0 or -ENOMEM. */
int mark_root_search(struct mark *m);
/* Searches what was reached, and whom that wakes, until there is no more. */
void mark_follow(struct mark *m);
/* Whether one that does so, for that reason, is seen when it goes on: trackingSeq counts neither
 * coroutines nor those that the collector has preempted, and no system calls. */
bool mark_stands(enum goroutine_status status, const char *reason);
/* Whether one that was parked when it was listed has run since, or was woken, by the first
 * layout_g_head() bytes of its g. That it parked 256 times at the same place is not seen. */
bool mark_moved(const struct mark *m, const struct member *member, const unsigned char *g);
