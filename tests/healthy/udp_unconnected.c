/* expect: none socket */
// SPDX-License-Identifier: GPL-2.0-only
/* udp_unconnected.c - a datagram may come from anybody: the socket has no peer to ask */
#include "../plant.h"

#include <arpa/inet.h>
#include <sys/socket.h>

int main(void)
{
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	char c;

	plant_init();
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0)
		plant_skip("no loopback");
	plant_ready();
	return recv(fd, &c, 1, 0) == 1;
}
