/* SPDX-License-Identifier: GPL-2.0-only */
/* recall.h - the daemon's memory: events and looks go in, every pass gets what they add up to. */
#pragma once

#include <stdio.h>

#include "analyze/groups.h"
#include "collect/events.h"
#include "pass.h"
#include "report/health.h"

struct recall;

struct recall_settings {
	size_t buffer; /* bytes of the ring buffer */
	enum futex_hook hook;
	__u64 window_ns;
	const char *group_by;
	bool units;
	size_t group_limit;
	bool all_stacks; /* give every look all creation stacks, not only those of findings */
};

/* pass and health must stay until recall_free(). 0 or -errno; on failure *ret_error is one
 * line, or NULL (free it). */
int recall_new(const struct recall_settings *settings, struct pass *pass, struct health *health,
	       struct recall **ret, char **ret_error);
void recall_free(struct recall *r);

/* Becomes readable when recall_drain() should be called. */
int recall_fd(const struct recall *r);
int recall_drain(struct recall *r);
/* To be called every EVENTS_GUARD_NS: see events_guard(). */
bool recall_guard(struct recall *r, __u64 *ret_rate);
/* For pass_request.remember: arg is the struct recall. */
int recall_remember(void *arg, struct world *w);
/* Writes all that is remembered, for a report (snapshot_write_past()); last: the last look. 0 or
 * -errno. */
int recall_tell(struct recall *r, const struct world *last, FILE *out);
/* Counts what a pass saw. 0 or -errno. */
int recall_look(struct recall *r, const struct verdicts *v);
/* Names groups anew, if they are named in another way now: their counters begin at zero. 0 or
 * -ENOMEM. */
int recall_configure(struct recall *r, const struct recall_settings *settings);
const struct groups *recall_groups(const struct recall *r);
enum futex_hook recall_hook(const struct recall *r);
