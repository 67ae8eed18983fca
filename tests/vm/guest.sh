#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# guest.sh - what check.sh runs in each virtual machine; no tool is there but this shell
#
# A step's output is indented, so that run.sh counts the step as one test; the live suite's is not,
# because it brings its own count.

step() {
	name=$1
	shift
	{ "$@" 2>&1; echo $? >/tmp/status; } | while IFS= read -r line; do printf '  %s\n' "$line"; done
	read -r status </tmp/status
	if [ "$status" -eq 0 ]; then
		echo "1 passed, 0 failed"
	else
		printf '%s: exit status %s\n' "$name" "$status"
		echo "0 passed, 1 failed"
	fi
}

cd /suite || exit
step features ./nowake features
step selftest ./nowake selftest
./live --stacks --ready 60 --settle "${1:-8}" ./nowake src bin
status=$?
./live --ready 60 --settle "${1:-8}" ./nowake src bin || status=$?
exit "$status"
