/* SPDX-License-Identifier: GPL-2.0-only */
/* unlock.h - which locks a goroutine that waits is to unlock when its calls return.
 *
 * Go's mutexes record no owner. But most are unlocked by `defer lock.Unlock()`, and a call that was
 * deferred and has not run yet is on the stack of who deferred it: in slots of its frame, with a bit for
 * each that is pending (open-coded defers, runtime/panic.go), or in a record of g's list. The compiler
 * makes a function of its own for it, which does nothing but unlock what it was given. */
#pragma once

#include "golang/goroutine.h"

#define UNLOCK_MAX 32 /* of one goroutine */

struct unlock_reader;

/* program.table must be set, and outlive it. wrapper: as pclntab_wrapper() says. NULL: no memory. */
struct unlock_reader *unlock_new(const struct program *p, int wrapper);
void unlock_free(struct unlock_reader *u);

/* The semaphores on which others wait for that: a Mutex has one, an RWMutex three. How many there are,
 * up to UNLOCK_MAX: of locks that are locked now, which nothing on its stack seems to have unlocked for
 * a while, and which it does not wait for itself where it deferred that. That it is the one that has
 * locked them is likely, and not certain. None of one that is not parked. */
size_t unlock_find(struct unlock_reader *u, const struct goroutine *g, __u64 ret[UNLOCK_MAX]);
