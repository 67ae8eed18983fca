/* expect: none pipe,join */
// SPDX-License-Identifier: GPL-2.0-only
/* signals_joined.c - a thread waits for what handlers write into a pipe, and main for its end */
#include "../plant.h"

static int pipe_of_signals[2];

static void on_term(int sig)
{
	char byte = (char)sig;

	if (write(pipe_of_signals[1], &byte, 1) != 1)
		abort();
}

static void *wait_for_signals(void *arg)
{
	char byte;

	while (read(pipe_of_signals[0], &byte, 1) < 0)
		;
	return arg;
}

int main(void)
{
	struct sigaction act = { .sa_handler = on_term, .sa_flags = SA_RESTART };
	pthread_t waiter;

	plant_init();
	if (pipe(pipe_of_signals) < 0)
		plant_fail("pipe");
	sigaction(SIGTERM, &act, NULL);
	waiter = plant_thread(wait_for_signals, NULL);
	plant_ready();
	pthread_join(waiter, NULL);
}
