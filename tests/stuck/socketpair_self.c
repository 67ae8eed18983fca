/* expect: orphaned any socket threads=1 */
// SPDX-License-Identifier: GPL-2.0-only
/* socketpair_self.c - both ends of a socket pair are held by the one who reads from it */
#include "../plant.h"

#include <sys/socket.h>

int main(void)
{
	int fds[2];
	char c;

	plant_init();
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) < 0)
		plant_fail("socketpair");
	plant_ready();
	return recv(fds[0], &c, 1, 0) == 1;
}
