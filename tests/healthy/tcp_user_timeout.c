/* expect: none socket */
// SPDX-License-Identifier: GPL-2.0-only
/* tcp_user_timeout.c - both ends of a connection send for ever, until the kernel ends it
 *
 * For what is not taken within TCP_USER_TIMEOUT is an error, for both of them.
 */
#include <netinet/tcp.h>

#include "../plant_socket.h"

static char block[65536];

static void send_for_ever(int fd)
{
	int ms = PLANT_LIFETIME * 500;

	if (setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &ms, sizeof(ms)))
		plant_skip("TCP_USER_TIMEOUT");
	while (send(fd, block, sizeof(block), 0) > 0)
		;
	plant_fail("send");
}

int main(void)
{
	plant_init();
	plant_tcp(send_for_ever, SYS_sendto);
}
