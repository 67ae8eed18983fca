/* expect: none signal */
// SPDX-License-Identifier: GPL-2.0-only
/* sigwait_main.c - a daemon whose main thread takes its signals by sigwait() (TRAPS 16) */
#include "../plant.h"

static void *worker(void *sem)
{
	sem_wait(sem);
	return NULL;
}

int main(void)
{
	sigset_t set;
	sem_t sem;
	int sig;

	plant_init();
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sem_init(&sem, 0, 0);
	plant_thread(worker, &sem);
	plant_blocked(1, SYS_futex);
	plant_ready();
	return sigwait(&set, &sig);
}
