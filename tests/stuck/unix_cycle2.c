/* expect: deadlock any socket threads=2 */
// SPDX-License-Identifier: GPL-2.0-only
/* unix_cycle2.c - a client and a server over a named unix socket, each waits for the other */
#include "../plant_socket.h"

#include <sys/un.h>

static void wait_for_word(int fd)
{
	char c;

	_exit(read(fd, &c, 1) > 0);
}

int main(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	plant_init();
	strcpy(addr.sun_path, plant_path("s"));
	if (bind(listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(listener, 1) < 0)
		plant_fail("bind %s", addr.sun_path);
	plant_connection(listener, &addr, sizeof(addr), wait_for_word, SYS_read);
}
