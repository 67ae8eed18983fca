/* SPDX-License-Identifier: GPL-2.0-only */
/* listen.h - a listening unix socket that is root's, and who may use it. */
#pragma once

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/un.h>

struct listener {
	int fd;		/* non-blocking */
	struct stat at; /* the socket's file, to know it again */
	struct sockaddr_un address;
};

/* 0 or -errno; on failure *ret_error says why (free it; NULL without memory), and
 * listen_close() may be called all the same. */
int listen_open(const char *path, struct listener *ret, char **ret_error);
/* Removes the file, if it is still the one that was made. */
void listen_close(struct listener *l);

/* Fills in an address; false when path is too long or empty. */
bool listen_address(const char *path, struct sockaddr_un *ret);
/* Whether who is on the other side of a connection is root, or who we are. */
bool listen_trusts(int fd);
