// SPDX-License-Identifier: GPL-2.0-only
/* storm.c - makes and joins threads as fast as it can, for a while
 *
 * usage: storm SECONDS
 * Says "ready", storms, says how many there were, and keeps KEPT threads that sleep: what the
 * daemon counts then must be what /proc says. */
#include "../plant.h"

#define MAKERS 2
#define BATCH 32
#define STACK 16384 /* small ones are kept by the C library, and used again */
#define KEPT 7

static _Atomic long made;
static _Atomic int over;

static void *nothing(void *arg)
{
	return arg;
}

static void *sleeper(void *arg)
{
	(void)arg;
	plant_live();
}

static void *make(void *arg)
{
	pthread_t batch[BATCH];
	pthread_attr_t small;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK);
	while (!atomic_load(&over)) {
		for (int i = 0; i < BATCH; i++)
			if (pthread_create(&batch[i], &small, nothing, NULL))
				plant_fail("pthread_create");
		for (int i = 0; i < BATCH; i++)
			pthread_join(batch[i], NULL);
		atomic_fetch_add(&made, BATCH);
	}
	return arg;
}

int main(int argc, char **argv)
{
	long seconds = argc > 1 ? atol(argv[1]) : 10;
	pthread_t makers[MAKERS];

	plant_init();
	plant_ready();
	for (int i = 0; i < MAKERS; i++)
		makers[i] = plant_thread(make, NULL);
	plant_ms(seconds * 1000);
	atomic_store(&over, 1);
	for (int i = 0; i < MAKERS; i++)
		pthread_join(makers[i], NULL);
	for (int i = 0; i < KEPT; i++)
		plant_thread(sleeper, NULL);
	printf("made %ld\n", atomic_load(&made));
	fflush(stdout);
	plant_live();
}
