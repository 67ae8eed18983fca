#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# completion.sh - what bash is told to offer is what nowake has
#
# usage: completion.sh BUILD_DIR
set -euo pipefail

nowake=$PWD/$1/nowake status=0
# shellcheck source=/dev/null
. user/nowake.bash

# expect WHAT WORD...: that alone is offered for the last of these words.
expect() {
	local what=$1
	shift
	COMP_WORDS=("$nowake" "$@") COMP_CWORD=$# COMPREPLY=()
	_nowake
	[ "${COMPREPLY[*]}" = "$what" ] && return
	echo "user/nowake.bash:1: for \"nowake $*\" it offers \"${COMPREPLY[*]}\", not \"$what\""
	status=1
}

expect report rep
expect --json report --js
expect --json report -p 1 --js
expect '' report --nothing
expect "$$" report --pid "$$"

# A name that somebody gave to his process is not run, and not offered.
sandbox=$(mktemp -d)
trap 'rm -rf "$sandbox"; kill $(jobs -p) 2>/dev/null; wait' EXIT
for name in "plain-$$" "\$(>ran)"; do
	cp "$(command -v sleep)" "$sandbox/$name"
	(cd "$sandbox" && exec "./$name" 60) &
	until [ "$(</proc/$!/comm)" = "$name" ]; do sleep 0.05; done
done
cd "$sandbox"
expect "plain-$$" report -c "plain-$$"
expect '' report -c "\$("
[ ! -e ran ] || { status=1 && echo "user/nowake.bash:1: it runs the names of processes"; }
exit "$status"
