/* SPDX-License-Identifier: GPL-2.0-only */
/* ignore.h - findings of processes that nobody wants to hear of: they are known already. */
#pragma once

#include "analyze/verdict.h"

/* Names of processes: shell patterns, as fnmatch(3) has them. */
struct ignore {
	const char *const *patterns;
	size_t n;
};

/* Whether no finding would be left. */
bool ignore_all(const struct verdicts *v, const struct ignore *ignore);
/* Drops findings whose processes all have one of these names; their threads are unknown then. */
void ignore_findings(struct verdicts *v, const struct ignore *ignore);
