/* SPDX-License-Identifier: GPL-2.0-only */
/* client.h - nowake's side of the symbolizer: starts it, asks it, ends it when it fails.
 *
 * Whatever it answers is bounded and well formed, and nothing more: a symbolizer that a
 * hostile file took over can print wrong names, and get at the ELF files and the memory of
 * the process that it is asked about. */
#pragma once

#include <linux/types.h>
#include <sys/types.h>

#include "symbolize/message.h"

struct client;

#define CLIENT_DEADLINE_MS 10000    /* of one answer, at most */
#define CLIENT_GO_DEADLINE_MS 30000 /* the same, about a whole Go program */
#define CLIENT_RESTARTS_MAX 8	    /* since client_begin(); then it is not started again */

/* What the symbolizer may ask for about the current process. */
struct client_source {
	void *arg;
	/* Memory: how many bytes are there. */
	size_t (*read)(void *arg, __u64 address, void *ret, size_t len);
	/* n pieces, one after another into ret; there says of each whether all of it was read. */
	void (*gather)(void *arg, struct message_piece *pieces, size_t n, unsigned char *ret);
	/* A new descriptor, or -errno. */
	int (*open)(void *arg, const struct message_open *what);
};

/* program: what to execute; NULL: this very binary. NULL without memory. */
struct client *client_new(const char *program);
void client_free(struct client *c);

/* A new pass: what failed in the last one is tried again. No answer is awaited for longer
 * than half of what is left of these milliseconds, so that not even several files that hang
 * it leave nothing for the others. */
void client_begin(struct client *c, __u64 budget_ms);

#define CLIENT_RESIDENT_MAX (128ull << 20) /* bytes of memory that are worth keeping */

/* Between passes: ends a symbolizer that nobody has asked for a minute, or that has become large,
 * and with it all that it has read. The next question starts another. */
void client_rest(struct client *c);

/* Turns to an address space: maps is a file with the text of its /proc/PID/maps. source
 * must stay until the next one. 0; -EAGAIN when the symbolizer failed too often, else
 * -errno: then client_trouble() says why. */
int client_space(struct client *c, __u32 machine, int maps, const struct client_source *source);
/* Unwinds one thread; request's head is filled in. 0 or -errno as above; after a failure
 * all requests fail until the next client_space(). */
int client_unwind(struct client *c, struct message_unwind *request, struct message_trace *ret);
/* Names the code at one address. */
int client_name(struct client *c, __u64 address, bool exact, struct message_frames *ret);

/* Reads the Go program of this space. */
int client_go(struct client *c, struct message_go *request, struct message_go_seen *ret);
/* One of the goroutines that it kept. */
int client_goroutine(struct client *c, __u64 number, struct message_goroutine_seen *ret);

/* Why the last request failed, in words: "the symbolizer was killed by signal 11 (…)". */
const char *client_trouble(const struct client *c);
/* How often it had to be given up since client_new(). */
__u32 client_restarts(const struct client *c);
/* The symbolizer that runs; 0: none. */
pid_t client_pid(const struct client *c);
