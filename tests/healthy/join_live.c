/* expect: none join */
// SPDX-License-Identifier: GPL-2.0-only
/* join_live.c - main joins a worker that lives as long as the process (TRAPS 15) */
#include "../plant.h"

static void *worker(void *arg)
{
	(void)arg;
	plant_doze();
}

int main(void)
{
	pthread_t thread;

	plant_init();
	thread = plant_thread(worker, NULL);
	plant_ready();
	pthread_join(thread, NULL);
}
