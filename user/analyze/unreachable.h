/* SPDX-License-Identifier: GPL-2.0-only */
/* unreachable.h - why a goroutine is a finding, or is none: for explain and --all. */
#pragma once

#include "analyze/verdict.h"

struct unreachable_answer {
	enum verdict_class class; /* CLASS_NONE: it does not wait for another goroutine */
	const char *source; /* idle: the wakeup source; unknown: the reason; NULL for others */
	const char *rule;   /* static: which rule decided, one sentence */
};

/* source is static, or stands in the world of v. */
struct unreachable_answer unreachable_explain(const struct verdicts *v,
					      const struct judged_goroutine *one);
/* Where it stands, and not of the stack alone: without one, findings differ in how they wait. */
__u64 unreachable_place(const struct judged_goroutine *one);
/* Whether the goroutines of a program were judged, all of them; false: *ret_why says why not. */
bool unreachable_judged(const struct go_process *p, const char **ret_why);
/* Whether findings of its goroutines can be proven; p may be NULL. */
bool unreachable_provable(const struct go_process *p);
/* What evidence says of the program; p may be NULL. 0 or -ENOMEM. */
int unreachable_program(struct finding *f, const struct go_process *p);
