/* SPDX-License-Identifier: GPL-2.0-only */
/* server.h - the daemon's socket: who asks, gets one answer, and never holds anybody up.
 *
 * A unix stream socket that only root can open. One connection is one request, a line of at
 * most SERVER_REQUEST bytes ("history", "top"), and one answer: a line "ok BYTES", then so
 * many bytes; or a line "error WORDS". Then the connection is closed. ask.h is the other end.
 * Nothing here waits: what cannot be sent now is sent when the peer has read. */
#pragma once

#include <stdio.h>

#define SERVER_REQUEST 256	   /* bytes of a request, with its newline */
#define SERVER_PEERS 16		   /* at a time; more wait in the kernel's queue */
#define SERVER_IDLE_MS 10000	   /* a peer that does nothing for so long is dropped */
#define SERVER_PENDING (64u << 20) /* bytes of all answers that are still to be read */

struct server;

/* Writes the answer to a request to out, which is memory. 0, or -errno: that is the answer;
 * -EAGAIN: no pass has anything to tell now. */
struct server_handler {
	int (*answer)(void *arg, const char *request, FILE *out);
	void *arg;
};

/* Listens at path, the socket of a daemon that is dead is replaced. Of OPTIONS_SOCKET the directory
 * is made when it is not there. 0 or -errno; on failure *ret_error says in one line what is
 * wrong (free it; NULL without memory). */
int server_open(const char *path, struct server **ret, char **ret_error);
/* Removes the socket, if it is still this one. */
void server_close(struct server *s);

/* Readable when server_serve() has something to do. */
int server_fd(const struct server *s);
/* How long until it has something to do without that; -1: for ever. */
int server_timeout_ms(const struct server *s);
/* Does what can be done now. */
void server_serve(struct server *s, const struct server_handler *handler);
/* How long a peer may be idle, instead of SERVER_IDLE_MS; one that reads, but slowly, is
 * dropped after six times that. */
void server_patience(struct server *s, int idle_ms);
/* How many peers are connected. */
unsigned int server_peers(const struct server *s);
