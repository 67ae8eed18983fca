/* SPDX-License-Identifier: GPL-2.0-only */
/* globals.h - variables of Go's runtime without a symbol, known by what is there. */
#pragma once

#include "golang/program.h"

#define GLOBALS_BYTES_MAX (256u << 20) /* of bss that are searched for a variable */

/* Where the slice runtime.allgs lies. 0, -ENOENT, or -ENOMEM. */
int globals_allgs(const struct program *p, __u64 *ret);
/* Where runtime.semtable lies; -ENOENT also when nobody waits for a semaphore: an empty table looks
 * like any other memory. */
int globals_semtable(const struct program *p, __u64 *ret);
/* Whether the bytes (layout->g.size) at that address of the program are a goroutine's. */
bool globals_is_g(const struct golang_layout *layout, __u64 address, const unsigned char *v);
