/* SPDX-License-Identifier: GPL-2.0-only */
/* past.h - what no single look can know: births, the populations of sites, wakes of words.
 *
 * A part of the world (world.past), empty where no daemon runs. history.c keeps it from
 * look to look and from the events of the kernel; accumulate.c and wakes.c judge by it; it
 * goes to `nowake report` and into snapshots as rows like all the rest. All times are boot
 * time, ns, that of wire_thread.started. */
#pragma once

#include <linux/types.h>

#include "base/array.h"
#include "wire.h"

/* How the wakes of futex words are seen. */
enum futex_hook {
	FUTEX_AUTO, /* the first of those below that works and costs next to nothing */
	FUTEX_FENTRY,
	FUTEX_KPROBE,
	FUTEX_TRACEPOINT,
	FUTEX_OFF,
};

/* A living thread whose birth was seen. */
struct birth {
	__u32 tid;
	__u32 creator; /* the thread that made it */
	__u32 site;    /* number + 1 in past.sites; 0: none is known */
	__u32 pad;
	__u64 started;
	__u64 creator_started;
};

#define SITE_WINDOWS 8 /* floors that are remembered */
#define SITE_SLOW 36   /* windows that make a slow one: what grows by a few a day is seen there */

/* The lowest populations of the last full windows of one length, oldest first. */
struct floors {
	__u64 window_ns; /* their length, on average */
	/* Of goroutines: the highest id when the window with the number n - 1 - FLOORS_STAY ended;
	 * 0: not known. What is newer was made later. */
	__u64 newest;
	__u32 n;
	__u32 nprocess;
	__u64 at[SITE_WINDOWS];	     /* n of them */
	__u64 process[SITE_WINDOWS]; /* nprocess: of all threads of the process */
};

/* Where threads are made: one chain of calls in one process. Or goroutines: one go statement. Of
 * these only looks tell, so that who came and went between two is not in any of the numbers: floors
 * are of the looks, and born and ended are no more than the truth. */
struct site {
	__u64 id; /* stable while the process lives */
	__u64 process_started;
	__u32 tgid;
	__u32 trace; /* number + 1 in world.stacks.traces: the creation stack; 0: not known */
	__u64 since; /* when its first birth was seen */
	__u64 born;  /* since then */
	__u64 ended; /* of those */
	__u32 alive; /* of goroutines: but for those that are known to be stuck; so in all floors */
	__u32 pad;
	__u64 made_at; /* of goroutines: as in go_site; 0: it is one of threads */
	struct floors floors;
	struct floors slow;
};

/* A futex word that somebody has waited on for long, and who wakes it. */
struct word {
	struct wire_word_key key;
	struct wire_word seen;
	__u64 ended[WIRE_WAKERS]; /* when each of seen.wakers ended; 0: it lives, or not known */
};

/* A wait that was interrupted and went on: nobody woke the word meanwhile. */
struct stitch {
	__u32 tid;
	__u32 val;	/* as in wait_futex */
	__u64 addr;	/* likewise */
	__u64 started;	/* of the thread */
	__u64 since;	/* when the wait really began */
	__u64 switches; /* of the thread when that was known: it holds until it runs again */
};

struct past {
	__u64 since;		    /* when the daemon began to watch; 0: there is no past */
	__u64 lost;		    /* events that the ring buffer had no room for */
	ARRAY(struct birth) births; /* sorted by tid */
	ARRAY(struct site) sites;
	ARRAY(struct word) words;      /* sorted by key */
	ARRAY(struct stitch) stitches; /* sorted by tid */
};

void past_free(struct past *p);

struct world;
/* Gives w, which has no past, that of another world, and the creation stacks. 0 or -ENOMEM. */
int past_copy(const struct world *from, struct world *w);
/* The birth of a thread, if it was seen; and the site of a birth (which may be NULL). */
const struct birth *past_birth(const struct past *p, const struct wire_thread *t);
const struct site *past_site(const struct past *p, const struct birth *b);
