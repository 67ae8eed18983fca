/* stack: in=pthread_mutex_lock by=on_signal below=hold_the_lock,worker */
// SPDX-License-Identifier: GPL-2.0-only
/* handler.c - a handler on the thread's own stack waits for the lock that the code below it holds
 */
#include "block.h"

static void on_signal(int sig)
{
	(void)sig;
	stack_block();
}

NOINLINE static void hold_the_lock(void)
{
	pthread_mutex_lock(&stack_mutex);
	pthread_kill(pthread_self(), SIGUSR1);
	pthread_mutex_unlock(&stack_mutex);
}

static void *worker(void *arg)
{
	struct sigaction act = { .sa_handler = on_signal };

	if (sigaction(SIGUSR1, &act, NULL))
		plant_fail("sigaction");
	hold_the_lock();
	return arg;
}

int main(void)
{
	stack_main(worker, NULL);
}
