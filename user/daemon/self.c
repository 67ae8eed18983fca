// SPDX-License-Identifier: GPL-2.0-only
/* self.c - what the daemon itself costs. */
#include "daemon/self.h"

#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/duration.h"

static __u64 clock_ns(clockid_t clock)
{
	struct timespec t = {};

	clock_gettime(clock, &t);
	return (__u64)t.tv_sec * DURATION_SECOND + t.tv_nsec;
}

static __u64 ended_ns(void)
{
	struct rusage r = {};

	getrusage(RUSAGE_CHILDREN, &r);
	return (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * DURATION_SECOND +
	       (r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1000ull;
}

static __u64 resident(pid_t pid)
{
	_cleanup_fclose_ FILE *f = NULL;
	unsigned long long pages;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	f = fopen(path, "re");
	return f && fscanf(f, "%*u %llu", &pages) == 1 ? pages * sysconf(_SC_PAGESIZE) : 0;
}

void self_measure(pid_t child, struct health *ret)
{
	clockid_t clock;

	ret->cpu_ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + ended_ns();
	ret->resident = resident(getpid());
	if (child <= 0 || clock_getcpuclockid(child, &clock))
		return;
	ret->cpu_ns += clock_ns(clock);
	ret->resident += resident(child);
}
