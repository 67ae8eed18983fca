/* expect: deadlock proven join threads=3 */
// SPDX-License-Identifier: GPL-2.0-only
/* join_ring3.c - three threads join each other in a ring; glibc refuses rings of one and two */
#include "../plant.h"

static pthread_t threads[3];
static _Atomic int go;

static void *join_next(void *arg)
{
	while (!go)
		sched_yield();
	pthread_join(*(pthread_t *)arg, NULL);
	return NULL;
}

int main(void)
{
	plant_init();
	for (int i = 0; i < 3; i++)
		threads[i] = plant_thread(join_next, &threads[(i + 1) % 3]);
	go = 1;
	plant_blocked(3, SYS_futex);
	plant_ready();
	plant_live();
}
