/* expect: deadlock any socket threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* socketpair_cycle2.c - two processes at the ends of a socket pair, each waits to be spoken to */
#include "../plant_socket.h"

static void wait_for_word(int fd)
{
	char c;

	_exit(recv(fd, &c, 1, 0) > 0);
}

int main(void)
{
	plant_init();
	plant_socketpair(SOCK_STREAM, wait_for_word, SYS_recvfrom);
}
