// SPDX-License-Identifier: GPL-2.0-only
/* signallers.c - a condition variable that is signalled like a clock, then no more
 *
 * usage: signallers dies|falls_silent|taken_over|one_of_two SECONDS
 * After SECONDS nobody signals any more. "dies": the only thread that did it has ended. The others
 * are healthy: it lives; a new thread has taken over; there were two, of which one lives. */
#include "../plant.h"

#define EVERY_MS 150

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static long rounds;

static void *consumes(void *arg)
{
	pthread_mutex_lock(&lock);
	for (;;)
		pthread_cond_wait(&work, &lock);
	return arg;
}

static void signal_for(long n, long every)
{
	while (n--) {
		plant_ms(every);
		pthread_cond_signal(&work);
	}
}

static void *signals_and_ends(void *arg)
{
	signal_for(rounds, arg ? 2 * EVERY_MS : EVERY_MS);
	return NULL;
}

static void *signals_and_lives(void *arg)
{
	signals_and_ends(arg);
	plant_doze();
}

static void *lives(void *arg)
{
	(void)arg;
	plant_doze();
}

int main(int argc, char **argv)
{
	const char *how = argc > 1 ? argv[1] : "";
	pthread_t first;

	plant_init();
	rounds = (argc > 2 ? atol(argv[2]) : 10) * 1000 / EVERY_MS;
	plant_thread(consumes, NULL);
	if (!strcmp(how, "falls_silent")) {
		first = plant_thread(signals_and_lives, NULL);
	} else if (!strcmp(how, "one_of_two")) {
		rounds /= 2;
		first = plant_thread(signals_and_ends, &rounds);
		plant_ms(EVERY_MS); /* by turns: a signal that finds nobody is no system call */
		plant_thread(signals_and_lives, &rounds);
	} else {
		first = plant_thread(signals_and_ends, NULL);
	}
	plant_ready();
	pthread_join(first, NULL);
	if (!strcmp(how, "taken_over"))
		plant_thread(lives, NULL);
	plant_live();
}
