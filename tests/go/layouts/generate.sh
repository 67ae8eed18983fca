#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# generate.sh - makes user/golang/layout_table.inc from all toolchains, or checks the one that is there
#
# usage: generate.sh [--check]        (make go-layouts; make check-go-layouts)
# Builds subject/main.go with each toolchain, for amd64 and arm64, and lets extract.go read the DWARF.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
table=$top/user/golang/layout_table.inc
versions=(1.19 1.21 1.22 1.23 1.24 1.25 1.26 1.27)
out=$top/build/go/layouts

die() { printf 'generate: %s\n' "$*" >&2; exit 1; }

# The reader walks frame pointers, which no DWARF speaks of: the runtime has them on both or it is an error.
frame_pointers() {
	grep -q '^const framepointer_enabled = GOARCH == "amd64" || GOARCH == "arm64"$' \
		"$("$1" env GOROOT)/src/runtime/runtime2.go" || die "$1: no frame pointers any more?"
}

mkdir -p "$out"
programs=()
for version in "${versions[@]}"; do
	go=$("$here/../toolchain.sh" "$version")
	frame_pointers "$go"
	for arch in amd64 arm64; do
		program=$out/subject-$version-$arch
		CGO_ENABLED=0 GOOS=linux GOARCH=$arch nice -n 19 "$go" build -o "$program" "$here/subject/main.go" ||
			die "Go $version does not build subject/main.go for $arch"
		programs+=("$program")
	done
done
CGO_ENABLED=0 nice -n 19 "$go" build -o "$out/extract" "$here/extract.go"
"$out/extract" "$here/members.txt" "${programs[@]}" >"$out/table.inc"
case ${1-} in
--check)
	diff -u "$table" "$out/table.inc" || {
		echo "generate: $table is not what the toolchains say: make go-layouts" >&2
		echo "0 passed, 1 failed"
		exit 1
	}
	echo "${#programs[@]} passed, 0 failed"
	;;
'') mkdir -p "$(dirname "$table")" && mv "$out/table.inc" "$table" ;;
*) die 'usage: generate.sh [--check]' ;;
esac
