/* SPDX-License-Identifier: GPL-2.0-only */
/* lockcode.h - what a function of Go's locks and unlocks, by its code.
 *
 * Read in the machine code are calls whose target is known (CALL rel32 of x86_64, BL of arm64), and
 * where the addresses of the function's own closures are taken (LEA, ADRP and ADD). A pattern of
 * bytes that leads to where a function begins, and is none of these, is too rare to matter. */
#pragma once

#include "golang/program.h"

enum lockcode_kind {
	LOCKCODE_OTHER,
	LOCKCODE_LOCKS,
	LOCKCODE_UNLOCKS,	/* a Mutex */
	LOCKCODE_UNLOCKS_WRITE, /* an RWMutex */
	LOCKCODE_UNLOCKS_READ,
	LOCKCODE_RELEASES, /* a semaphore: the compiler has inlined an unlock */
};

/* By the name of what is called. */
enum lockcode_kind lockcode_kind(struct pclntab_name name);
bool lockcode_is_of_sync(struct pclntab_name name);

struct lockcode_function {
	const struct program_module *module;
	struct pclntab_function f;
};

/* The function with that code. */
bool lockcode_find(const struct program *p, __u64 pc, struct lockcode_function *ret);

/* A call, or where a closure's address is taken. */
struct lockcode_site {
	__u64 back; /* behind the instruction */
	struct lockcode_function callee;
	enum lockcode_kind kind;
	bool closure; /* its address is taken, and it is the function's own closure */
};

/* What is known of a program's functions, and how much more of them may be read. */
struct lockcode;

/* program must outlive it. NULL: no memory. */
struct lockcode *lockcode_new(const struct program *p);
void lockcode_free(struct lockcode *l);
/* Spends some of what may be read. */
void lockcode_spend(struct lockcode *l, size_t n);
/* Whether all of that was read: then nobody knows any more. */
bool lockcode_is_spent(const struct lockcode *l);

struct lockcode_walk {
	struct lockcode *known;
	struct lockcode_function in;
	const unsigned char *code;
	size_t len, at;
};

/* False: its code cannot be had, or is too long. */
bool lockcode_begin(struct lockcode *l, const struct lockcode_function *in,
		    struct lockcode_walk *ret);
/* The next one; false: there is no more. */
bool lockcode_next(struct lockcode_walk *w, struct lockcode_site *ret);
/* Whether the instruction before an address calls a known function. */
bool lockcode_is_direct(struct lockcode *l, __u64 back);

/* What a call of a function does to locks, by how many calls in it, and in its closures, lock, and
 * how many unlock. It takes one when more of them lock. */
bool lockcode_takes(struct lockcode *l, const struct lockcode_function *f);
/* It unlocks something. True also when nobody knows. */
bool lockcode_unlocks(struct lockcode *l, const struct lockcode_function *f);
/* It may unlock what its caller has locked: more of them unlock, or it calls, by way of another
 * function at most, one that only unlocks. True also when nobody knows. */
bool lockcode_lends(struct lockcode *l, const struct lockcode_function *f);
