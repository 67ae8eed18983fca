/* expect: none semaphore */
// SPDX-License-Identifier: GPL-2.0-only
/* sem_behind_handler.c - a worker waits for jobs, which its master posts when a signal wakes it
 *
 * The master alone is a suspect, for its handler posts; the worker is not stuck any surer.
 */
#include "../plant.h"

struct shared {
	sem_t jobs;
};

static sem_t told;

static void on_term(int sig)
{
	(void)sig;
	sem_post(&told);
}

int main(void)
{
	struct sigaction act = { .sa_handler = on_term, .sa_flags = SA_RESTART };
	struct shared *shared;
	pid_t worker;

	plant_init();
	shared = plant_shared(sizeof(*shared));
	sem_init(&shared->jobs, 1, 0);
	sem_init(&told, 0, 0);
	worker = plant_fork();
	if (!worker)
		return sem_wait(&shared->jobs);
	sigaction(SIGTERM, &act, NULL);
	plant_child_blocked(worker, 1, SYS_futex);
	plant_ready();
	while (sem_wait(&told) < 0)
		;
	sem_post(&shared->jobs);
}
