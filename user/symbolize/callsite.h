/* SPDX-License-Identifier: GPL-2.0-only */
/* callsite.h - does a call stand right before an address? */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

struct callsite {
	bool direct; /* the call names its target */
	__u64 target;
};

/* Whether the instruction that ends at address is a call: of x86 (Intel's manual, CALL:
 * E8, FF /2) or arm64 (BL, BLR). read as in expression.h. */
bool callsite_before(__u32 machine, __u64 address,
		     bool (*read)(void *arg, __u64 address, void *ret, size_t len), void *arg,
		     struct callsite *ret);
