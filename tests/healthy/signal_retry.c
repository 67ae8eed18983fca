/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* signal_retry.c - a profiler's signal interrupts a waiter ten times a second (TRAPS 8, 9) */
#include "../plant.h"

static _Atomic uint32_t word = 2;

static void on_signal(int sig)
{
	(void)sig;
}

static void *waiter(void *arg)
{
	while (word)
		plant_futex(&word, FUTEX_WAIT_PRIVATE, 2, NULL, NULL, 0);
	return arg;
}

int main(void)
{
	struct sigaction act = { .sa_handler = on_signal }; /* no SA_RESTART: EINTR */
	pthread_t thread;

	plant_init();
	sigaction(SIGUSR1, &act, NULL);
	thread = plant_thread(waiter, NULL);
	plant_blocked(1, SYS_futex);
	plant_ready();
	for (;;) {
		plant_ms(100);
		pthread_kill(thread, SIGUSR1);
	}
}
