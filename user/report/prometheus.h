/* SPDX-License-Identifier: GPL-2.0-only */
/* prometheus.h - the metrics, in the text format that node_exporter's textfile collector
 * reads (Prometheus exposition format 0.0.4). */
#pragma once

#include <stdio.h>

#include "analyze/groups.h"
#include "report/health.h"

struct metrics {
	const struct groups *groups;
	const struct health *health;
	const struct verdicts *v; /* of the last pass; NULL: there was none yet, or it failed */
};

/* 0 or -errno. */
int prometheus_print(FILE *out, const struct metrics *m);
