#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# unit.sh - runs the program of all unit tests, or of some suites, and says what it says in a line
#
# usage: unit.sh PROGRAM [WORD]        WORD is in the names of the suites: unit.sh build/tests/units wait
#
# Criterion 2.4.1 runs each test in a process of its own and calls one passed that LeakSanitizer
# complained about when it exited: a sanitizer's report anywhere in the output is a failure here.
set -euo pipefail

status=0
out=$("$1" --color=never --filter="*${2-}*/*" 2>&1) || status=$?
read -r tested passed < <(sed -nE 's/.*Tested: ([0-9]+) \| Passing: ([0-9]+) .*/\1 \2/p' <<<"$out") || true
failed=$((${tested:-0} - ${passed:-0}))
if grep -qE 'ERROR: [A-Za-z]*Sanitizer|runtime error:' <<<"$out"; then
	failed=$((failed + 1))
elif [ "${tested:-0}" = 0 ] || { [ "$status" != 0 ] && [ "$failed" = 0 ]; }; then
	failed=$((failed + 1))
fi
[ "$failed" = 0 ] || printf '%s\n' "$1 (exit status $status):" "$out"
echo "${passed:-0} passed, $failed failed"
[ "$failed" = 0 ]
