/* SPDX-License-Identifier: GPL-2.0-only */
/* parked.h - on which semaphore or Cond a goroutine waits, before Go 1.26 noted it in g.waiting.
 *
 * The sudog of a semaphore is at hand to the function that waits for it (sema.go, semacquire1), and
 * a Cond to its Wait: so a pointer to it is on top of the goroutine's stack. What is found there is
 * proven: the sudog names the goroutine, and the Cond's list has a sudog that does. */
#pragma once

#include "golang/goroutine.h"

/* Gives each of them (n <= TARGET_PIECES_MAX, they wait for semaphores or Conds) its sudog and its
 * object, when they can be found. 0 or -ENOMEM. */
int parked_find(const struct program *p, struct goroutine *const *g, size_t n);
