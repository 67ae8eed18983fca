/* expect: none pipe */
// SPDX-License-Identifier: GPL-2.0-only
/* pipeline.c - the reader of a pipeline whose writer is alive and has nothing to say */
#include "../plant.h"

int main(void)
{
	pid_t reader, writer;
	int fds[2];
	char c;

	plant_init();
	if (pipe(fds) < 0)
		plant_fail("pipe");
	reader = plant_fork();
	if (!reader) {
		close(fds[1]);
		_exit(read(fds[0], &c, 1) > 0);
	}
	writer = plant_fork();
	if (!writer) {
		close(fds[0]);
		plant_doze();
	}
	close(fds[0]);
	close(fds[1]);
	plant_child_blocked(reader, 1, SYS_read);
	plant_ready();
	plant_live();
}
