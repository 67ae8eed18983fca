// SPDX-License-Identifier: GPL-2.0-only
/* leak_threads.c - a thread for every session that is opened, and none ever ends
 *
 * Only a daemon can find that: each thread wakes now and then, and none waits for long. */
#include "../plant.h"

#define EVERY_MS 100

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

int main(void)
{
	plant_init();
	plant_ready();
	for (;;) {
		open_session();
		plant_ms(EVERY_MS);
	}
}
