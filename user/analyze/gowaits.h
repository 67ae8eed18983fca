/* SPDX-License-Identifier: GPL-2.0-only */
/* gowaits.h - why a goroutine is a finding, or is none: for explain and --all. */
#pragma once

#include "analyze/verdict.h"

struct gowaits_answer {
	enum verdict_class class; /* CLASS_NONE: it does not wait for another goroutine */
	const char *source; /* idle: the wakeup source; unknown: the reason; NULL for others */
	const char *rule;   /* static: which rule decided, one sentence */
};

/* source is static, or stands in the world of v. */
struct gowaits_answer gowaits_explain(const struct verdicts *v, const struct judged_goroutine *one);
/* Whether the goroutines of a program were judged, all of them; false: *ret_why says why not. */
bool gowaits_searched(const struct go_process *p, const char **ret_why);
