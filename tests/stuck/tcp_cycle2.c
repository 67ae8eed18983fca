/* expect: deadlock any socket threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* tcp_cycle2.c - both ends of a TCP connection over the loopback wait to receive */
#include "../plant_socket.h"

static void wait_for_word(int fd)
{
	char c;

	_exit(recv(fd, &c, 1, 0) > 0);
}

int main(void)
{
	plant_init();
	plant_tcp(wait_for_word, SYS_recvfrom);
}
