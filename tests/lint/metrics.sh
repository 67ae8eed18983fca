#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# metrics.sh - every metric that a dashboard or an alert names is one that nowake exports
#
# The golden export has them all (tests/unit/test_prometheus.c compares it with the real one).
set -euo pipefail

golden=tests/golden/metrics.prom
[ -d dashboards ] || exit 0
status=0
while IFS=: read -r file line name; do
	grep -q "^# TYPE $name " "$golden" || { status=1 && echo "$file:$line: nowake exports no $name"; }
done < <(grep -rnoIwE 'nowake_[a-z0-9_]+' dashboards)
exit "$status"
