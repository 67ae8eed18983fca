#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# sizes.sh - files up to 500 lines, functions up to 80, BPF functions up to 40, the Makefile 200;
# comments in C up to 100 columns, which clang-format would leave as they are
#
# A function is what stands between a brace that opens and one that closes in column 0; tables
# open theirs at the end of a line and do not count.
set -euo pipefail

# shellcheck disable=SC2016 # awk's own $
{
	find user bpf tests .ci -name build -prune -o -type f \
		\( -name '*.[ch]' -o -name '*.cc' -o -name '*.hh' -o -name '*.rs' -o -name '*.mk' -o -name '*.sh' \
		-o -name '*.py' -o -path '.ci/run' \) -print
	echo Makefile
} 2>/dev/null | xargs awk '
function file_end() {
	if (name != "" && lines > most) { print name ": " lines " lines, " most " at most"; status = 1 }
}
FNR == 1 {
	file_end()
	name = FILENAME; open = 0; head = ""
	most = name == "Makefile" || name ~ /\.mk$/ ? 200 : 500
	longest = name ~ /^bpf\// ? 40 : 80
	is_c = name ~ /\.([ch]|cc|hh)$/
}
{ lines = FNR }
# but for what is read by a program: flags, expectations
name ~ /\.[ch]$/ && /^[ \t]*(\/\*|\*)/ && !/^\/\* [a-z]+: / && length($0) > 60 {
	wide = ""
	for (n = split($0, part, "\t"); n > 1; n--) wide = wide "        "
	columns = length($0) - length(wide) / 8 + length(wide)
	if (columns > 100) { print name ":" FNR ": a comment of " columns " columns, 100 at most"; status = 1 }
}
is_c && /^[a-zA-Z_].*\(/ { head = $0 }
is_c && /^\{/ { open = FNR }
is_c && /^\}/ && open {
	if (FNR - open - 1 > longest) {
		print name ":" open ": a function of " FNR - open - 1 " lines, " longest " at most: " head
		status = 1
	}
	open = 0
}
END { file_end(); exit status }' || exit 1
