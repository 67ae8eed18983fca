/* expect: none socket */
// SPDX-License-Identifier: GPL-2.0-only
/* socket_peer.c - recv() from a process that is alive and silent */
#include "../plant.h"

#include <sys/socket.h>

int main(void)
{
	int fds[2];
	pid_t child;
	char c;

	plant_init();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		plant_fail("socketpair");
	child = plant_fork();
	if (!child) {
		close(fds[1]);
		_exit(recv(fds[0], &c, 1, 0) > 0);
	}
	close(fds[0]);
	plant_child_blocked(child, 1, SYS_recvfrom);
	plant_ready();
	plant_live();
}
