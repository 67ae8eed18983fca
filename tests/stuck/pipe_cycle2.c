/* expect: deadlock proven pipe threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* pipe_cycle2.c - two processes read from each other, and neither will write first */
#include "../plant.h"

static pid_t talker(int in, int out, int other_in, int other_out)
{
	pid_t pid = plant_fork();
	char c;

	if (pid)
		return pid;
	close(other_in);
	close(other_out);
	if (read(in, &c, 1) == 1 && write(out, &c, 1) == 1)
		plant_fail("somebody spoke");
	_exit(1);
}

int main(void)
{
	int ab[2], ba[2];
	pid_t a, b;

	plant_init();
	if (pipe(ab) < 0 || pipe(ba) < 0)
		plant_fail("pipe");
	a = talker(ba[0], ab[1], ab[0], ba[1]);
	b = talker(ab[0], ba[1], ba[0], ab[1]);
	for (int i = 0; i < 2; i++) {
		close(ab[i]);
		close(ba[i]);
	}
	plant_child_blocked(a, 1, SYS_read);
	plant_child_blocked(b, 1, SYS_read);
	plant_ready();
	plant_live();
}
