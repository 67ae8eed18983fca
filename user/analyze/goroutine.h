/* SPDX-License-Identifier: GPL-2.0-only */
/* goroutine.h - the goroutines of Go programs, as one look saw them.
 *
 * Read by the symbolizer in the memory of each program (user/golang), so hostile like the names of
 * stacks; but, other than those, they decide: a program can accuse its own goroutines, nobody
 * else's. Threads of a Go program are never judged. */
#pragma once

#include <linux/types.h>

enum go_process_bits {
	GO_READ = 1 << 0, /* its goroutines were listed; else trouble says why not */
	GO_MARKED =
		1
		<< 1, /* searched for what they wait on, all of it; else unsearched says why not */
	GO_MOVED = 1 << 2,	/* some of its threads ran while it was searched */
	GO_OWN_LAYOUT = 1 << 3, /* no table knows its Go: it was read as its own DWARF says */
};

/* A Go program. */
struct go_process {
	__u32 tgid;
	__u32 bits;	   /* enum go_process_bits */
	__u64 goroutines;  /* that live */
	__u64 waiting;	   /* of these, for another goroutine */
	__u64 searched;	   /* bytes of memory */
	__u64 read;	   /* when it was looked at, boot time, ns; 0: it was not */
	__u64 newest;	   /* the highest id of a goroutine that lived then */
	__u64 torn;	   /* goroutines that moved while they were read, whose site is not known */
	__u64 unsited;	   /* goroutines of sites that are not among its go_sites */
	char version[64];  /* "go1.19.8"; "": not known */
	char trouble[160]; /* why its goroutines could not be listed */
	char unsearched[96]; /* why they could not be judged */
};

enum go_wait_bits {
	GO_STUCK = 1 << 0,   /* nothing that can still run reaches what it waits on */
	GO_NOTHING = 1 << 1, /* it waits on nothing at all: a nil channel, a select without cases */
	GO_CHANNEL = 1 << 2, /* the object is a channel; else a semaphore or a list of waiters */
	GO_CLOSED = 1 << 3,
	GO_TORN = 1 << 4, /* it ran while it was read */
	GO_HELD = 1 << 5, /* a goroutine that never goes on is to unlock what it waits for */
};

/* A goroutine that waits for another one, or was asked for. */
struct go_wait {
	__u32 tgid;
	__u32 bits;    /* enum go_wait_bits */
	__u64 id;      /* of the goroutine, in its process never used again */
	__u64 parent;  /* id of its creator; 0: not known */
	__u64 since;   /* CLOCK_MONOTONIC, ns: it waits since then at the latest; 0: not known */
	__u32 trace;   /* number + 1 in world.stacks.traces; 0: not read */
	__u32 created; /* likewise: where the go statement stands, one call */
	__u64 object;  /* the first that it waits on; 0: none */
	__u64 nobjects;
	__u64 count, capacity; /* of the channel's buffer */
	__u64 made_at;	       /* as in go_site; 0: not known */
	__u64 turns;	       /* another number means that it ran meanwhile */
	__u64 holder;	       /* id of that goroutine: it is stuck, or held likewise; 0: none */
	char reason[40]; /* Go's own words: "chan receive", "sync.Mutex.Lock"; or its status */
};

#define GO_SITES_MAX 64 /* of a program, those where most live */

/* Where goroutines are made: one go statement of a program. What it counts lives; none of it is the
 * runtime's own. */
struct go_site {
	__u32 tgid;
	__u32 pad;
	/* behind the call that is the go statement: no other site of the program has it */
	__u64 made_at;
	__u64 alive;
	/* of these: nothing can wake them (GO_STUCK); they are counted below no more */
	__u64 stuck;
	/* of these: moved while it was read; they are counted as alive, fresh and old only */
	__u64 torn;
	__u64 fresh;	/* of those alive: made since the look before; some more may be */
	__u64 old;	/* likewise: as old as floors.newest says; 0 where nobody asked for it */
	__u64 sleeping; /* until a time, and nothing else ends it */
	__u64 napping;	/* of these: not for more than two minutes, as far as Go says */
	__u64 waiting;	/* for another goroutine, and maybe for a time as well */
	__u64 network;	/* for the network */
	__u64 running;	/* or in a system call, or about to run */
};
