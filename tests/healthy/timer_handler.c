/* expect: none semaphore */
// SPDX-License-Identifier: GPL-2.0-only
/* timer_handler.c - a POSIX timer's handler posts the semaphore that the only thread waits for */
#include "../plant.h"

static sem_t tick;

static void on_timer(int sig)
{
	(void)sig;
	sem_post(&tick);
}

int main(void)
{
	struct sigaction act = { .sa_handler = on_timer, .sa_flags = SA_RESTART };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN };
	struct itimerspec hour = { .it_value.tv_sec = 3600, .it_interval.tv_sec = 3600 };
	timer_t timer;

	plant_init();
	sem_init(&tick, 0, 0);
	sigaction(SIGRTMIN, &act, NULL);
	if (timer_create(CLOCK_MONOTONIC, &event, &timer) < 0 ||
	    timer_settime(timer, 0, &hour, NULL) < 0)
		plant_skip("no POSIX timers");
	plant_ready();
	while (!sem_wait(&tick) || errno == EINTR)
		;
}
