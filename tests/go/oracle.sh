#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# oracle.sh - what Go's own leak detection finds in the programs of patterns/, against what they expect
#
# usage: oracle.sh GO...        each the go command of a toolchain; ONLY=GLOB picks programs
# For each program and form it prints what the profile "goroutineleak" finds. It is an error if that
# is not expected, or if a goroutine that shall be stuck is not there as the source says. What is
# expected and not found is noted. The profile is there from Go 1.26; older ones only show that the
# goroutines are as they should. GOCACHE keeps what was compiled between runs.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOCACHE=${GOCACHE:-$work/cache}
passed=0 failed=0
[ $# -gt 0 ] || { echo 'usage: oracle.sh GO...' && exit 2; }

# Of all goroutines on stdin: FUNCTION WAIT, and "leaked" if Go says so.
goroutines() {
	awk '
	BEGIN {
		kinds["chan receive"] = "chan-receive"; kinds["chan send"] = "chan-send"
		kinds["chan receive (nil chan)"] = "nil-receive"; kinds["chan send (nil chan)"] = "nil-send"
		kinds["select (no cases)"] = "no-cases"; kinds["semacquire"] = "semaphore"
		kinds["sync.Mutex.Lock"] = "mutex"; kinds["sync.RWMutex.RLock"] = "rwmutex-read"
		kinds["sync.RWMutex.Lock"] = "rwmutex-write"; kinds["sync.WaitGroup.Wait"] = "wait-group"
		kinds["sync.Cond.Wait"] = "cond"; kinds["IO wait"] = "io"
	}
	function flush() { if (wait != "") print (inner ? inner : outer ? outer : "-"), wait leaked; wait = "" }
	/^goroutine [0-9]+ .*\[/ {
		flush()
		inner = outer = ""
		wait = $0
		sub(/^[^[]*\[/, "", wait)
		sub(/(, [^]]*)?\]:$/, "", wait)
		leaked = sub(/ \(leaked\)/, "", wait) ? " leaked" : ""
		wait = wait in kinds ? kinds[wait] : wait
		gsub(/ /, "-", wait)
		next
	}
	/^created by / || !/^[^\t].*\)$/ { next }
	{
		sub(/\([^()]*\)$/, "")
		if (!inner && /^main\./) inner = $0
		if (!outer && !/^(runtime|internal|sync|time|syscall)[.\/]/) outer = $0
	}
	END { flush() }'
}

# Lines "FUNCTION WAIT COUNT" of what is wanted of a program, by keys and classes: NAME FORM KEYS CLASSES
wanted() {
	awk -F '\t' -v name="$1" -v form="$2" -v keys="^($3)$" -v classes="^($4)$" \
		'$1 == name && $2 == form && $3 ~ keys && $4 ~ classes { print $5, $6, $7 }' "$work/bin/expect" | sort
}

# What is more in the first than in the second: FILE FILE
surplus() {
	awk 'FILENAME == ARGV[1] { n[$1 " " $2] = $3; next } $3 > n[$1 " " $2] { print $1, $2, $3 - n[$1 " " $2] }' "$2" "$1"
}

counted() { sort | uniq -c | awk '{ print $2, $3, $1 }'; }
list() { if [ -s "$1" ]; then paste -sd, "$1" | sed 's/,/, /g'; else echo nothing; fi; }

program() { # NAME FORM
	local name=$1 form=$2 what="$version $1 $2"
	if ! : | LEAKS=1 timeout 60 "$work/bin/$name" "$form" >"$work/out"; then
		echo "not ok $what: it does not end well"
		return 1
	fi
	goroutines <"$work/out" >"$work/goroutines"
	awk '{ print $1, $2 }' "$work/goroutines" | counted >"$work/there"
	awk '$3 == "leaked" { print $1, $2 }' "$work/goroutines" | counted >"$work/found"
	wanted "$name" "$form" 'expect|beyond' '.*' | grep -v '^- ' >"$work/stuck" || true
	wanted "$name" "$form" 'expect|profile' 'unreachable|nil-channel|no-cases' >"$work/want"
	surplus "$work/stuck" "$work/there" >"$work/absent"
	surplus "$work/found" "$work/want" >"$work/more"
	surplus "$work/want" "$work/found" >"$work/less"
	if [ -s "$work/absent" ] || [ -s "$work/more" ]; then
		echo "not ok $what: not there: $(list "$work/absent"); found, not expected: $(list "$work/more")"
		cat "$work/there"
		return 1
	fi
	if [ -z "$profile" ]; then
		echo "ok $what: as it should stand: $(list "$work/stuck")"
	else
		echo "ok $what: found: $(list "$work/found")$([ ! -s "$work/less" ] || echo "; not found: $(list "$work/less")")"
	fi
}

# The comparison must see what is too much, also where nothing is wanted.
check_check() {
	: >"$work/want"
	echo 'main.f select 2' >"$work/found"
	[ "$(surplus "$work/found" "$work/want")" = 'main.f select 2' ] || { echo 'not ok: findings are not seen' && exit 1; }
	echo 'main.f select 1' >"$work/want"
	[ "$(surplus "$work/found" "$work/want")" = 'main.f select 1' ] || { echo 'not ok: a count is not seen' && exit 1; }
}

toolchain() {
	local go=$1 name form cgo=0
	version=$("$go" env GOVERSION) profile=
	[[ $version == go1.1* || $version == go1.2[0-5]* ]] || profile=1
	[[ $version != go1.26* ]] || export GOEXPERIMENT=goroutineleakprofile
	! command -v gcc >/dev/null || cgo=1
	rm -rf "${work:?}/bin"
	CGO_ENABLED=$cgo "$here/patterns/build.sh" "$go" "$work/bin" -tags leaks
	while read -r name form; do
		# shellcheck disable=SC2053 # a glob
		[[ $name == ${ONLY:-*} ]] || continue
		if program "$name" "$form"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
	done < <(cut -f 1,2 "$work/bin/expect" | uniq)
	unset GOEXPERIMENT
}

check_check
for go in "$@"; do
	toolchain "$go"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
