/* expect: none - */
// SPDX-License-Identifier: GPL-2.0-only
/* timed_loop.c - a keep-alive: nothing but timed waits, again and again (TRAPS 11) */
#include "../plant.h"

static sem_t sem;

static void *keep_alive(void *arg)
{
	struct timespec soon;

	do {
		clock_gettime(CLOCK_REALTIME, &soon);
		soon.tv_nsec += 100000000;
		if (soon.tv_nsec >= 1000000000) {
			soon.tv_nsec -= 1000000000;
			soon.tv_sec++;
		}
	} while (sem_timedwait(&sem, &soon) < 0);
	return arg;
}

int main(void)
{
	plant_init();
	sem_init(&sem, 0, 0);
	plant_thread(keep_alive, NULL);
	plant_blocked(1, SYS_futex);
	plant_ready();
	keep_alive(NULL);
}
