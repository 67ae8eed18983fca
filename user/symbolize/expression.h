/* SPDX-License-Identifier: GPL-2.0-only */
/* expression.h - DWARF expressions of unwind tables (DWARF 5, sections 2.5, 2.6, 6.4). */
#pragma once

#include <elfutils/libdw.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

/* The registers of one frame, by DWARF number. */
#define EXPRESSION_REGS 33
struct registers {
	__u64 value[EXPRESSION_REGS];
	__u64 known; /* bit n: register n has a value */
};

struct expression_context {
	const struct registers *regs;
	__u64 cfa;
	bool has_cfa;
	unsigned int word; /* bytes of an address */
	/* Reads len bytes (at most 8) of the process's memory; false when they are not there. */
	bool (*read)(void *arg, __u64 address, void *ret, size_t len);
	void *arg;
};

enum expression_kind {
	EXPRESSION_ADDRESS, /* the value lies in memory at *ret */
	EXPRESSION_VALUE,   /* it is *ret */
};

/* False when it cannot be evaluated: something it needs is not known, or it is malformed. */
bool expression_evaluate(const struct expression_context *c, const Dwarf_Op *ops, size_t n,
			 __u64 *ret, enum expression_kind *ret_kind);
/* An address of the process's size in memory. */
bool expression_load(const struct expression_context *c, __u64 address, unsigned int size,
		     __u64 *ret);
