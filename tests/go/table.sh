#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# table.sh - nowake's reader of Go's function table against Go's own, and its stacks against Go's
#
# usage: table.sh GO...        each the go command of a toolchain
# For each, the program in table/ is built plain, stripped, as a PIE and as a stripped PIE, and for
# arm64. table_dump.c then has to say the same as
#   debug/gosym          functions, places
#   the runtime          calls that are inlined (runtime.CallersFrames), stacks (a panic's)
#   .debug_frame         frame sizes, as readelf reads them
# What arm64's runtime says needs qemu-aarch64 or qemu-aarch64-static in PATH, and for a PIE the
# loader that comes with gcc-aarch64-linux-gnu; without them only what is in the file is compared.
# GOCACHE keeps what was compiled between runs.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export GOCACHE=${GOCACHE:-$work/cache} GOPATH=$work/path GOTOOLCHAIN=local GOFLAGS='' CGO_ENABLED=0
export GO111MODULE=off GOTRACEBACK=system
qemu=$(command -v qemu-aarch64 qemu-aarch64-static | head -n 1) || true
loader=/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1
passed=0 failed=0 skipped=0
[ $# -gt 0 ] || { echo 'usage: table.sh GO...' && exit 2; }

"${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
	-Wall -Wextra -Wno-missing-field-initializers -Werror -I"$top/user" -o "$work/dump" \
	"$here/table_dump.c" "$top"/user/golang/*.c

# For people Go prints no type arguments, and "panic"; the runtime has no name for the function
# whose name comes first (runtime.funcname).
names() { sed 's/\[.*\]/[...]/'; }
panics() { sed 's/\truntime\.gopanic\t/\tpanic\t/'; }
# Up to Go 1.20 a traceback names the line before the one that was preempted.
preempted() { if [ -n "$old" ]; then sed -E 's/(\tmain\.spin\t.*\t)[0-9]+$/\1?/'; else cat; fi; }
dump() { "$work/dump" "$@"; }
pcs() { cut -f 1 "$1" | uniq; }
count() { wc -l <"$1"; }

# Whether there is enough in the first file, and the second says the same: WHAT LEAST WANT GOT
same() {
	[ "$(count "$3")" -ge "$2" ] && diff "$3" "$4" >"$work/diff" && return
	echo "not ok $build, $1: $(count "$3") lines of Go's, $(count "$4") of nowake's"
	head -n 10 "$work/diff"
	return 1
}

# What .debug_frame says of frame sizes: instruction and bytes. FILE
frames() {
	local text
	text=$(readelf -sW "$1" | awk '$8 == "runtime.text" { print $2; exit }')
	readelf --debug-dump=frames-interp "$1" 2>/dev/null | awk -v text="$text" '
	function hex(s,   i, n) {
		for (i = 1; i <= length(s); i++) n = n * 16 + index("0123456789abcdef", substr(s, i, 1)) - 1
		return n
	}
	/ CIE / { fde = 0 } / FDE / { fde = 1 }
	fde && $2 ~ /^rsp\+/ { print hex($1) - hex(text) "\t" substr($2, 5) - 8 }
	fde && $2 ~ /^sp\+/ { print hex($1) - hex(text) "\t" substr($2, 4) }' | sort -n -u
}

# What is in the file: PROGRAM WITH SYMBOLS?, AT SIZE in $where
in_file() {
	local file=$1
	"$work/host" functions "$file" >"$work/want"
	dump functions "$file" "${where[@]:0:2}" >"$work/got"
	same functions 1000 "$work/want" "$work/got" || return 1
	"$work/host" places "$file" >"$work/want"
	pcs "$work/want" | dump places "$file" "${where[@]:0:2}" >"$work/got"
	same places 20000 "$work/want" "$work/got" || return 1
	said+=", $(count "$work/want") places"
	[ -n "$symbols" ] || return 0
	frames "$file" >"$work/want"
	cut -f 1 "$work/want" | uniq | dump frames "$file" "${where[@]:0:2}" >"$work/got"
	same frames 4000 "$work/want" "$work/got" || return 1
	said+=", $(count "$work/want") frame sizes"
}

# What its own runtime says: PROGRAM, AT SIZE GOFUNC SIZE in $where
in_runtime() {
	local file=$1
	$run "$file" calls | awk -F '\t' '$2 != ""' >"$work/want"
	pcs "$work/want" | dump calls "$file" "${where[@]}" | names >"$work/got"
	same calls 20000 "$work/want" "$work/got" || return 1
	said+=", $(count "$work/want") calls"
	[ -n "$symbols" ] || return 0
	for _ in 1 2 3 4 5; do # a goroutine may move on before the program is dead
		stacks "$file" && return
	done
	cat "$work/said" && return 1
}

stacks() {
	local file=$1 status=0
	$run "$file" live >"$work/memory" 2>"$work/panic" || status=$?
	[ $status = 2 ] || { echo "not ok $build: live exits with $status" >"$work/said" && return 1; }
	"$work/host" expected <"$work/panic" | preempted >"$work/want"
	dump walk "$file" "${where[@]}" <"$work/memory" | names | panics | preempted >"$work/got"
	same stacks 100 "$work/want" "$work/got" >"$work/said" || return 1
	said+=", $(count "$work/want") frames of $(cut -f 1 "$work/want" | sort -u | wc -l) stacks"
}

# One program; LIKE is the same with symbols, so that its go:func.* is at the same place, of the file
# or of the table: NAME FILE [LIKE]
check() {
	local file=$2 like=${3:-$2} other
	build="$version $1" said='' symbols=
	read -ra where < <("$work/host" where "$file")
	read -ra other < <("$work/host" where "$like")
	[ "$like" != "$file" ] || symbols=1
	if [ -z "$symbols" ]; then
		# since Go 1.26 it is in the table
		[ "${other[2]}" -lt "${other[0]}" ] || [ "${other[2]}" -ge $((other[0] + other[1])) ] ||
			other[2]=$((other[2] - other[0] + where[0]))
		where=("${where[@]:0:2}" "${other[@]:2:2}")
	fi
	dump search "$file" | grep -qx "${where[0]}" || { echo "not ok $build: not found by searching" && return 1; }
	in_file "$file" || return 1
	if [ -n "$run" ] || [ "$arch" = "$host" ]; then
		in_runtime "$file" || return 1
	else
		skipped=$((skipped + 1))
	fi
	echo "ok $build:${said#,}"
}

# The comparison must see a table that says something else.
check_check() {
	local at
	build="$version changed" symbols='' run=''
	read -ra where < <("$work/host" where "$work/plain")
	at=$((where[0] + 72 + 2000))
	cp "$work/plain" "$work/changed"
	printf '%0200d' 0 | dd of="$work/changed" bs=1 seek="$at" conv=notrunc status=none
	"$work/host" places "$work/plain" >"$work/want"
	pcs "$work/want" | dump places "$work/changed" "${where[@]:0:2}" >"$work/got"
	if same places 1 "$work/want" "$work/got" >/dev/null; then
		echo "not ok $build: a changed name is not seen"
		return 1
	fi
	echo "ok $build: names that were changed are seen"
}

toolchain() {
	local go=$1
	version=$("$go" env GOVERSION) host=$("$go" env GOHOSTARCH) old=
	[[ $version != go1.1[89]* && $version != go1.20* ]] || old=1
	"$go" build -o "$work/host" "$here"/table/*.go
	for arch in "$host" arm64; do
		[ "$arch" != "$host" ] || [ "$host" != arm64 ] || continue
		run='' run_pie=''
		if [ "$arch" != "$host" ] && [ -n "$qemu" ]; then
			run=$qemu
			[ ! -e $loader ] || run_pie="$qemu -L ${loader%/lib/*}"
		fi
		GOARCH=$arch "$go" build -o "$work/plain" "$here"/table/*.go
		GOARCH=$arch "$go" build -ldflags='-s -w' -o "$work/stripped" "$here"/table/*.go
		GOARCH=$arch "$go" build -buildmode=pie -o "$work/pie" "$here"/table/*.go
		GOARCH=$arch "$go" build -buildmode=pie -ldflags='-s -w' -o "$work/stripped-pie" "$here"/table/*.go
		tally check "$arch" "$work/plain"
		tally check "$arch stripped" "$work/stripped" "$work/plain"
		run=$run_pie
		tally check "$arch PIE" "$work/pie"
		tally check "$arch stripped PIE" "$work/stripped-pie" "$work/pie"
	done
	tally check_check
}

tally() {
	if "$@"; then passed=$((passed + 1)); else failed=$((failed + 1)); fi
}

for go; do toolchain "$go"; done
closing="$passed passed, $failed failed"
if [ "$skipped" != 0 ]; then
	closing+=", $skipped skipped"
	echo "no qemu-aarch64, or no loader for it: $skipped programs did not run"
fi
echo "$closing"
[ "$failed" = 0 ]
