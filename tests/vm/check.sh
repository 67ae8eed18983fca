#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# check.sh - nowake's live test-suite under Debian's kernels, from 5.10 to 7.x (make check-vm)
#
#   tests/vm/check.sh [--kernel SERIES]... [--timeout SEC] [--jobs N]
#
# Two machines run side by side, if --jobs says nothing else.
# Takes nowake, the runner and the planted programs from build/, or from $B, and lets run.sh run
# guest.sh with them. SETTLE: seconds for which a thread must have been blocked before the look.
# STACKS: names of the programs of tests/stack whose stacks are compared too. ARCH: arm64, if these
# programs are; where B has a sysroot they were built with its libraries.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
b=${B:-$top/build}
[ ! -d "$b/sysroot" ] || export SYSROOT=$b/sysroot
strip=strip suite=''
[ "${ARCH:-}" != arm64 ] || ! command -v aarch64-linux-gnu-strip >/dev/null || strip=aarch64-linux-gnu-strip
trap '[ -z "$suite" ] || rm -rf "$suite"' EXIT

die() { printf 'check.sh: %s\n' "$*" >&2; exit 2; }

# The sources, for what they expect, and the programs, without what the compiler left beside them.
# nowake's DWARF stays on the host: a deployed one has none either, and the machine boots faster.
collect() {
	local dir file

	[ ! -e "$b/tests/.no-m32" ] || { mkdir -p "$suite/bin" && touch "$suite/bin/.no-m32"; }
	"$strip" -g -o "$suite/nowake" "$b/nowake"
	cp "$b/tests/live" "$here/guest.sh" "$suite/"
	mkdir -p "$suite/src/stack" "$suite/bin/stack"
	cp "$top/tests/stack"/*.c "$suite/src/stack/"
	for file in ${STACKS:-}; do
		cp "$b/tests/stack/special/$file" "$suite/bin/stack/"
	done
	for dir in stuck healthy; do
		mkdir -p "$suite/src/$dir" "$suite/bin/$dir"
		cp "$top/tests/$dir"/*.c "$suite/src/$dir/"
		for file in "$top/tests/$dir"/*.c; do
			file=$(basename "$file" .c)
			[ ! -x "$b/tests/$dir/$file" ] || cp "$b/tests/$dir/$file" "$suite/bin/$dir/"
		done
	done
}

for file in "$b/nowake" "$b/tests/live"; do
	[ -x "$file" ] || die "no $file: make all live"
done
mkdir -p "$top/build/vm"
suite=$(mktemp -d "$top/build/vm/suite.XXXXXX")
chmod 755 "$suite"
collect
"$here/run.sh" --timeout 600 --jobs 2 "$@" --add "$suite:/suite" -- /bin/sh /suite/guest.sh "${SETTLE:-8}"
