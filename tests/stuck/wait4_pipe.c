/* expect: deadlock proven child threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* wait4_pipe.c - a parent waits for a child that reads a pipe which only the parent can close */
#include "../plant.h"

int main(void)
{
	int fds[2];
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
	plant_child_blocked(child, 1, SYS_read);
	plant_ready();
	waitpid(child, NULL, 0);
}
