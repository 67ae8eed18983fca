#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# generate.sh - makes user/golang/layout_*.inc from all toolchains, or checks those that are there
#
# usage: generate.sh [--check]        (make go-layouts; make check-go-layouts)
# Builds subject/main.go with each toolchain, for amd64 and arm64, and lets extract.go read the DWARF.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../../.." && pwd)
golang=$top/user/golang
versions=(1.19 1.21 1.22 1.23 1.24 1.25 1.26 1.27)
out=$top/build/go/layouts

die() { printf 'generate: %s\n' "$*" >&2; exit 1; }

# The reader walks frame pointers, which no DWARF speaks of: the runtime has them on both or it is an error.
frame_pointers() {
	grep -q '^const framepointer_enabled = GOARCH == "amd64" || GOARCH == "arm64"$' \
		"$("$1" env GOROOT)/src/runtime/runtime2.go" || die "$1: no frame pointers any more?"
}

# A name with ? in members.txt is one that no code reads, and no other has one. A member of the same name
# in another group counts: then it has to be there, which errs to the safe side.
unread() {
	local name marked read
	while read -r name; do
		marked=${name##*[!?]} name=${name%\?} read=''
		! grep -qE -e "(->|\.)$name\>" "$golang"/*.c || read=1
		[ -n "$marked" ] || [ -n "$read" ] || die "members.txt: nothing reads $name: it needs a ?"
		[ -z "$marked" ] || [ -z "$read" ] || die "members.txt: $name is read, and has a ?"
	done < <(awk '/^\t/ { print $1 }' "$here/members.txt")
}

# What layout_own.c reads is what extract.go reads, of each program.
own() {
	"${CC:-gcc}" -std=gnu11 -D_GNU_SOURCE -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all \
		-Wall -Wextra -Wno-missing-field-initializers -Werror -I"$top/user" -o "$out/own" \
		"$here/own_check.c" "$golang"/{layout,layout_own,target}.c "$top/user/symbolize/godwarf.c" -ldw -lelf
	"$out/own" "${programs[@]}"
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
"$out/extract" "$here/members.txt" "$out/layout_table.inc" "$out/layout_members.inc" "${programs[@]}"
unread
case ${1-} in
--check)
	for made in layout_table.inc layout_members.inc; do
		diff -u "$golang/$made" "$out/$made" || {
			echo "generate: $golang/$made is not what the toolchains say: make go-layouts" >&2
			echo "0 passed, 1 failed"
			exit 1
		}
	done
	own
	;;
'') mv "$out"/layout_{table,members}.inc "$golang" ;;
*) die 'usage: generate.sh [--check]' ;;
esac
