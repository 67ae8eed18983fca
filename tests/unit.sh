#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# unit.sh - runs the Criterion programs named and adds up what they say
#
# Criterion 2.4.1 runs each test in a process of its own and calls one passed that LeakSanitizer
# complained about when it exited: a sanitizer's report anywhere in the output is a failure here.
set -euo pipefail

passed=0 failed=0
for program in "$@"; do
	status=0
	out=$("$program" --color=never 2>&1) || status=$?
	read -r p f < <(sed -nE 's/.*Tested: ([0-9]+) \| Passing: ([0-9]+) .*/\1 \2/p' <<<"$out" |
		awk '{ n += $1; p += $2 } END { print p + 0, n - p }')
	if grep -qE 'ERROR: [A-Za-z]*Sanitizer|runtime error:' <<<"$out"; then
		f=$((f + 1))
	elif [ "$status" != 0 ] && [ "$f" = 0 ]; then
		f=1
	fi
	[ "$f" = 0 ] || printf '%s\n' "$program (exit status $status):" "$out"
	passed=$((passed + p)) failed=$((failed + f))
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
