#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# look.sh - what nowake reads in the memory of Go programs that run, against what they say of themselves
#
# usage: look.sh GO...        each the go command of a toolchain
# For each, the program in look/ is built plain, stripped, as a PIE, as a stripped PIE, with cgo, with cgo
# as a stripped PIE, and without build info. look_dump.c has to find its goroutines, and say the same
# as it does itself (runtime.Stack, and the addresses of what it made):
#   which there are, who made them, in what state they are, and whether a thread is theirs alone
#   what each waits on, how full that is, and who of the runtime will send
#   its calls
#   since when it waits, which has to be when a collection began
# Then 100000 goroutines are listed, in LOOK_MS (2000) milliseconds of the processor at most, which is many times
# what it takes, for others may use the host; and in LOOK_QUESTIONS (2500), which do not depend on the host.
# GOCACHE keeps what was compiled between runs.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
subject=
stop() {
	[ -z "$subject" ] || kill "$subject" 2>/dev/null || true
	[ -z "$subject" ] || wait "$subject" 2>/dev/null || true
	subject=
}
trap 'stop; rm -rf "$work"' EXIT
export GOCACHE=${GOCACHE:-$work/cache} GOPATH=$work/path GOTOOLCHAIN=local GOFLAGS='' CGO_ENABLED=0
export GO111MODULE=off
passed=0 failed=0
[ $# -gt 0 ] || { echo 'usage: look.sh GO...' && exit 2; }

compile() {
	"${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -g -Wall -Wextra -Wno-missing-field-initializers -Werror \
		-I"$top/user" "$@" "$here/look_dump.c" "$here/process.c" "$top"/user/golang/*.c
}
compile -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -o "$work/dump"
compile -O2 -o "$work/fast"

# Starts a program and waits until it says that it is ready: ARGUMENTS...
start() {
	local line
	stop
	mkfifo "$work/fifo"
	"$@" >"$work/fifo" &
	subject=$!
	: >"$work/said"
	while IFS= read -r -t 60 line && [ "$line" != ready ]; do
		printf '%s\n' "$line" >>"$work/said"
	done <"$work/fifo"
	rm "$work/fifo"
	[ "${line-}" = ready ]
}

# Lines of one kind, by goroutine: KIND FILE
lines() { grep "^$1" "$2" | sort -s -n -k 2,2; }
# What runtime.Stack does not show is not compared, nor are type arguments.
shown() { grep -vP '\truntime\.(\(\*)?[a-z]' | sed 's/\[.*\]/[...]/'; }
# For those of whom Go did not say who made them, nowake may.
parents() {
	awk -F '\t' -v OFS='\t' 'NR == FNR { if ($3 == "?") unknown[$2]; next } $2 in unknown { $3 = "?" } 1' \
		"$work/said" -
}

# Whether there is enough in the first file, and the second says the same: WHAT LEAST WANT GOT
same() {
	[ "$(wc -l <"$3")" -ge "$2" ] && diff "$3" "$4" >"$work/diff" && return
	echo "not ok $build, $1: $(wc -l <"$3") lines of Go's, $(wc -l <"$4") of nowake's"
	head -n 10 "$work/diff"
	return 1
}

# Since when they wait: not before the program began, and not after its last collection.
since() {
	awk -F '\t' '
	$1 == "T" { from = $2; to = $3 }
	$1 == "W" { n++; if ($3 < from || $3 > to) bad = bad " " $2 }
	END {
		if (n < 50 || bad) print "not ok '"$build"', since when: " n " goroutines, wrong are:" bad
		exit n < 50 || bad != ""
	}' "$work/said" "$work/got"
}

compare() {
	"$work/dump" goroutines "$subject" >"$work/got" || { echo "not ok $build: $(cat "$work/got")" && return 1; }
	lines G "$work/said" >"$work/want.g"
	lines G "$work/got" | parents >"$work/got.g"
	same goroutines 55 "$work/want.g" "$work/got.g" || return 1
	lines O "$work/said" >"$work/want.o"
	lines O "$work/got" >"$work/got.o"
	same 'what they wait on' 50 "$work/want.o" "$work/got.o" || return 1
	lines F "$work/said" | shown >"$work/want.f"
	lines F "$work/got" | shown >"$work/got.f"
	same calls 150 "$work/want.f" "$work/got.f" || return 1
	since
}

# One program: NAME FILE
check() {
	build="$version $1"
	start "$2" || { echo "not ok $build: it does not start" && return 1; }
	compare || return 1
	echo "ok $build: $(wc -l <"$work/want.g") goroutines, $(wc -l <"$work/want.o") with objects, $(wc -l <"$work/want.f") calls"
}

# The comparison must see what is different.
check_check() {
	build="$version changed"
	sed -i 's/^\(O\t[0-9]*\ts.*\)[0-9a-f]$/\1x/' "$work/said"
	if compare >/dev/null; then
		echo "not ok $build: other objects are not seen" && return 1
	fi
	echo "ok $build: other objects are seen"
}

# How long the best of some lists takes.
check_many() {
	local best='' ms questions
	build="$version many"
	start "$work/plain" many 100000 || { echo "not ok $build: it does not start" && return 1; }
	for _ in 1 2 3 4 5; do
		"$work/fast" time "$subject" >"$work/time"
		ms=$(sed -E 's/.*: ([0-9]+) ms.*/\1/' "$work/time")
		if [ -z "$best" ] || [ "$ms" -lt "$best" ]; then
			best=$ms
			cp "$work/time" "$work/best"
		fi
	done
	questions=$(sed -E 's/.* ([0-9]+) questions.*/\1/' "$work/best")
	[ "$best" -le "${LOOK_MS:-2000}" ] && [ "$questions" -le "${LOOK_QUESTIONS:-2500}" ] &&
		grep -q '^1000.. goroutines' "$work/best" &&
		echo "ok $build: $(cat "$work/best")" && return
	echo "not ok $build: $(cat "$work/best")"
	return 1
}

tally() {
	if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

toolchain() {
	local go=$1
	version=$("$go" env GOVERSION)
	build() { (cd "$here/look" && "$go" build "$@" .); }
	build -o "$work/plain"
	build -ldflags='-s -w' -o "$work/stripped"
	build -buildmode=pie -o "$work/pie"
	build -buildmode=pie -ldflags='-s -w' -o "$work/stripped-pie"
	CGO_ENABLED=1 build -o "$work/cgo"
	CGO_ENABLED=1 build -buildmode=pie -ldflags='-s -w' -o "$work/stripped-cgo-pie"
	LC_ALL=C sed 's/\xff Go buildinf:/\xff No buildinf:/g' "$work/stripped" >"$work/unsaid"
	chmod +x "$work/unsaid"
	tally check plain "$work/plain"
	tally check_check
	# since 1.23 timers are noted in channels, or are not, as the go line of a go.mod wants it
	GODEBUG=asynctimerchan=0 tally check stripped "$work/stripped"
	tally check PIE "$work/pie"
	tally check 'stripped PIE' "$work/stripped-pie"
	tally check cgo "$work/cgo"
	tally check 'stripped cgo PIE' "$work/stripped-cgo-pie"
	tally check 'without build info' "$work/unsaid"
	tally check_many
}

for go; do toolchain "$go"; done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
