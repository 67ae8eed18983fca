#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# plates.sh - each file opens with its licence and with a line that says what it is for
#
# The plate is "name.c - what it is for", near the top; the kernel's types have none.
set -euo pipefail

find user bpf tests .ci -name build -prune -o -type f \
	\( -name '*.[ch]' -o -name '*.cc' -o -name '*.hh' -o -name '*.rs' -o -name '*.mk' -o -name '*.sh' \
		-o -name '*.py' -o -path '.ci/run' \) -print 2>/dev/null | sort | {
	status=0
	while read -r file; do
		head=$(head -n 8 "$file")
		name=$(basename "$file")
		[[ $head == *"SPDX-License-Identifier: GPL-2.0-only"* ]] ||
			{ status=1 && echo "$file:1: no SPDX line"; }
		[[ $head == *"$name - "?* ]] ||
			{ status=1 && echo "$file:1: no plate \"$name - what it is for\""; }
	done
	exit "$status"
}
