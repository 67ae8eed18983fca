#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# plates.sh - each file opens with its licence and with a line that says what it is for
#
# The plate is "name.c - what it is for", near the top; the kernel's types have none.
set -euo pipefail

# shellcheck disable=SC2016 # the $0 is awk's
find user bpf tests .ci -name build -prune -o -type f \
	\( -name '*.[ch]' -o -name '*.cc' -o -name '*.hh' -o -name '*.rs' -o -name '*.mk' -o -name '*.sh' \
		-o -name '*.py' -o -path '.ci/run' \) -print0 2>/dev/null | sort -z | xargs -0 awk '
function judge() {
	if (!licence) { status = 1; print file ":1: no SPDX line" }
	if (!plate) { status = 1; print file ":1: no plate \"" name " - what it is for\"" }
}
FNR == 1 {
	if (file) judge()
	seen[FILENAME]
	file = name = FILENAME
	sub(/.*\//, "", name)
	licence = plate = 0
}
FNR > 8 { nextfile }
index($0, "SPDX-License-Identifier: GPL-2.0-only") { licence = 1 }
(at = index($0, name " - ")) && length($0) >= at + length(name " - ") { plate = 1 }
END {
	if (file) judge()
	for (i = 1; i < ARGC; i++)
		if (!(ARGV[i] in seen)) { status = 1; print ARGV[i] ": it is empty" }
	exit status
}' || exit 1
