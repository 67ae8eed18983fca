/* SPDX-License-Identifier: GPL-2.0-only */
/* memory.h - bytes that were read from processes, and what is still wanted. */
#pragma once

#include <linux/types.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/array.h"

/* Bytes read from a process while the thread that needs them stood still. */
struct mem_range {
	__u64 mm;
	__u64 addr;
	__u32 len;
	__u32 pos; /* in memory.bytes */
};

/* Kept sorted by (mm, addr); ranges may overlap. */
struct memory {
	ARRAY(struct mem_range) ranges;
	ARRAY(unsigned char) bytes;
};

/* Something that judging would like to read: collect/ reads it, or cannot. */
struct mem_want {
	__u64 mm;
	__u64 addr;
	__u32 len;
	__u32 tid; /* the blocked thread through which it is read */
};

struct mem_wants {
	ARRAY(struct mem_want) want;
};

/* len bytes at addr, or NULL when they were not read. */
const void *memory_get(const struct memory *m, __u64 mm, __u64 addr, size_t len);
/* The same, copied, also from ranges side by side; at most 256 bytes. False when they
 * were not read. */
bool memory_copy(const struct memory *m, __u64 mm, __u64 addr, void *ret, size_t len);
/* Takes a copy; memory_sort() must follow before the next look-up. 0 or -ENOMEM. */
int memory_add(struct memory *m, __u64 mm, __u64 addr, const void *bytes, size_t len);
void memory_sort(struct memory *m);
