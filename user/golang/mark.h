/* SPDX-License-Identifier: GPL-2.0-only */
/* mark.h - which goroutines can still be woken? What each waits on is searched from all that lives.
 *
 * A conservative marking from outside: any aligned word that could be a pointer is one, but for
 * those on the stacks of parked goroutines that Go's compiler says are dead. The data, bss and
 * stacks of what can run are searched, and the heap from there, with the spans of the runtime
 * telling where objects begin and end and which hold no pointers. A goroutine becomes live when an
 * object that it waits on is reached; its stack is searched then, and so on until nothing changes.
 * Wait queues do not keep their own goroutines alive.
 *
 *     mark_new(&program, &limits, &m);
 *     for (each goroutine)          mark_add(m, &g);
 *     for (each other part)         mark_root(m, start, end);
 *     mark_run(m, &result);
 *     for (each goroutine, from 0)  mark_is_stuck(m, i);
 *     mark_free(m); */
#pragma once

#include "golang/goroutine.h"

/* How a marking ended. */
enum mark_end {
	MARK_WHOLE,
	MARK_CUT,	 /* a limit was reached: nothing is known to be unreachable */
	MARK_UNREADABLE, /* a part that may hold pointers could not be read, or changed: likewise */
};

struct mark_limits {
	__u64 bytes;  /* of memory that are searched */
	__u64 memory; /* bytes that it may take: a 20th of the heap, and 150 for each goroutine */
};

struct mark_result {
	enum mark_end end;
	const char *why; /* static, for the last two */
	__u64 bytes;	 /* searched */
	__u64 objects;	 /* reached */
	__u64 spans;	 /* of the heap */
};

struct mark;

/* Whether only another goroutine can end what it waits for; and whether nobody at all can. */
bool mark_waits(const struct goroutine *g);
bool mark_hopeless(const struct goroutine *g);
/* The main goroutine in select {}, or at a nil channel, which was the way before there was that: it
 * waits on purpose, while others do the work. */
bool mark_by_choice(const struct goroutine *g);

/* 0 or -ENOMEM. program and its target must outlive it. */
int mark_new(const struct program *program, const struct mark_limits *limits, struct mark **ret);
void mark_free(struct mark *m);
/* A goroutine: all that there are must be added, for each that can run keeps others alive; a torn
 * one needs its address. 0 or -ENOMEM. */
int mark_add(struct mark *m, const struct goroutine *g);
/* A part of memory that may hold pointers, besides what moduledata and the runtime name: stacks and
 * data of C code. Of Go's own heap in it nothing is searched for that. 0 or -ENOMEM. */
int mark_root(struct mark *m, __u64 start, __u64 end);

/* read says what the program's threads do, when it is asked to, and whether it could: it hands
 * those that sleep in a system call to mark_threads_sleeper(), and all registers of others to
 * mark_word(). Without it no register is searched, and of stacks on which threads sleep all words
 * count. */
void mark_threads(struct mark *m, bool (*read)(void *arg, struct mark *m), void *arg);
void mark_word(struct mark *m, __u64 word);
/* It has not run between two readings of which all three are the same. */
struct mark_sleeper {
	__u64 sp, tid, switches;
};
void mark_threads_sleeper(struct mark *m, const struct mark_sleeper *sleeper);

/* Once. 0 or -ENOMEM. */
int mark_run(struct mark *m, struct mark_result *ret);
/* Whether the goroutine that was added as i-th waits for another one, on objects that nothing can
 * reach that may still run: never, unless the marking is whole. While the
 * program runs, what it moves meanwhile may go unseen: only a goroutine that
 * several markings call stuck, and that did not move, is. Who waits on
 * purpose is not stuck, but keeps nothing alive. */
bool mark_is_stuck(const struct mark *m, size_t i);
