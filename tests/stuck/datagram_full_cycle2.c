/* expect: deadlock any socket threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* datagram_full_cycle2.c - two processes send each other datagrams, and neither receives any */
#include "../plant.h"

#include <sys/socket.h>

static pid_t sender(int mine, int other)
{
	pid_t pid = plant_fork();

	if (pid)
		return pid;
	close(other);
	while (send(mine, "x", 1, 0) == 1)
		;
	plant_fail("send");
}

int main(void)
{
	int fds[2];
	pid_t a, b;

	plant_init();
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, fds) < 0)
		plant_fail("socketpair");
	a = sender(fds[0], fds[1]);
	b = sender(fds[1], fds[0]);
	close(fds[0]);
	close(fds[1]);
	plant_child_blocked(a, 1, SYS_sendto);
	plant_child_blocked(b, 1, SYS_sendto);
	plant_ready();
	plant_live();
}
