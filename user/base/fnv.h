/* SPDX-License-Identifier: GPL-2.0-only */
/* fnv.h - a hash of bytes that is the same on every host: FNV-1a, 64 bit. */
#pragma once

#include <linux/types.h>
#include <stddef.h>

#define FNV_START 0xcbf29ce484222325ull

/* The hash of all bytes so far, and n more. */
static inline __u64 fnv_add(__u64 hash, const void *bytes, size_t n)
{
	for (size_t i = 0; i < n; i++)
		hash = (hash ^ ((const unsigned char *)bytes)[i]) * 0x100000001b3ull;
	return hash;
}
