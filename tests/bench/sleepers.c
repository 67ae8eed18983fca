// SPDX-License-Identifier: GPL-2.0-only
/* sleepers.c - N threads that sleep on futexes: the crowd of the benchmark.
 *
 * Usage: sleepers N. Prints "ready" when all sleep; ends with its parent. Threads are
 * spread over processes of at most 10,000, and half of them wait on a mutex that the
 * first thread holds, half on a condition variable, as in a host of idle pools. */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

#define PER_PROCESS 10000

static pthread_mutex_t held = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t work = PTHREAD_COND_INITIALIZER;

static void *wait_for_lock(void *arg)
{
	pthread_mutex_lock(&held);
	return arg;
}

static void *wait_for_work(void *arg)
{
	pthread_mutex_lock(&lock);
	for (;;)
		pthread_cond_wait(&work, &lock);
	return arg;
}

static int crowd(long n)
{
	pthread_attr_t small;
	pthread_t thread;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 16384);
	pthread_mutex_lock(&held);
	for (long i = 0; i < n - 1; i++) {
		if (pthread_create(&thread, &small, i & 1 ? wait_for_lock : wait_for_work, NULL)) {
			perror("sleepers: pthread_create");
			return 1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	long n = argc > 1 ? atol(argv[1]) : 0;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (; n > PER_PROCESS; n -= PER_PROCESS) {
		if (fork())
			continue;
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		n = PER_PROCESS;
		break;
	}
	if (crowd(n))
		return 1;
	sleep(1);
	puts("ready");
	fflush(stdout);
	for (;;)
		pause();
}
