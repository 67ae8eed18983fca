#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# purity.sh - analyze/ and golang/ call nothing that reads or changes the world, by their objects
#
# usage: purity.sh BUILD_DIR
# Starts from user/analyze/*.o and user/golang/*.o, and follows calls into user/base/*.o. What is left
# undefined must be on this list: memory, strings, sorting, text built in memory. No clock, no file, no log.
set -euo pipefail

allowed='_GLOBAL_OFFSET_TABLE_|__stack_chk_fail|__assert_fail|abort|__errno_location|malloc|calloc|realloc'
allowed+='|reallocarray|free|qsort(_r)?|bsearch|(__)?mem[a-z]+(_chk)?|(__)?str[a-z]+(_chk)?|__isoc[0-9]+_strto[a-z]+'
allowed+='|(__)?v?s?n?printf_chk|v?snprintf|(__)?v?asprintf(_chk)?|(__)?v?fprintf(_chk)?|open_memstream|fclose'
allowed+='|fflush|fputs|fputc|putc|fwrite|__ctype_[a-z_]+|__(asan|ubsan)_.*'

shopt -s nullglob
objects=("$1"/user/analyze/*.o "$1"/user/golang/*.o)
base=("$1"/user/base/*.o)
[ ${#objects[@]} -gt 0 ] || { echo "$1/user/analyze: no objects; build first" && exit 1; }

# KIND FILE SYMBOL TYPE
symbols() { nm -A --format=posix "${@:2}" | awk -v kind="$1" '{ sub(/:$/, "", $1); print kind, $1, $2, $3 }'; }

{
	symbols pure "${objects[@]}"
	[ ${#base[@]} = 0 ] || symbols base "${base[@]}"
} | awk -v allowed="^($allowed)$" '
$4 ~ /^[TDBRVW]$/ { owner[$3] = $2 }
$4 ~ /^[Uw]$/ { needs[$2] = needs[$2] " " $3 }
$1 == "pure" { todo[$2] }
END {
	do {
		more = 0
		for (file in todo) {
			if (file in done) continue
			done[file]; more = 1
			n = split(needs[file], want, " ")
			for (i = 1; i <= n; i++) {
				if (want[i] in owner) todo[owner[want[i]]]
				else if (want[i] !~ allowed) { print file ": " want[i] " is not pure"; status = 1 }
			}
		}
	} while (more)
	exit status
}'
