// SPDX-License-Identifier: GPL-2.0-only
/* block.h - what the planted programs of tests/stack share: a wait that nothing ends
 *
 * stack_block() takes a mutex that nobody will unlock, and then waits for it, in the frame of
 * its caller: the call of pthread_mutex_lock() is the caller's own.
 * stack_main() starts one thread, and says "ready" once it sleeps.
 */
#ifndef NOWAKE_STACK_BLOCK_H
#define NOWAKE_STACK_BLOCK_H

#include "../plant.h"

/* A call that stays a call, and does not become a jump at its end. */
#define NOINLINE __attribute__((noinline, noclone))
#define KEEP_FRAME() __asm__ volatile("" ::: "memory")

__attribute__((unused)) static pthread_mutex_t stack_mutex = PTHREAD_MUTEX_INITIALIZER;

#define stack_block()                                                                              \
	do {                                                                                       \
		pthread_mutex_lock(&stack_mutex);                                                  \
		pthread_mutex_lock(&stack_mutex);                                                  \
		KEEP_FRAME();                                                                      \
	} while (0)

/* Runs `fn` in a thread that shall end in stack_block(), which never returns. */
__attribute__((noreturn, unused)) static inline void stack_main(void *(*fn)(void *), void *arg)
{
	plant_init();
	plant_thread(fn, arg);
	plant_blocked(1, SYS_futex);
	plant_ready();
	plant_live();
}

#endif
