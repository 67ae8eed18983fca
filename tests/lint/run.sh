#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh - every guard of the house on the tree, after each has shown that it can fail
#
# usage: run.sh BUILD_DIR        (make lint)
# A guard is a script beside this one. It runs at the top of a tree, with the build directory as
# argument, prints what it objects to as "file:line: what", and fails if there is anything.
# A guard that cannot run here says "SKIPPED: why" and exits with 77.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
guards=$PWD/tests/lint
passed=0 failed=0 skipped=0

run() {
	local what=$1 out status=0
	shift
	out=$("$@" 2>&1) || status=$?
	case $status in
	0) passed=$((passed + 1)) ;;
	77) skipped=$((skipped + 1)) && echo "lint: $what: $out" ;;
	*) failed=$((failed + 1)) && printf 'lint: %s FAILED\n%s\n' "$what" "$out" ;;
	esac
}

for guard in layers purity names sizes plates words format scripts man completion conf metrics; do
	run "self-test of $guard" "$guards/selftest.sh" "$guard"
	run "$guard" "$guards/$guard.sh" "$1"
done
closing="$passed passed, $failed failed"
[ "$skipped" = 0 ] || closing+=", $skipped skipped"
echo "$closing"
[ "$failed" = 0 ]
