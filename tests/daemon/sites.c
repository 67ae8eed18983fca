// SPDX-License-Identifier: GPL-2.0-only
/* sites.c - makes threads at N places, which differ in how deep the stack is there
 *
 * usage: sites N */
#include <alloca.h>

#include "../plant.h"

static void *ends(void *arg)
{
	return arg;
}

static void __attribute__((noinline)) make_one(size_t depth)
{
	volatile char *room = alloca(depth);

	room[0] = 0;
	pthread_join(plant_thread(ends, NULL), NULL);
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 10;

	plant_init();
	for (long i = 1; i <= n; i++)
		make_one(64 * (size_t)i);
	plant_ready();
	plant_live();
}
