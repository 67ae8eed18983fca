/* stack: in=pthread_mutex_lock by=inner,middle,worker,start_thread others=stop */
/* cflags: -g0 -fno-asynchronous-unwind-tables -fno-unwind-tables -fno-exceptions -fno-omit-frame-pointer */
// SPDX-License-Identifier: GPL-2.0-only
/* no_cfi.c - code without unwind information, but with frame pointers
 *
 * The caller of main() has no frame pointer, but a number where one would be: the first thread's
 * trace may end there.
 */
#include "block.h"

NOINLINE static void inner(void)
{
	stack_block();
}

NOINLINE static void middle(void)
{
	inner();
	KEEP_FRAME();
}

static void *worker(void *arg)
{
	middle();
	KEEP_FRAME();
	return arg;
}

int main(void)
{
	stack_main(worker, NULL);
}
