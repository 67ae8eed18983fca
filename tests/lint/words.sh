#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# words.sh - nothing is left open: no note to self in what is shipped or tested
set -euo pipefail

! grep -rnwE --include='*.[ch8]' --include='*.sh' --include='*.py' --include='*.cc' --include='*.hh' \
	--include='*.rs' --include='*.mk' --include=Makefile --exclude-dir=build \
	'TO''DO|FIX''ME|XX''X|HA''CK' Makefile user bpf tests .ci 2>/dev/null
