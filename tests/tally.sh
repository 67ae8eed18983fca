#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# tally.sh - runs the parts of a check one after the other, all of them, and adds up their counts
#
# usage: tally.sh [--at-once] NAME "PART: COMMAND"...
# With --at-once they run side by side, and what each says comes when it has ended.
# A part closes with a line "N passed, N failed" or "N passed, N failed, N skipped"; one that does
# not counts as one test. A part that says it failed nothing, and still fails, has failed once.
# The last line is the sum, "N passed, N failed"; what was skipped is said in a line before it, and
# what failed is said once more before the counts: who sees only the end of a long log sees it too.
# Exit status: 0 if nothing failed, else 1.
set -euo pipefail

at_once=
[ "$1" != --at-once ] || { at_once=1 && shift; }
name=$1
shift
MOST=12 # lines of a part that failed
passed=0 failed=0 skipped=0 lines=() wrong=()
logs=$(mktemp -d)
trap 'rm -rf "$logs"' EXIT

# Prints the counts of the part whose output is in the log: passed failed skipped.
counts() {
	awk -v status="$1" '
		/^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ { said = 1; p = $1; f = $3; s = $5 }
		/^NOT EVERYTHING RAN: / { more += $4 }
		END {
			if (!said) p = status == 0
			if (status != 0 && f + 0 == 0) f = 1
			print p + 0, f + 0, s + more
		}' "$log"
}

# Prints what went wrong in the part whose output is in the log; how it ended, if it does not say.
failures() {
	grep -am "$MOST" -E '^(not ok|stopped after) |FAILED |FAILED$|: \*\*\* |: error: |^\[FAIL\]' "$log" ||
		tail -n "$MOST" "$log"
}

# Leaves what it says in a file, and its status and how long it took in another: PART FILE
run_part() {
	local status=0 began=$SECONDS
	bash -c "${1#*: }" 2>&1 | tee "$2" || status=${PIPESTATUS[0]}
	echo "$status $((SECONDS - began))" >"$2.end"
}

# Adds up the part whose output is in the log.
count_part() {
	local part=$1 status took p f s
	read -r status took <"$log.end"
	read -r p f s < <(counts "$status")
	lines+=("$(printf '%-12s %4d s  %s' "$part" "$took" "$p passed, $f failed, $s skipped")")
	[ "$f" = 0 ] || wrong+=("$(failures | sed "s/^/$part: /" | cut -c 1-600)")
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

pids=()
for part in ${at_once:+"$@"}; do
	run_part "$part" "$logs/${#pids[@]}" >/dev/null &
	pids+=($!)
done
n=0
for part in "$@"; do
	log=$logs/$n
	printf '\n==== %s: %s ====\n' "$name" "${part%%: *}"
	if [ -n "$at_once" ]; then
		wait "${pids[n]}"
		cat "$log"
	else
		run_part "$part" "$log"
	fi
	count_part "${part%%: *}"
	n=$((n + 1))
done
if [ "$failed" != 0 ]; then
	printf '\n==== %s: what failed ====\n' "$name"
	printf '%s\n' "${wrong[@]}"
fi
printf '\n==== %s ====\n' "$name"
printf '%s\n' "${lines[@]}"
[ "$skipped" = 0 ] || echo "NOT EVERYTHING RAN: $skipped skipped, see above"
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
