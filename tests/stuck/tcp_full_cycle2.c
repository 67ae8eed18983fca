/* expect: deadlock any socket threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* tcp_full_cycle2.c - both ends of a TCP connection send for ever, and neither receives
 *
 * What each has sent is received by the kernel of the other end, up to a full buffer there; the
 * rest waits in its own, and that is no data on the way.
 */
#include "../plant_socket.h"

static char block[65536];

static void send_for_ever(int fd)
{
	while (send(fd, block, sizeof(block), 0) > 0)
		;
	plant_fail("send");
}

int main(void)
{
	plant_init();
	plant_tcp(send_for_ever, SYS_sendto);
}
