/* SPDX-License-Identifier: GPL-2.0-only */
/* naming.h - what the addresses of a process's stacks are called. */
#pragma once

#include "analyze/stack.h"
#include "collect/source.h"
#include "symbolize/client.h"

struct named;

/* One process, to which the symbolizer has been turned (client_space).
 * Zeros, but for the first two. */
struct naming {
	struct client *client;
	struct stacks *stacks; /* where frames and traces go */
	struct named *names;
	char trouble[STACK_NAME_MAX]; /* why the symbolizer is not asked any more, or "" */
	struct message_frames frames; /* large, and reused */
};

/* Turns the symbolizer to a process, of whose threads one has these bits (enum wire_bits). 0;
 * -ESRCH when it has ended meanwhile; other failures are its trouble. */
int naming_turn(struct naming *n, struct source *source, __u32 bits);
/* Names the steps of a trace, and keeps it; raw where the symbolizer
 * cannot say more. 0 or -ENOMEM. */
int naming_keep(struct naming *n, const struct message_trace *trace, __u32 *ret);
/* The symbolizer failed: trouble is what it says. */
void naming_failed(struct naming *n);
void naming_free(struct naming *n);
