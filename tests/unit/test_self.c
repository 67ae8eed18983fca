// SPDX-License-Identifier: GPL-2.0-only
/* test_self.c - what the daemon costs, with its symbolizer. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/self.h"

#define BUSY_US 200000

/* One that was killed and is not gone yet is not asked any more. */
Test(self, cpu_time_does_not_go_back)
{
	struct health health = {};
	pid_t pid = fork();
	__u64 before;

	if (!pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			;
	}
	usleep(BUSY_US);
	self_measure(0, &health);
	before = health.cpu_ns;
	self_measure(pid, &health);
	cr_expect_gt(health.cpu_ns, before + BUSY_US * 1000ull / 10);
	before = health.cpu_ns;
	self_measure(0, &health);
	cr_expect_geq(health.cpu_ns, before);
	kill(pid, SIGKILL);
	cr_assert_eq(waitpid(pid, NULL, 0), pid);
	self_measure(0, &health);
	cr_expect_geq(health.cpu_ns, before);
}
