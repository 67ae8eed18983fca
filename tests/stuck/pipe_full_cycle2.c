/* expect: deadlock proven pipe threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* pipe_full_cycle2.c - the classic of popen2(): both sides write into full pipes, nobody reads */
#include "../plant.h"

static pid_t talker(int in, int out, int other_in, int other_out)
{
	static char block[1 << 16];
	pid_t pid = plant_fork();

	if (pid)
		return pid;
	close(other_in);
	close(other_out);
	while (write(out, block, sizeof(block)) > 0)
		;
	_exit(read(in, block, 1) > 0);
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
	plant_child_blocked(a, 1, SYS_write);
	plant_child_blocked(b, 1, SYS_write);
	plant_ready();
	plant_live();
}
