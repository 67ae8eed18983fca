#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# man.sh - the man page is well formed, and names the commands and options that nowake has
#
# usage: man.sh BUILD_DIR
# nowake prints --help from its table of options; the page must name exactly those.
set -euo pipefail

page=user/nowake.8
status=0
command -v mandoc >/dev/null || { echo 'mandoc is missing' && exit 1; }
[ -e "$page" ] || { echo "$page: there is no man page" && exit 1; }
mandoc -T lint -W warning "$page" || status=1
text=$(mandoc -T ascii "$page" | sed 's/.\x08//g')

# a --word of the text, once each; a hyphen at the end belongs to the sentence
options() {
	grep -oE -e '(^|[^-a-zA-Z0-9])--[a-z][-a-z]*[a-z]' | grep -oE -e '--[a-z].*' | sort -u
}

commands=$("$1/nowake" --help | sed -nE 's/^  ([a-z]+) .*/\1/p')
[ -n "$commands" ] || { echo "$1/nowake --help names no command" && exit 1; }
has=$({
	"$1/nowake" --help
	for command in $commands; do "$1/nowake" "$command" --help; done
} | options)
for command in $commands; do
	grep -qw "nowake $command" <<<"$text" || { status=1 && echo "$page: no word about \"nowake $command\""; }
done
while IFS=$'\t' read -r missing unknown; do
	status=1
	[ -z "$missing" ] || echo "$page: no word about $missing"
	[ -z "$unknown" ] || echo "$page: there is no option $unknown"
done < <(comm -3 <(echo "$has") <(options <<<"$text"))
exit "$status"
