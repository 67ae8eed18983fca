/* SPDX-License-Identifier: GPL-2.0-only */
/* confirm.h - a finding holds at two looks apart, or it does not hold. */
#pragma once

#include "analyze/verdict.h"

/* Drops from second every finding whose threads did not stand just as still and
 * just as stuck in first: what is left holds at two looks apart. Looks can be chained:
 * first may be what an earlier call confirmed. 0 or -ENOMEM. */
int confirm_verdicts(const struct verdicts *first, struct verdicts *second);

/* Whether first has all that second found, with every member as still as now: then it need not
 * be looked at once more. */
bool confirm_knows(const struct verdicts *first, const struct verdicts *second);

/* A thread is no longer of a finding, but unknown, for this reason; the rule is static. */
void confirm_let_go(struct judged *one, const char *source, const char *rule);
/* Tells threads and goroutines the numbers of their findings; who has none must know it. */
void confirm_number(struct verdicts *v);
/* Counts idle, unknown and stuck threads anew (for verdict.c). */
void confirm_count(struct verdicts *v);
/* Frees what a finding holds (for verdict.c). */
void confirm_clear(struct finding *f);
