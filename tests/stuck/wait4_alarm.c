/* expect: deadlock likely child threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* wait4_alarm.c - a child reads a pipe that only its parent can close; an alarm will kill it
 *
 * So the parent, which waits for the child's end, does not wait for ever.
 */
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
		alarm(PLANT_LIFETIME);
		close(fds[1]);
		_exit(read(fds[0], &c, 1) > 0);
	}
	close(fds[0]);
	plant_child_blocked(child, 1, SYS_read);
	plant_ready();
	return waitpid(child, NULL, 0) != child;
}
