#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# build.sh - builds one program of `make check-stack`: build.sh SOURCE BINARY [FLAG...]
#
# The first lines of a source may hold cflags and ldflags, as for all planted programs. The
# environment brings PLANT (the C compiler with its flags) and FINISH (a name below).
# What this machine cannot build at all (a compiler is missing, or has no such libraries) leaves
# BINARY.skip with the reason, which the check repeats; a mistake in the source is an error.
set -euo pipefail

source=$1 binary=$2
shift 2
read -ra plant <<<"${PLANT:-gcc -pthread}"

mark() { sed -n "1,4s,.*/\* $1: *\(.*\) \*/.*,\1,p" "$source"; }

skip() {
	echo "$*" >"$binary.skip"
	exit 0
}

# Does a program of one line link with these flags?
links() {
	printf '#include <stdio.h>\nint main(void) { return 0; }\n' | "$@" -x c -o "$binary.try" - 2>/dev/null &&
		rm -f "$binary.try"
}

build_c() {
	local cflags ldflags
	read -ra cflags <<<"$(mark cflags)" || true
	read -ra ldflags <<<"$(mark ldflags)" || true
	if [[ $source == */musl_* ]]; then
		type -P musl-gcc >/dev/null || skip 'musl-gcc is missing'
		plant=(musl-gcc "${plant[@]:1}" -idirafter /usr/include -idirafter "/usr/include/$(uname -m)-linux-gnu")
	fi
	"${plant[@]}" "${cflags[@]}" "$@" -MMD -MP -MF "$binary.d" -o "$binary" "$source" "${ldflags[@]}" && return
	! links "${plant[@]}" "${cflags[@]}" "$@" || exit 1
	skip "this compiler cannot link with ${cflags[*]} $*"
}

build_cc() {
	type -P g++ >/dev/null || skip 'g++ is missing'
	g++ -std=c++20 -O2 -g -Wall -Wextra -Werror -pthread "$@" -MMD -MP -MF "$binary.d" -o "$binary" "$source"
}

# Debian's own compiler, whatever else comes first in PATH
build_rs() {
	[ -x /usr/bin/rustc ] || skip '/usr/bin/rustc is missing'
	/usr/bin/rustc --edition 2021 -O -g -D warnings "$@" -o "$binary" "$source"
}

# The debug information goes into a file of its own, which a link names: .debug/ beside the program.
finish_debuglink() {
	mkdir -p "$(dirname "$binary")/.debug"
	local debug
	debug=$(dirname "$binary")/.debug/$(basename "$binary").debug
	objcopy --only-keep-debug "$binary" "$debug"
	objcopy --strip-all --add-gnu-debuglink="$debug" "$binary"
}

# The same without a link: only the build id leads there. The check puts the file where it belongs.
finish_buildid() {
	objcopy --only-keep-debug "$binary" "$binary.debug"
	objcopy --strip-all "$binary"
}

# Symbols of functions only, compressed in a section of the program, as Fedora does it.
finish_minidebug() {
	nm -D "$binary" --format=posix --defined-only | awk '{ print $1 }' | sort >"$binary.dynamic"
	nm "$binary" --format=posix --defined-only | awk '$2 ~ /^[TtD]$/ { print $1 }' | sort >"$binary.functions"
	comm -13 "$binary.dynamic" "$binary.functions" >"$binary.keep"
	objcopy --only-keep-debug "$binary" "$binary.mini"
	objcopy -S --remove-section .gdb_index --remove-section .comment --keep-symbols="$binary.keep" "$binary.mini"
	objcopy --strip-all "$binary"
	xz -f "$binary.mini"
	objcopy --add-section .gnu_debugdata="$binary.mini.xz" "$binary"
	rm -f "$binary".{dynamic,functions,keep,mini.xz}
}

mkdir -p "$(dirname "$binary")"
rm -f "$binary" "$binary.skip"
"build_${source##*.}" "$@"
[ -z "${FINISH-}" ] || "finish_$FINISH"
