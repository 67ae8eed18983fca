/* expect: deadlock any socket threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* datagram_full_cycle2.c - two processes send each other datagrams, and neither receives any */
#include "../plant_socket.h"

static void send_for_ever(int fd)
{
	while (send(fd, "x", 1, 0) == 1)
		;
	plant_fail("send");
}

int main(void)
{
	plant_init();
	plant_socketpair(SOCK_DGRAM, send_for_ever, SYS_sendto);
}
