/* SPDX-License-Identifier: GPL-2.0-only */
/* goroutines.h - the goroutines of all Go programs of the host. */
#pragma once

#include "analyze/world.h"
#include "collect/bpf.h"
#include "collect/guard.h"
#include "symbolize/client.h"

/* What is kept between looks: which processes are Go programs, and what reading them has cost. */
struct goroutines_memory;

/* NULL without memory. */
struct goroutines_memory *goroutines_new(void);
void goroutines_free(struct goroutines_memory *m);

struct goroutines_reader {
	struct bpf *bpf;
	struct guard *guard;
	struct client *client;
};

struct goroutines_request {
	const __u32 *pids; /* of these processes only; n 0: of all */
	size_t npids;
	__u64 id;   /* the goroutine that is asked for, of the first of these; 0: none */
	bool all;   /* keep all that wait for another, not those only that are stuck */
	__u64 rest; /* after reading, so many times as long passes without; 0: all is read */
};

/* A new pass: what is read at its first look is read at the second, too, and at no other; but what
 * is stuck in a program that ran meanwhile is read at GOROUTINES_LOOKS. */
#define GOROUTINES_LOOKS 4
void goroutines_begin(struct goroutines_memory *m);
/* Reads them into w->go_processes and go_waits; who has to wait for his turn is taken over from the
 * look before (which may be NULL). What cannot be read is in the process's trouble. 0 or -errno. */
int goroutines_look(struct goroutines_memory *m, const struct goroutines_reader *reader,
		    const struct goroutines_request *request, const struct world *before,
		    struct world *w);
/* After feed_recheck(): says which programs have run meanwhile; and that those that are stopped, or
 * were, are not judged: where they stopped, pointers may be in places that count for nothing else.
 */
void goroutines_mark_moved(struct goroutines_memory *m, struct world *w);
