#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# golden.sh - what is printed about the snapshots of golden/, word for word
#
# Usage: golden.sh NOWAKE [--accept]. Judges each golden/NAME.snapshot and compares every format
# with golden/NAME.FORMAT; --accept writes those files anew, for you to read before you commit
# them. Needs no root: that is what snapshots are for. DOT must also be what Graphviz can draw,
# and folded stacks what flamegraph.pl can.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)/golden
nowake=${1:?usage: golden.sh NOWAKE [--accept]}
accept=${2:-}
flame=/usr/share/perl5/Devel/NYTProf/flamegraph.pl
passed=0 failed=0 skipped=0
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
export TZ=UTC
unset NO_COLOR COLUMNS

# produce NAME FORMAT: that output on standard output; the status of nowake.
produce() {
	local from=$here/$1.snapshot
	case $2 in
	text) LC_ALL=C.UTF-8 "$nowake" report --from "$from" --threshold 1s ;;
	ascii) LC_ALL=C "$nowake" report --from "$from" --threshold 1s --all --suspects ;;
	color) LC_ALL=C.UTF-8 "$nowake" report --from "$from" --threshold 1s --color=always ;;
	json)
		LC_ALL=C.UTF-8 "$nowake" report --from "$from" --threshold 1s --json --all |
			sed -E '1s/"nowake":"[^"]+ \([^"]+\)"/"nowake":"0 (golden)"/'
		;;
	dot) LC_ALL=C.UTF-8 "$nowake" report --from "$from" --threshold 1s --dot ;;
	verbose) LC_ALL=C.UTF-8 "$nowake" report --from "$from" --threshold 1s -v ;;
	folded) LC_ALL=C.UTF-8 "$nowake" report --from "$from" --threshold 1s --folded --all ;;
	explain) LC_ALL=C.UTF-8 "$nowake" explain --from "$from" "$(first_thread "$from")" ;;
	goroutine) LC_ALL=C.UTF-8 "$nowake" explain --from "$from" "$(first_goroutine "$from")" ;;
	esac
}

# The first thread of a snapshot that waits for a lock or a file, or at all.
first_thread() {
	python3 - "$1" <<-'END'
		import json, sys
		records = map(json.loads, open(sys.argv[1], encoding="utf-8"))
		threads = [r for r in records if r.get("kind") == "thread"]
		waiting = [r for r in threads if r.get("nr", 0) in (0, 73, 202)]
		print((waiting or threads)[0]["tid"])
	END
}

# The first goroutine of a snapshot that is stuck on something, or at all.
first_goroutine() {
	python3 - "$1" <<-'END'
		import json, sys
		records = map(json.loads, open(sys.argv[1], encoding="utf-8"))
		waits = [r for r in records if r.get("kind") == "go_wait"]
		stuck = [r for r in waits if r.get("bits", 0) & 1 and "object" in r]
		print("{tgid}:{id}".format(**(stuck or waits)[0]))
	END
}

check() {
	local expected=$here/$1.$2 got=$tmp/$1.$2
	if ! produce "$1" "$2" >"$got"; then
		echo "not ok $1.$2: nowake failed"
		failed=$((failed + 1))
	elif [ "$accept" = --accept ]; then
		cp "$got" "$expected"
	elif cmp -s "$expected" "$got"; then
		passed=$((passed + 1))
	else
		echo "not ok $1.$2:"
		diff -u "$expected" "$got" | sed 's/^/  /' || true
		failed=$((failed + 1))
	fi
}

# tool WHAT FILE COMMAND...: the program takes the file without a word, and draws something.
tool() {
	local what=$1 file=$2
	shift 2
	if ! command -v "$1" >/dev/null; then
		echo "SKIPPED: $what is not drawn: no $(basename "$1") here"
		skipped=$((skipped + 1))
	elif "$@" "$file" >"$tmp/svg" 2>"$tmp/complaints" && [ -s "$tmp/svg" ] && [ ! -s "$tmp/complaints" ]; then
		passed=$((passed + 1))
	else
		echo "not ok $what: $(basename "$1") does not take it" && cat "$tmp/complaints"
		failed=$((failed + 1))
	fi
}

for snapshot in "$here"/*.snapshot; do
	name=$(basename "$snapshot" .snapshot)
	formats=(text ascii color json dot explain)
	if grep -q '^{"kind":"\(stack\|go_wait\)"' "$snapshot"; then formats+=(verbose folded); fi
	if grep -q '^{"kind":"go_wait"' "$snapshot"; then formats+=(goroutine); fi
	for format in "${formats[@]}"; do
		check "$name" "$format"
	done
	tool "$name.dot" "$here/$name.dot" dot -Tsvg
	[ ! -e "$here/$name.folded" ] || tool "$name.folded" "$here/$name.folded" "$flame"
done
# what has no place in a picture is said besides
sed 's/^{"kind":"end"/{"kind":"blind","text":"a test"}\n&/' "$here/flock_cycle2.snapshot" >"$tmp/blind.snapshot"
for format in dot folded; do
	"$nowake" report --from "$tmp/blind.snapshot" "--$format" >"$tmp/got" 2>"$tmp/said"
	if [ "$(<"$tmp/said")" = 'nowake: could not see: a test' ] && ! grep -q 'a test' "$tmp/got"; then
		passed=$((passed + 1))
	else
		echo "not ok --$format: it does not say what could not be seen" && cat "$tmp/said"
		failed=$((failed + 1))
	fi
done
# tests/unit/test_prometheus.c compares this one with what is printed; here Prometheus takes it
if ! command -v promtool >/dev/null; then
	echo "SKIPPED: metrics.prom is not checked: no promtool here (tests/deps.sh prom)"
	skipped=$((skipped + 1))
elif promtool check metrics <"$here/metrics.prom" >"$tmp/complaints" 2>&1 && [ ! -s "$tmp/complaints" ]; then
	passed=$((passed + 1))
else
	echo "not ok metrics.prom: promtool does not take it" && cat "$tmp/complaints"
	failed=$((failed + 1))
fi
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" = 0 ] && [ "$((passed + skipped))" -gt 0 ]
