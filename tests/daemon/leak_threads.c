// SPDX-License-Identifier: GPL-2.0-only
/* leak_threads.c - a thread for every session that is opened, and none ever ends
 *
 * Only a daemon can find that: each thread wakes now and then, and none waits for long. */
#include "../plant.h"

#define EVERY_MS 100 /* or as the argument says */

static void *session(void *arg)
{
	(void)arg;
	plant_doze();
}

__attribute__((noinline)) static void open_session(void)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, session, NULL);
	if (errno)
		plant_fail("pthread_create");
}

int main(int argc, char **argv)
{
	const int every = argc > 1 ? atoi(argv[1]) : EVERY_MS;

	plant_init();
	plant_ready();
	for (;;) {
		open_session();
		plant_ms(every);
	}
}
