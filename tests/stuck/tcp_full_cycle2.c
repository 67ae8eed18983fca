/* expect: deadlock any socket threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* tcp_full_cycle2.c - both ends of a TCP connection send for ever, and neither receives
 *
 * What each has sent is received by the kernel of the other end, up to a full buffer there; the
 * rest waits in its own, and that is no data on the way.
 */
#include "../plant.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static char block[65536];

static void send_for_ever(int fd)
{
	while (send(fd, block, sizeof(block), 0) > 0)
		;
	plant_fail("send");
}

int main(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	struct ifreq lo = { .ifr_name = "lo", .ifr_flags = IFF_UP | IFF_LOOPBACK | IFF_RUNNING };
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t len = sizeof(addr);
	pid_t server, client;

	plant_init();
	ioctl(listener, SIOCSIFFLAGS, &lo); /* a bare initramfs has it down */
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(listener, (struct sockaddr *)&addr, len) < 0 || listen(listener, 1) < 0 ||
	    getsockname(listener, (struct sockaddr *)&addr, &len) < 0)
		plant_skip("no loopback");
	server = plant_fork();
	if (!server) {
		int fd = accept(listener, NULL, NULL);

		close(listener);
		send_for_ever(fd);
	}
	close(listener);
	client = plant_fork();
	if (!client) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);

		if (connect(fd, (struct sockaddr *)&addr, len) < 0)
			plant_fail("connect");
		send_for_ever(fd);
	}
	plant_child_blocked(server, 1, SYS_sendto);
	plant_child_blocked(client, 1, SYS_sendto);
	plant_ready();
	plant_live();
}
