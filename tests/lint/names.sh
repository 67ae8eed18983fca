#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# names.sh - a function that others may call begins with its file's name
#
# usage: names.sh BUILD_DIR
# graph_solve lives in graph.c. Read from the objects' symbols; static functions carry no prefix.
set -euo pipefail

objects=()
while read -r object; do
	source=${object#"$1"/}
	[ ! -e "${source%.o}.c" ] || objects+=("$object") # else it is of a source that is gone
done < <(find "$1/user" -name '*.o')
[ ${#objects[@]} -gt 0 ] || { echo "$1/user: no objects; build first" && exit 1; }
nm -A --format=posix --defined-only -g "${objects[@]}" | awk -v build="$1/" '
$3 == "T" && $2 != "main" {
	source = substr($1, length(build) + 1)
	sub(/\.o:$/, ".c", source)
	name = source
	sub(/.*\//, "", name)
	sub(/\.c$/, "", name)
	if ($2 != name && index($2, name "_") != 1) {
		print source ": " $2 "() lives in " name ".c, so it is called " name "_..."
		status = 1
	}
}
END { exit status }'
