/* expect: none semaphore */
// SPDX-License-Identifier: GPL-2.0-only
/* sem_ignored.c - a worker waits for jobs of a master of which nobody wants to hear (--ignore)
 *
 * An alarm of the master runs a handler, and then the master goes on: that counts all the same.
 */
#include "../plant.h"

static sem_t told;

static void on_alarm(int sig)
{
	(void)sig;
	sem_post(&told);
}

int main(void)
{
	struct sigaction act = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	sem_t *jobs;
	pid_t worker;

	plant_init();
	jobs = plant_shared(sizeof(*jobs));
	sem_init(jobs, 1, 0);
	sem_init(&told, 0, 0);
	worker = plant_fork();
	if (!worker)
		return sem_wait(jobs);
	prctl(PR_SET_NAME, "plant_ignored"); /* live_run.c ignores that name */
	sigaction(SIGALRM, &act, NULL);
	alarm(PLANT_LIFETIME);
	plant_child_blocked(worker, 1, SYS_futex);
	plant_ready();
	while (sem_wait(&told) < 0)
		;
	sem_post(jobs);
}
