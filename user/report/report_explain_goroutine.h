/* SPDX-License-Identifier: GPL-2.0-only */
/* report_explain_goroutine.h - the whole story of one goroutine: a part of report_explain.c. */
#pragma once

#include "report/report.h"

/* Of opts->goid in the process opts->tid. 0, -ESRCH when there is no row for it, or -errno. */
int report_explain_goroutine(FILE *out, const struct verdicts *v, const struct options *opts,
			     const struct style *style);
