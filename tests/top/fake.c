// SPDX-License-Identifier: GPL-2.0-only
/* fake.c - a daemon that says what is in a file, for the test of `nowake top`
 *
 * usage: fake SOCKET FILE        until SIGTERM; FILE is read anew for each request */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "daemon/server.h"

static volatile sig_atomic_t over;

static void end(int signal)
{
	(void)signal;
	over = 1;
}

static int answer(void *arg, const char *request, FILE *out)
{
	_cleanup_fclose_ FILE *in = NULL;
	char piece[4096];
	size_t n;

	if (strcmp(request, "top"))
		return -EINVAL;
	in = fopen(arg, "r");
	if (!in)
		return -errno;
	while ((n = fread(piece, 1, sizeof(piece), in)))
		fwrite(piece, 1, n, out);
	return 0;
}

int main(int argc, char **argv)
{
	const struct sigaction action = { .sa_handler = end };
	struct server_handler handler = { answer, argc == 3 ? argv[2] : NULL };
	struct server *server;
	char *error;

	if (argc != 3)
		return 2;
	sigaction(SIGTERM, &action, NULL);
	if (server_open(argv[1], &server, &error)) {
		fprintf(stderr, "fake: %s\n", error);
		return 1;
	}
	while (!over) {
		struct pollfd p = { .fd = server_fd(server), .events = POLLIN };

		poll(&p, 1, server_timeout_ms(server));
		server_serve(server, &handler);
	}
	server_close(server);
	return 0;
}
