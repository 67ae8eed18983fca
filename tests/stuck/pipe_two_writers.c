/* expect: deadlock proven mutex threads=1 */
// SPDX-License-Identifier: GPL-2.0-only
/* pipe_two_writers.c - two may write to a pipe: one never will, the other when a signal comes
 *
 * The first has locked a mutex twice, and that is found; whoever reads may still be written to.
 */
#include "../plant.h"

static sem_t told;

static void on_term(int sig)
{
	(void)sig;
	sem_post(&told);
}

static pid_t deadlocked(int other)
{
	pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	pid_t pid = plant_fork();

	if (pid)
		return pid;
	close(other);
	pthread_mutex_lock(&mutex);
	pthread_mutex_lock(&mutex);
	plant_fail("the mutex was locked twice");
}

static pid_t waits_for_signal(int end, int other)
{
	struct sigaction act = { .sa_handler = on_term, .sa_flags = SA_RESTART };
	pid_t pid = plant_fork();

	if (pid)
		return pid;
	close(other);
	sem_init(&told, 0, 0);
	sigaction(SIGTERM, &act, NULL);
	while (sem_wait(&told) < 0)
		;
	_exit(write(end, "x", 1) != 1);
}

int main(void)
{
	pid_t writers[2];
	int ends[2];
	char c;

	plant_init();
	if (pipe(ends) < 0)
		plant_fail("pipe");
	writers[0] = deadlocked(ends[0]);
	writers[1] = waits_for_signal(ends[1], ends[0]);
	close(ends[1]);
	plant_child_blocked(writers[0], 1, SYS_futex);
	plant_child_blocked(writers[1], 1, SYS_futex);
	plant_ready();
	return read(ends[0], &c, 1) != 1;
}
