/* expect: none socket */
// SPDX-License-Identifier: GPL-2.0-only
/* accept_unix.c - a server with a single thread, in accept() on a named socket (TRAPS 16) */
#include "../plant.h"

#include <sys/socket.h>
#include <sys/un.h>

int main(void)
{
	struct sockaddr_un addr = { .sun_family = AF_UNIX };
	int listener = socket(AF_UNIX, SOCK_STREAM, 0);

	plant_init();
	strcpy(addr.sun_path, plant_path("s"));
	if (bind(listener, (struct sockaddr *)&addr, sizeof(addr)) < 0 || listen(listener, 1) < 0)
		plant_fail("bind %s", addr.sun_path);
	plant_ready();
	return accept(listener, NULL, NULL);
}
