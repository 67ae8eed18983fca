/* SPDX-License-Identifier: GPL-2.0-only */
/* scan.h - what can be reached in a Go program's heap from words that are handed in.
 *
 * Conservative: any aligned word that leads into an object, to its beginning or not, reaches it;
 * and each word of an object is such a word, unless its span says that it holds no pointers. For
 * mark.c, which says what the roots are, and which objects are not like others. */
#pragma once

#include "golang/heap.h"

/* How a search ended. */
enum scan_end {
	SCAN_WHOLE,
	SCAN_CUT,	 /* a limit was reached: nothing is known to be unreachable */
	SCAN_UNREADABLE, /* a part that may hold pointers could not be read: likewise */
};

#define SCAN_STACK_MAX (128u << 10)
#define SCAN_PS_MAX 1024

/* An object that is not like others. */
struct scan_special {
	__u64 base; /* address of the object; they are sorted by it */
	enum {
		SCAN_AWAITED, /* tell when it is reached */
		SCAN_CLOSED,  /* what it holds is not searched */
		SCAN_SUDOG,   /* but for elem and c */
	} kind;
	__u32 owner; /* the caller's */
};

struct scan_piece {
	__u64 address;
	__u32 len;
	__u32 span; /* ~0: it is plain memory, ~0 - 1: a stack, ~0 - 2: its g, not searched */
	__u32 from; /* the index of its first object; of a stack: the owner */
	__u32 at;   /* in bytes */
};

struct scan {
	const struct program *program;
	const struct heap *heap;
	const struct scan_special *specials;
	size_t nspecials;
	/* a special object of kind SCAN_AWAITED is reached, for the first time */
	void (*reached)(void *arg, __u32 owner);
	/* a stack was read, and its g after it: clears what is no pointer that lives */
	void (*stack)(void *arg, __u32 owner, unsigned char *bytes, size_t len,
		      const unsigned char *g);
	void *arg;
	__u64 limit; /* of bytes */
	/* out */
	enum scan_end end;
	const char *why;       /* static, for the last two */
	__u64 bytes;	       /* searched */
	__u64 objects;	       /* reached */
	__u64 ps[SCAN_PS_MAX]; /* addresses of the Ps that were searched */
	size_t nps;
	/* for scan.c */
	__u64 *marked, *waiting; /* bits by number of the object: reached; still to be searched */
	__u8 *flags;		 /* by span */
	__u32 *queue;		 /* spans with objects to be searched; a ring */
	size_t head, queued;
	struct scan_piece *pieces; /* the next question */
	struct target_piece *question;
	size_t npieces;
	unsigned char *buffer;
	size_t used; /* of it */
	struct scan_window *window;
};

/* Bytes that it takes. */
__u64 scan_memory(const struct heap *heap);
/* program, heap, specials, nspecials, reached, stack, arg, limit are
 * set; the rest is 0. 0 or -ENOMEM. */
int scan_open(struct scan *s);
void scan_close(struct scan *s);

/* Reaches what a word points to. */
void scan_word(struct scan *s, __u64 word);
/* Searches memory that is none of the heap's objects, or one that is special. */
void scan_range(struct scan *s, __u64 start, __u64 end);
/* The same for a stack of at most SCAN_STACK_MAX bytes, of a goroutine whose g is there. */
void scan_stack(struct scan *s, __u32 owner, __u64 start, __u64 end, __u64 g);
/* Searches what an object holds, without reaching it. */
void scan_contents(struct scan *s, __u64 address);
/* Searches what was reached, as much as one question brings. Whether
 * there is more: not if end is no longer SCAN_WHOLE. */
bool scan_step(struct scan *s);
