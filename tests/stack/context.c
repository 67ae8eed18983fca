/* stack: in=pthread_mutex_lock by=coroutine stop=libc gdb=prefix */
// SPDX-License-Identifier: GPL-2.0-only
/* context.c - a coroutine on a stack of its own (makecontext, swapcontext)
 *
 * The trace ends where the coroutine does: whoever switched to it did not call it.
 */
#include "block.h"

#include <ucontext.h>

static ucontext_t outside, inside;
static char stack[65536];

static void coroutine(void)
{
	stack_block();
}

static void *worker(void *arg)
{
	if (getcontext(&inside) < 0)
		plant_fail("getcontext");
	inside.uc_stack.ss_sp = stack;
	inside.uc_stack.ss_size = sizeof(stack);
	inside.uc_link = &outside;
	makecontext(&inside, coroutine, 0);
	swapcontext(&outside, &inside);
	return arg;
}

int main(void)
{
	stack_main(worker, NULL);
}
