/* SPDX-License-Identifier: GPL-2.0-only */
/* bounds.h - where a goroutine's stack is now, which grows and shrinks while it runs. */
#pragma once

#include "golang/program.h"

#define BOUNDS_STACK_MAX (4ull << 30) /* bytes; a longer one is none */

/* Of the g at an address. Both are 0 when it has none, being dead. False: they cannot be read, or
 * make no sense each time. */
bool bounds_read(const struct program *p, __u64 g, __u64 *ret_lo, __u64 *ret_hi);
