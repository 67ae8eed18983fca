/* expect: deadlock proven child threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* pidfd_cycle.c - a parent waits through a pidfd for a child that reads what only it could write */
#include "../plant.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif

int main(void)
{
	int fds[2], pidfd;
	siginfo_t info;
	pid_t child;
	char c;

	plant_init();
	if (pipe(fds) < 0)
		plant_fail("pipe");
	child = plant_fork();
	if (!child) {
		close(fds[1]);
		_exit(read(fds[0], &c, 1) > 0);
	}
	close(fds[0]);
	pidfd = syscall(SYS_pidfd_open, child, 0);
	if (pidfd < 0)
		plant_skip("pidfd_open");
	plant_child_blocked(child, 1, SYS_read);
	plant_ready();
	waitid((idtype_t)P_PIDFD, pidfd, &info, WEXITED);
}
