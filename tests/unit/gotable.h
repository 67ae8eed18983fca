/* SPDX-License-Identifier: GPL-2.0-only */
/* gotable.h - Go function tables made by hand */
#pragma once

#include "golang/inlined.h"

#define GOTABLE_SIZE 8192
#define GOTABLE_RUNS 6

/* A value that holds for so much code; length 0 ends them. */
struct gotable_run {
	__u32 length;
	__s32 value;
};

struct gotable_node {
	const char *name;
	__u32 parent_pc;
	__u32 start_line;
};

/* So many bitmaps of up to 8 bits. */
struct gotable_map {
	__u32 n, nbit;
	__u8 bits[2];
};

/* A variable whose address is taken; mask: where in rodata. */
struct gotable_object {
	__s32 offset, size, pointers;
	__u32 mask;
};

struct gotable_function {
	const char *name;
	const char *file;
	__u32 size;
	__u32 start_line;
	__u8 flags, id;
	struct gotable_run frame[GOTABLE_RUNS];
	struct gotable_run line[GOTABLE_RUNS];
	struct gotable_run inlined[GOTABLE_RUNS]; /* which node */
	struct gotable_node tree[4];
	struct gotable_run maps[GOTABLE_RUNS]; /* which bitmap; without, it has no maps at all */
	__u32 args;			       /* bytes */
	struct gotable_map arguments, locals;
	struct gotable_object objects[3];
	/* its deferred calls in slots of its frame, ended by 0; without: it has none */
	__u8 open[8];
};

struct gotable_kind {
	bool old;      /* as of Go 1.18 and 1.19 */
	__u32 quantum; /* 0: 1 */
};

/* The table; behind its functions, as since Go 1.26, what moduledata.gofunc points to. */
struct gotable {
	unsigned char bytes[GOTABLE_SIZE];
	size_t n;
	size_t gofunc; /* where that begins */
};

void gotable_make(const struct gotable_kind *kind, const struct gotable_function *function,
		  size_t n, struct gotable *ret);
/* Asks for all that a table has to say, true or not; returns how many answers there were. */
size_t gotable_read_all(const struct pclntab *t, struct pclntab_bytes gofunc);
