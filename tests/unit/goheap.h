/* SPDX-License-Identifier: GPL-2.0-only */
/* goheap.h - the memory of a small Go program, made by hand: globals, heap, stacks, goroutines.
 *
 * Each kind of object has one page, which is a span. */
#pragma once

#include "golang/mark.h"

#define GOHEAP_MAX 16 /* of each kind, and goroutines */

enum goheap_kind {
	GOHEAP_G,
	GOHEAP_SUDOG,
	GOHEAP_CHANNEL,
	GOHEAP_CELL,	/* 64 bytes */
	GOHEAP_NUMBERS, /* 64 bytes without pointers */
	GOHEAP_LIST,	/* one object: allgs */
	GOHEAP_P,	/* one object of 16384 bytes */
	GOHEAP_LARGE,	/* one object of GOHEAP_LARGE_BYTES */
	GOHEAP_NEW,	/* one object of 8192 bytes, whose span is not in use */
	GOHEAP_KINDS
};

#define GOHEAP_LARGE_BYTES (1u << 20)

/* Addresses of a word that is a global, or not followed; of a word of
 * goroutine i's stack, that lives. */
#define GOHEAP_DATA 0x500000ull
#define GOHEAP_NOPTR 0x600000ull
#define GOHEAP_STACK(i) (0xd000000000ull + 4096 * (i) + 2048)
#define GOHEAP_RECORDS 0x7f0000000000ull      /* the runtime's own, outside the heap */
#define GOHEAP_TYPES (GOHEAP_RECORDS + 12288) /* 4096 bytes, where types are */

extern struct program goheap_program;
extern __u64 goheap_unreadable;		      /* an address; 0: none */
extern unsigned int goheap_questions;	      /* that were asked since it was made */
extern unsigned int goheap_when;	      /* a question, from 1 on; 0: none */
extern void (*goheap_change)(void);	      /* what happens right before it is answered */
extern struct goroutine goheap_g[GOHEAP_MAX]; /* all of them sleep */

void goheap_make(unsigned int minor);
__u64 goheap_at(enum goheap_kind kind, unsigned int i);
void goheap_set(__u64 address, __u64 word);
__u64 goheap_get(__u64 address);
void goheap_set_bytes(__u64 address, __u64 value, unsigned int size);
/* Address of a span's record. */
__u64 goheap_span(enum goheap_kind kind);
/* Goroutine i waits to receive from n channels, which are objects or any other addresses. */
void goheap_wait(unsigned int i, unsigned int n, const __u64 *channels);
