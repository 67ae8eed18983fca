// SPDX-License-Identifier: GPL-2.0-only
/* plant.h - what all planted programs of tests/stuck and tests/healthy share
 *
 * A planted program calls plant_init(), brings every thread to the place where it shall block,
 * proves that by /proc (plant_blocked, plant_child_blocked) and says "ready"; tests/live.c
 * reads that word, and the expectation in the first line of the program's source.
 * No program outlives its runner: a death signal and an alarm end it, and all it forked. The
 * alarm is the runner's own where it says so (PLANT_LIFETIME=0): who waits for a process that an
 * alarm will end does not wait for ever, and nowake knows that.
 */
#ifndef NOWAKE_PLANT_H
#define NOWAKE_PLANT_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PLANT_SKIP_STATUS 77
#define PLANT_LIFETIME 900 /* seconds until the safety net ends a forgotten program */

/* Any system call will do. */
#define PLANT_ANY (-1L)

/* Flags of plant_mutex(). */
#define PLANT_PI 1
#define PLANT_ROBUST 2
#define PLANT_SHARED 4

__attribute__((noreturn, format(printf, 1, 2))) static inline void plant_fail(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fprintf(stderr, "%s: ", program_invocation_short_name);
	vfprintf(stderr, fmt, ap);
	fprintf(stderr, " (%s)\n", strerror(errno));
	va_end(ap);
	_exit(1);
}

/* This kernel, or these privileges, cannot play the case. */
__attribute__((noreturn)) static inline void plant_skip(const char *why)
{
	printf("skip: %s (%s)\n", why, strerror(errno));
	fflush(stdout);
	_exit(PLANT_SKIP_STATUS);
}

/* Dies with its parent; a parent of 0 lies outside this pid namespace. */
static inline void plant_tether(pid_t parent)
{
	const char *lifetime = getenv("PLANT_LIFETIME");

	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		plant_fail("PR_SET_PDEATHSIG");
	if (getppid() != parent && getppid() != 0)
		_exit(1);
	alarm(lifetime ? atoi(lifetime) : PLANT_LIFETIME); /* 0: none */
}

static inline void plant_init(void)
{
	const char *runner = getenv("PLANT_RUNNER");

	plant_tether(runner ? atoi(runner) : getppid());
}

static inline pid_t plant_fork(void)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid < 0)
		plant_fail("fork");
	if (!pid)
		plant_tether(parent);
	return pid;
}

static inline void plant_ready(void)
{
	puts("ready");
	fflush(stdout);
}

/* A thread that the outside world can wake at any time. */
__attribute__((noreturn)) static inline void plant_live(void)
{
	for (;;)
		pause();
}

static inline void plant_ms(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

/* A thread that is live too, but by a timer, and seldom runs. */
__attribute__((noreturn)) static inline void plant_doze(void)
{
	for (;;)
		plant_ms(500);
}

static inline pthread_t plant_thread(void *(*fn)(void *), void *arg)
{
	pthread_t thread;

	errno = pthread_create(&thread, NULL, fn, arg);
	if (errno)
		plant_fail("pthread_create");
	return thread;
}

static inline long plant_futex(void *word, int op, uint32_t val, const void *timeout_or_val2,
			       void *word2, uint32_t val3)
{
	return syscall(SYS_futex, word, op, val, timeout_or_val2, word2, val3);
}

/* Memory that a forked child keeps sharing; zeroed. */
static inline void *plant_shared(size_t size)
{
	void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (mem == MAP_FAILED)
		plant_fail("mmap");
	return mem;
}

static inline void plant_mutex(pthread_mutex_t *mutex, int type, int flags)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_settype(&attr, type);
	if (flags & PLANT_PI)
		pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	if (flags & PLANT_ROBUST)
		pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	if (flags & PLANT_SHARED)
		pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
	errno = pthread_mutex_init(mutex, &attr);
	if (errno)
		plant_skip("pthread_mutex_init");
}

/* A path of this program's own, in the runner's directory, which the runner removes. */
static inline const char *plant_path(const char *name)
{
	static char path[100]; /* fits into a sockaddr_un */
	const char *dir = getenv("PLANT_TMP");

	snprintf(path, sizeof(path), "%s/%s.%d.%s", dir ? dir : "/tmp",
		 program_invocation_short_name, (int)getpid(), name);
	return path;
}

/* All of them meet without any system call that could be mistaken for the final wait. */
static inline void plant_meet(_Atomic int *here, int n)
{
	atomic_fetch_add(here, 1);
	while (atomic_load(here) < n)
		sched_yield();
}

#include "plant_proc.h"

#endif
