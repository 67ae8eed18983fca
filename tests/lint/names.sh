#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# names.sh - a function that others may call begins with its file's name
#
# usage: names.sh BUILD_DIR
# graph_solve lives in graph.c. Read from the objects' symbols; static functions carry no prefix.
set -euo pipefail

status=0 seen=0
while read -r object; do
	source=${object#"$1"/}
	source=${source%.o}.c
	[ -e "$source" ] || continue # of a source that is gone
	seen=1
	name=$(basename "$object" .o)
	while read -r symbol; do
		case $symbol in
		main | "$name" | "$name"_*) ;;
		*) status=1 && echo "$source: $symbol() lives in $name.c, so it is called ${name}_..." ;;
		esac
	done < <(nm --format=posix --defined-only -g "$object" | awk '$2 == "T" { print $1 }')
done < <(find "$1/user" -name '*.o')
[ "$seen" = 1 ] || { echo "$1/user: no objects; build first" && exit 1; }
exit "$status"
