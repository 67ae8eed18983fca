// SPDX-License-Identifier: GPL-2.0-only
/* self.c - what the daemon itself costs. */
#include "daemon/self.h"

#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/duration.h"
#include "base/resident.h"

static __u64 ended_ns(void)
{
	struct rusage r = {};

	getrusage(RUSAGE_CHILDREN, &r);
	return (r.ru_utime.tv_sec + r.ru_stime.tv_sec) * DURATION_SECOND +
	       (r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1000ull;
}

/* Time that one who was killed had used is not seen until it is gone: a counter does not go back
 * for that. */
void self_measure(pid_t child, struct health *ret)
{
	__u64 ns = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + ended_ns();
	clockid_t clock;

	ret->resident = resident_bytes(getpid());
	if (child > 0 && !clock_getcpuclockid(child, &clock)) {
		ns += clock_ns(clock);
		ret->resident += resident_bytes(child);
	}
	if (ns > ret->cpu_ns)
		ret->cpu_ns = ns;
}
