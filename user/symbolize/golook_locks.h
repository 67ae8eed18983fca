/* SPDX-License-Identifier: GPL-2.0-only */
/* golook_locks.h - goroutines that wait for locks which nobody will unlock. */
#pragma once

#include "golang/goroutine.h"

struct golook;

/* Keeps a goroutine when it waits for a lock, until golook_locks_find(). 0 or -ENOMEM. */
int golook_locks_keep(struct golook *g, const struct goroutine *one);
/* Sets the holder of those kept that wait for one that never goes on; lets go of those that were
 * kept for that only, and have none. 0 or -ENOMEM. */
int golook_locks_find(struct golook *g);
