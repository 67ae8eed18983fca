/* expect: deadlock any socket threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* socketpair_cycle2.c - two processes at the ends of a socket pair, each waits to be spoken to */
#include "../plant.h"

#include <sys/socket.h>

static pid_t listener(int mine, int other)
{
	pid_t pid = plant_fork();
	char c;

	if (pid)
		return pid;
	close(other);
	_exit(recv(mine, &c, 1, 0) > 0);
}

int main(void)
{
	int fds[2];
	pid_t a, b;

	plant_init();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		plant_fail("socketpair");
	a = listener(fds[0], fds[1]);
	b = listener(fds[1], fds[0]);
	close(fds[0]);
	close(fds[1]);
	plant_child_blocked(a, 1, SYS_recvfrom);
	plant_child_blocked(b, 1, SYS_recvfrom);
	plant_ready();
	plant_live();
}
