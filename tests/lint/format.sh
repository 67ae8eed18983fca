#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# format.sh - C as .clang-format says (`make format` does it)
#
# Two versions of clang-format seldom agree on everything: one is the judge, Debian 12's.
set -euo pipefail

judge=14
tool=$(command -v clang-format-$judge clang-format | head -n 1) || true
version=$("${tool:-false}" --version 2>/dev/null | grep -oE 'version [0-9]+' | cut -d' ' -f2) || true
[ "$version" = $judge ] || { echo "SKIPPED: clang-format ${version:-is missing}, not $judge" && exit 77; }
wrong=$(find user bpf tests -name '*.[ch]' -exec "$tool" --dry-run --Werror {} + 2>&1 | grep 'error:') || true
[ -z "$wrong" ] || { echo "$wrong" && exit 1; }
