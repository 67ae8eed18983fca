/* SPDX-License-Identifier: GPL-2.0-only */
/* outcome.h - why is a finding gone, and was it wrong?
 *
 * Pure: of what the journal keeps of an open finding, and the look that
 * does not find it any more. */
#pragma once

#include "analyze/verdict.h"

#define OUTCOME_MEMBERS 64 /* of a finding, that are looked for when it is gone */

/* That it is one no more while its threads stand where they stood does not mean that nowake was
 * wrong: what it cannot see any more makes it unsure. */
enum outcome {
	OUTCOME_ENDED,
	OUTCOME_WITHDRAWN,
	OUTCOME_WOKE,
	OUTCOME_REACHED, /* a goroutine still waits, but can be woken: so it could all the time */
	OUTCOME_STEADY,
};

/* A finding, and those who were in it when it was seen last. */
struct outcome_subject {
	char id[17];
	enum verdict_class class;
	__u32 pid;
	__u64 process_started;
	__u64 process_mm; /* 0: its first thread had ended */
	bool goroutines;
	__u32 n;
	struct {
		__u64 id;      /* of the thread or goroutine */
		__u64 started; /* thread */
		__u64 mm;      /* thread */
		__u64 at;      /* thread: switches; goroutine: what it waits on */
	} members[OUTCOME_MEMBERS];
};

/* A finding that is new. */
void outcome_open(struct outcome_subject *ret, const struct verdicts *v, const struct finding *f);
/* Who is in it now. */
void outcome_note(struct outcome_subject *o, const struct verdicts *v, const struct finding *f);
enum outcome outcome_of(const struct outcome_subject *o, const struct world *w);
/* Whether nowake had been wrong, or somebody helped. */
bool outcome_was_wrong(enum outcome how);
const char *outcome_word(enum outcome how);
const char *outcome_message(const struct outcome_subject *o, enum outcome how);
