// SPDX-License-Identifier: GPL-2.0-only
/* interrupted.c - a deadlock of two mutexes, whose threads a signal handler wakes all the time
 *
 * usage: interrupted MILLISECONDS
 * No single wait of theirs is as long as a threshold; all of them together are one wait. */
#include "../plant.h"

static pthread_mutex_t a = PTHREAD_MUTEX_INITIALIZER, b = PTHREAD_MUTEX_INITIALIZER;
static _Atomic int here;

static void handle(int number)
{
	(void)number;
}

static void *a_then_b(void *arg)
{
	pthread_mutex_lock(&a);
	plant_meet(&here, 2);
	pthread_mutex_lock(&b);
	return arg;
}

static void *b_then_a(void *arg)
{
	pthread_mutex_lock(&b);
	plant_meet(&here, 2);
	pthread_mutex_lock(&a);
	return arg;
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = handle, .sa_flags = SA_RESTART };
	long every = argc > 1 ? atol(argv[1]) : 300;
	pthread_t threads[2];

	plant_init();
	sigaction(SIGUSR1, &action, NULL);
	threads[0] = plant_thread(a_then_b, NULL);
	threads[1] = plant_thread(b_then_a, NULL);
	plant_blocked(2, SYS_futex);
	plant_ready();
	for (;;) {
		plant_ms(every);
		pthread_kill(threads[0], SIGUSR1);
		pthread_kill(threads[1], SIGUSR1);
	}
}
