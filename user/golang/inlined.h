/* SPDX-License-Identifier: GPL-2.0-only */
/* inlined.h - which calls the Go compiler inlined at an instruction.
 *
 * The tree of a function's inlined calls is an array of runtime.inlinedCall among the data that
 * moduledata.gofunc points to: in .rodata, since Go 1.26 inside .gopclntab. */
#pragma once

#include "golang/pclntab.h"

#define INLINED_DEPTH_MAX 256

struct inlined_call {
	struct pclntab_name name;
	struct pclntab_place place; /* where it stands; file.n 0: not known */
	__u32 start_line;	    /* of "func"; 0: not known */
	__u8 id;		    /* as in pclntab_function */
	bool inlined;		    /* false for the last one, the function itself */
};

struct inlined {
	bool damaged; /* the tree cannot be read, so calls are missing; read it at the end */
	/* for inlined.c */
	const struct pclntab *table;
	const struct pclntab_function *function;
	struct pclntab_bytes gofunc;
	__u64 pc;
	unsigned int depth;
	bool done;
};

/* The calls at an instruction. gofunc: the bytes from moduledata.gofunc on; { NULL, 0 } when they
 * cannot be had. table, function and gofunc must outlive the iteration. */
void inlined_begin(const struct pclntab *table, const struct pclntab_function *function,
		   struct pclntab_bytes gofunc, __u64 pc, struct inlined *ret);
/* The next call, from the innermost one to the function itself; false when there is no more. */
bool inlined_next(struct inlined *i, struct inlined_call *ret);
