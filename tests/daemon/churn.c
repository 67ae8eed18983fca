// SPDX-License-Identifier: GPL-2.0-only
/* churn.c - threads and processes come and go, as on a busy host, from ever new places
 *
 * About 2,000 threads and 50 processes a second. A process that is forked makes threads too: so
 * sites, stacks and groups of the daemon come and go. */
#include "../plant.h"

#define BATCH 20
#define PAUSE_MS 10

static void *works(void *arg)
{
	return arg;
}

static void batch(int n)
{
	pthread_t threads[BATCH];

	for (int i = 0; i < n; i++)
		threads[i] = plant_thread(works, NULL);
	for (int i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
}

/* How deep it is called makes the site. */
__attribute__((noinline)) static void deep(int depth)
{
	volatile char frame[32] = {};

	if (depth)
		deep(depth - 1);
	else
		batch(2);
	(void)frame[0];
}

int main(void)
{
	plant_init();
	plant_ready();
	for (unsigned int round = 0;; round++) {
		batch(BATCH);
		deep(round % 32);
		if (round % 2) {
			pid_t child = plant_fork();

			if (!child) {
				deep(round % 32);
				_exit(0);
			}
			waitpid(child, NULL, 0);
		}
		plant_ms(PAUSE_MS);
	}
}
