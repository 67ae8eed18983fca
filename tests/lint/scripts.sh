#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# scripts.sh - scripts pass shellcheck, and bash ones stop at the first error
set -euo pipefail

status=0
mapfile -t scripts < <(find tests .ci user -type f \( -name '*.sh' -o -name '*.bash' -o -path '.ci/run' \) \
	2>/dev/null | sort)
for file in "${scripts[@]}"; do
	[[ $(head -n 1 "$file") != *bash ]] || [ ! -x "$file" ] || grep -q '^set -euo pipefail$' "$file" ||
		{ status=1 && echo "$file:1: no set -euo pipefail"; }
done
command -v shellcheck >/dev/null || { echo 'shellcheck is missing' && exit 1; }
[ ${#scripts[@]} = 0 ] || shellcheck --external-sources --format=gcc "${scripts[@]}" || status=1
exit "$status"
