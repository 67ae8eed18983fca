/* stack: stop=no_unwind_information gdb=prefix */
// SPDX-License-Identifier: GPL-2.0-only
/* musl_mutex.c - a thread that locks a normal mutex twice, with musl
 */
#include "block.h"

NOINLINE static void take_both(pthread_mutex_t *mutex)
{
	pthread_mutex_lock(mutex);
	pthread_mutex_lock(mutex);
	KEEP_FRAME();
}

static void *worker(void *arg)
{
	take_both(&stack_mutex);
	return arg;
}

int main(void)
{
	stack_main(worker, NULL);
}
