/* SPDX-License-Identifier: GPL-2.0-only */
/* stale.h - the words of a P that look like pointers and are none: of objects long lost.
 *
 * A P (runtime.p) keeps what its write barrier noted and what its collector searched last (wbBuf,
 * gcw): numbers to Go, of no age, that would keep alive what nobody has any more. */
#pragma once

#include "golang/program.h"

/* Clears them in what was read of an object, if that is a P. */
void stale_clear(const struct program *p, __u64 address, unsigned char *bytes, size_t size);
