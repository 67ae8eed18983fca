/* expect: none pipe */
// SPDX-License-Identifier: GPL-2.0-only
/* stdin_pipe.c - a single thread reads its standard input, a pipe that a live parent holds */
#include "../plant.h"

int main(void)
{
	int fds[2];
	pid_t child;

	plant_init();
	if (pipe(fds) < 0)
		plant_fail("pipe");
	child = plant_fork();
	if (!child) {
		close(fds[1]);
		dup2(fds[0], STDIN_FILENO);
		close(fds[0]);
		_exit(getchar() != EOF);
	}
	plant_child_blocked(child, 1, SYS_read);
	plant_ready();
	plant_live();
}
