/* SPDX-License-Identifier: GPL-2.0-only */
/* allgs.h - the list of all goroutines: addresses of their g's, dead ones included. */
#pragma once

#include "golang/program.h"

/* How many there are. 0, -EFAULT: the list is not there; -EINVAL: it is none. */
int allgs_count(const struct program *p, __u64 *ret);
/* Those with the numbers first to first + n; *ret_n of them are there. 0, -EAGAIN: the list moved
 * each time it was read; or as allgs_count(). */
int allgs_read(const struct program *p, __u64 first, size_t n, __u64 *ret, size_t *ret_n);
