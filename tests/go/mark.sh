#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# mark.sh - which goroutines nowake calls stuck, against what is known of them and what Go finds
#
# usage: mark.sh GO...        each the go command of a toolchain
# For each, the program in mark/ is built plain, stripped and as a PIE, and runs. mark_dump.c then has
# to name exactly those of its goroutines that are stuck, and among them all that Go's own detection
# finds, where there is one: from 1.27 on, and in 1.26 with GOEXPERIMENT=goroutineleakprofile. Words
# that are no pointers but look like some keep one alive now and then: it may be so in two runs of three.
# GOCACHE keeps what was compiled between runs.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
pid=''
trap '[ -z "$pid" ] || kill -9 "$pid" 2>/dev/null; rm -rf "$work"' EXIT
export GOCACHE=${GOCACHE:-$work/cache} GOPATH=$work/path GOTOOLCHAIN=local GOFLAGS='' CGO_ENABLED=0
export GO111MODULE=off
passed=0 failed=0
[ $# -gt 0 ] || { echo 'usage: mark.sh GO...' && exit 2; }

"${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-Wall -Wextra -Wno-missing-field-initializers -Werror -I"$top/user" -o "$work/dump" \
	"$here"/mark_dump.c "$here"/process.c "$top"/user/golang/*.c

# Waits for a line of its output: WHAT
await() {
	local line
	while read -r -t 60 -u "$out" line; do
		printf '%s\n' "$line" >>"$work/said"
		[ "$line" != "$1" ] || return 0
	done
	echo "not ok $build: it does not say $1"
	return 1
}

ids() { awk -v what="$1" '$1 == what { print $2 }' "$work/said" | sort; }
forms() { while read -r id; do grep -E "^(stuck|live) $id " "$work/said" || echo "goroutine $id"; done; }

# What one run says: 0 as it is to be, 1 somebody is missing, 2 something is wrong
compare() {
	await ready || return 2
	"$work/dump" "$pid" 2>"$work/how" | sort >"$work/got" || { cat "$work/how" && return 2; }
	echo >&"$in"
	await 'done' || return 2
	ids stuck >"$work/want"
	ids leaked >"$work/leaked"
	comm -13 "$work/want" "$work/got" | forms >"$work/wrong"
	comm -13 "$work/want" "$work/leaked" | forms >>"$work/wrong"
	[ -z "$profile" ] || [ -s "$work/leaked" ] || echo "Go finds nobody" >>"$work/wrong"
	[ -s "$work/want" ] || echo "nobody is to be found" >>"$work/wrong"
	sort -u "$work/want" "$work/leaked" | comm -23 - "$work/got" | forms >"$work/missing"
	[ ! -s "$work/wrong" ] || return 2
	[ ! -s "$work/missing" ] || return 1
}

run() {
	local status=0
	rm -f "$work/said"
	coproc subject { exec "$work/subject" 2>&1; }
	# shellcheck disable=SC2154 # coproc sets it
	pid=$subject_PID out=${subject[0]} in=${subject[1]}
	compare || status=$?
	kill -9 "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || true
	pid=''
	return "$status"
}

# NAME, and what go build is given
check() {
	local status=0
	build="$version $1"
	shift
	(cd "$here/mark" && "$go" build -o "$work/subject" "$@" .) || return 1
	for _ in 1 2 3; do
		status=0
		run || status=$?
		[ "$status" = 1 ] || break
	done
	if [ "$status" = 0 ]; then
		echo "ok $build: $(wc -l <"$work/got") stuck, $(wc -l <"$work/leaked") of them found by" \
			"Go; $(cat "$work/how")"
		return
	fi
	echo "not ok $build: $(cat "$work/how")"
	sed 's/^/	not stuck, but named: /' "$work/wrong"
	sed 's/^/	not seen: /' "$work/missing"
	return 1
}

tally() {
	if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

for go; do
	go=$(realpath -s "$go")
	version=$("$go" env GOVERSION) profile=''
	unset GOEXPERIMENT
	case $version in
	go1.26*) tally check plain && export GOEXPERIMENT=goroutineleakprofile && profile=1 ;;
	go1.2[7-9]*) profile=1 ;;
	esac
	tally check "${profile:+with its own profile}"
	tally check stripped -ldflags='-s -w'
	tally check PIE -buildmode=pie
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
