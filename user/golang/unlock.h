/* SPDX-License-Identifier: GPL-2.0-only */
/* unlock.h - which locks a goroutine that waits is to unlock when its calls return.
 *
 * Go's mutexes record no owner. But most are unlocked by `defer lock.Unlock()`, and a call that was
 * deferred and has not run yet is on the stack of who deferred it: in slots of its frame, with a
 * bit for each that is pending (open-coded defers, runtime/panic.go), or in a record of g's list.
 * The compiler makes a function of its own for it, which only unlocks what it was given. */
#pragma once

#include "golang/goroutine.h"

#define UNLOCK_MAX 32 /* of one goroutine */

/* A semaphore on which others wait until it unlocks: a Mutex has one, an RWMutex three. */
struct unlock {
	__u64 semaphore;
	__u32 most;    /* so many can have locked it */
	bool doubtful; /* it may have unlocked it for a while, or not yet have locked it */
};

struct unlock_reader;

/* program and its modules' tables must outlive it. NULL: no memory. */
struct unlock_reader *unlock_new(const struct program *p);
void unlock_free(struct unlock_reader *u);
/* Whether there was too much code to read: then all is doubtful. */
bool unlock_is_spent(const struct unlock_reader *u);

/* Those of locks that are locked now, up to UNLOCK_MAX. That it is the one that has locked them is
 * likely, and not certain. False: its calls are not known, for it runs, or has moved since it was
 * listed, or has more of them than are looked at. */
bool unlock_find(struct unlock_reader *u, const struct goroutine *g, struct unlock ret[UNLOCK_MAX],
		 size_t *ret_n);
