// SPDX-License-Identifier: GPL-2.0-only
/* crowd.c - N threads that sleep, in processes of at most 5,000; says "ready" when all are there
 *
 * usage: crowd N */
#include <sys/resource.h>

#include "../plant.h"

#define PER_PROCESS 5000
#define STACK 16384

static sem_t never;

static void *waits(void *arg)
{
	while (sem_wait(&never))
		;
	return arg;
}

/* The thread that calls it counts. */
static void fill(long n)
{
	pthread_attr_t small;
	pthread_t thread;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK);
	while (--n > 0) {
		errno = pthread_create(&thread, &small, waits, NULL);
		if (errno)
			plant_skip("pthread_create");
	}
}

static void await(int fd)
{
	char c;

	if (read(fd, &c, 1) != 1)
		plant_skip("a child could not make its threads");
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : PER_PROCESS;
	int pipes[2], children = 0;

	plant_init();
	if (pipe2(pipes, O_CLOEXEC))
		plant_fail("pipe2");
	for (; n > PER_PROCESS; n -= PER_PROCESS, children++) {
		if (plant_fork())
			continue;
		close(pipes[0]);
		fill(PER_PROCESS);
		if (write(pipes[1], "", 1) != 1)
			plant_fail("write");
		plant_live();
	}
	close(pipes[1]);
	fill(n);
	while (children--)
		await(pipes[0]);
	plant_ready();
	plant_live();
}
