/* SPDX-License-Identifier: GPL-2.0-only */
/* journal.h - the daemon's log: one line for each event, on standard error, as text or JSON.
 *
 * A finding is opened once and resolved once, with its id; a trouble is told when it begins
 * and when it is over. */
#pragma once

#include <stdio.h>

#include "analyze/verdict.h"

struct journal;

enum journal_level { JOURNAL_ERROR = 3, JOURNAL_WARNING = 4, JOURNAL_NOTICE = 5 };

/* NULL without memory. out stays open. */
struct journal *journal_new(FILE *out, bool json);
void journal_free(struct journal *j);
void journal_format(struct journal *j, bool json);

/* One event with a message. */
void journal_say(struct journal *j, enum journal_level level, const char *event, const char *fmt,
		 ...) __attribute__((format(printf, 4, 5)));
/* What (a static word) fails: said once, until it recovers or fails for another reason. */
void journal_trouble(struct journal *j, const char *what, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
void journal_recovered(struct journal *j, const char *what);

struct journal_counts {
	__u64 found[CLASS_COUNT];
	__u64 resolved[CLASS_COUNT]; /* whose threads woke, though we said never */
};

/* Compares the findings of a pass with those that are open; suspects are left out. One that is
 * missing in two passes in a row is resolved, a population that grows no more in two hundred. 0 or
 * -ENOMEM. */
int journal_findings(struct journal *j, const struct verdicts *v, struct journal_counts *ret);
/* Says what could not be seen, when that has changed. */
void journal_blind(struct journal *j, const struct world *w);
