/* stack: stop=no_unwind_information gdb=prefix */
// SPDX-License-Identifier: GPL-2.0-only
/* musl_condition.c - a condition variable that nobody signals, with musl
 */
#include "block.h"

static pthread_cond_t condition = PTHREAD_COND_INITIALIZER;

NOINLINE static void wait_for_news(void)
{
	pthread_mutex_lock(&stack_mutex);
	for (;;)
		pthread_cond_wait(&condition, &stack_mutex);
}

static void *worker(void *arg)
{
	wait_for_news();
	return arg;
}

int main(void)
{
	stack_main(worker, NULL);
}
