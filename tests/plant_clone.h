// SPDX-License-Identifier: GPL-2.0-only
/* plant_clone.h - processes that clone(2) makes, which the C library knows nothing of
 */
#ifndef NOWAKE_PLANT_CLONE_H
#define NOWAKE_PLANT_CLONE_H

#include "plant.h"

/* Once. The child runs fn(NULL), and has in common with its maker what `flags` say. */
static inline void plant_clone(int (*fn)(void *arg), int flags)
{
	static char stack[1 << 16] __attribute__((aligned(16)));

	if (clone(fn, stack + sizeof(stack), flags | SIGCHLD, NULL) < 0)
		plant_skip("clone");
}

static inline void *plant_await_main(void *arg)
{
	(void)arg;
	plant_child_blocked(getpid(), 1, SYS_futex);
	plant_ready();
	plant_live();
}

/* Says "ready" when main, which calls this before it locks, is blocked. */
static inline void plant_ready_later(void)
{
	plant_thread(plant_await_main, NULL);
}

#endif
