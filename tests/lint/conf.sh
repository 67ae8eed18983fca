#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# conf.sh - the sample configuration has each setting of the daemon, once, and no other
#
# usage: conf.sh BUILD_DIR
# That the values in it are the defaults is tests/unit/test_config.c's to check.
set -euo pipefail

sample=user/nowake.conf
status=0
[ -e "$sample" ] || { echo "$sample: there is no sample configuration" && exit 1; }
has=$("$1/nowake" daemon --help | sed -nE 's/^ +(-[a-zA-Z], )?--([a-z][-a-z]*).*/\2/p' |
	grep -vxE 'config|help|version' | sort)
[ -n "$has" ] || { echo "$1/nowake daemon --help names no option" && exit 1; }
while IFS=$'\t' read -r missing unknown; do
	status=1
	[ -z "$missing" ] || echo "$sample: no line for $missing"
	[ -z "$unknown" ] || echo "$sample: $unknown is no setting, or stands there twice"
done < <(comm -3 <(echo "$has") <(sed -nE 's/^#?([a-z][-a-z]*) = .*/\1/p' "$sample" | sort))
while IFS=: read -r line text; do
	status=1 && echo "$sample:$line: neither a comment nor a setting that is commented out: $text"
done < <(grep -nvE '^#( |$|[a-z][-a-z]* = [^ ]+$)|^$' "$sample" || true)
exit "$status"
