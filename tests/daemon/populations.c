// SPDX-License-Identifier: GPL-2.0-only
/* populations.c - healthy populations of threads, which look a little like a leak
 *
 * usage: populations breathes|at_once|one_condition|connections|replaced */
#include <sys/socket.h>

#include "../plant.h"

#define EVERY_MS 100
#define POOL 40

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;
static sem_t leave;

static void *dozes(void *arg)
{
	(void)arg;
	plant_doze();
}

static void *until_sent_away(void *arg)
{
	while (sem_wait(&leave))
		;
	return arg;
}

static void *waits_for_work(void *arg)
{
	pthread_mutex_lock(&lock);
	for (;;)
		pthread_cond_wait(&work, &lock);
	return arg;
}

static void *serves(void *arg)
{
	int *pair = arg;
	char c;

	while (read(pair[0], &c, 1) == 1)
		;
	return NULL;
}

/* Up for two seconds, down at once. */
static void breathes(void)
{
	for (;;) {
		for (int i = 0; i < POOL / 2; i++) {
			pthread_detach(plant_thread(until_sent_away, NULL));
			plant_ms(EVERY_MS);
		}
		for (int i = 0; i < POOL / 2; i++)
			sem_post(&leave);
	}
}

static void at_once(void)
{
	for (int i = 0; i < POOL; i++)
		plant_thread(dozes, NULL);
	plant_live();
}

static void one_condition(void)
{
	for (;;) {
		plant_thread(waits_for_work, NULL);
		plant_ms(EVERY_MS);
	}
}

static void connections(void)
{
	for (;;) {
		int *pair = calloc(2, sizeof(*pair));

		if (!pair || socketpair(AF_UNIX, SOCK_STREAM, 0, pair))
			plant_live();
		plant_thread(serves, pair);
		plant_ms(EVERY_MS);
	}
}

__attribute__((noinline)) static void make_old(void)
{
	pthread_detach(plant_thread(until_sent_away, NULL));
}

__attribute__((noinline)) static void make_new(void)
{
	plant_thread(dozes, NULL);
}

/* The place of the new ones grows, the process does not. */
static void replaced(void)
{
	for (int i = 0; i < 5 * POOL; i++)
		make_old();
	for (int i = 0; i < 5 * POOL; i++) {
		plant_ms(EVERY_MS);
		make_new();
		sem_post(&leave);
	}
	plant_live();
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*live)(void);
	} all[] = {
		{ "breathes", breathes },	    { "at_once", at_once },
		{ "one_condition", one_condition }, { "connections", connections },
		{ "replaced", replaced },
	};

	plant_init();
	sem_init(&leave, 0, 0);
	plant_ready();
	for (size_t i = 0; argc > 1 && i < sizeof(all) / sizeof(all[0]); i++)
		if (!strcmp(argv[1], all[i].name))
			all[i].live();
	plant_fail("no such population");
}
