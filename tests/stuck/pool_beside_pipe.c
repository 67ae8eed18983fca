/* expect: deadlock likely child threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* pool_beside_pipe.c - a parent waits for a child whose output it does not read; beside, a pool
 *
 * The child catches SIGTERM, as an interpreter does SIGINT: its idle worker is a suspect. The ring
 * is not hidden for that.
 */
#include "../plant.h"

static sem_t jobs;

static void on_term(int sig)
{
	(void)sig;
	sem_post(&jobs);
}

static void *worker(void *arg)
{
	while (sem_wait(&jobs) < 0)
		;
	return arg;
}

static void child_writes(int out)
{
	struct sigaction act = { .sa_handler = on_term, .sa_flags = SA_RESTART };
	static char much[1 << 20];
	pthread_t thread;

	sem_init(&jobs, 0, 0);
	sigaction(SIGTERM, &act, NULL);
	thread = plant_thread(worker, NULL);
	_exit(write(out, much, sizeof(much)) < 0 || pthread_join(thread, NULL));
}

int main(void)
{
	int fds[2];
	pid_t child;

	plant_init();
	if (pipe(fds) < 0)
		plant_fail("pipe");
	child = plant_fork();
	if (!child) {
		close(fds[0]);
		child_writes(fds[1]);
	}
	close(fds[1]);
	plant_child_blocked(child, 1, SYS_write);
	plant_child_blocked(child, 1, SYS_futex);
	plant_ready();
	return waitpid(child, NULL, 0) != child;
}
