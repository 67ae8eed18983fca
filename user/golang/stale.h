/* SPDX-License-Identifier: GPL-2.0-only */
/* stale.h - the words of a P or a g that look like pointers and are none.
 *
 * A P (runtime.p) keeps what its write barrier noted and what its collector searched last (wbBuf,
 * gcw): numbers to Go, of no age, that would keep alive what nobody has any more. What lies behind
 * a g's stack belongs to somebody else. */
#pragma once

#include "golang/program.h"

/* Clears them in what was read of an object, if that is one of them. Whether it is a P. */
bool stale_clear(const struct program *p, __u64 address, unsigned char *bytes, size_t size);
