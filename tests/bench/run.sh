#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh - what does nowake cost? (root) As ratios against peers, measured in turns in one run.
#
# Usage: run.sh NOWAKE [RUNS]. Builds the crowd (sleepers.c) beside the binary, then report.py
# measures on this host as it is and with 1,000, 10,000 and 30,000 sleeping threads beside it;
# stacks.py all stacks of one process of 2,000 threads (places.cc), and that a second report by
# the same nowake reads no symbols (again.c, which `make` has built).
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
nowake=${1:?usage: run.sh NOWAKE [RUNS]}
runs=${2:-5}
crowd=$(dirname "$nowake")/bench/sleepers

if [ "$(id -u)" != 0 ]; then
	echo 'bench: needs root: sudo make bench' >&2
	exit 1
fi
mkdir -p "$(dirname "$crowd")"
"${CC:-gcc}" -O2 -Wall -Werror -pthread -o "$crowd" "$here/sleepers.c"
places=$(dirname "$crowd")/places
"${CXX:-g++}" -std=c++20 -O2 -fno-ipa-icf -g -Wall -Werror -pthread -o "$places" "$here/places.cc"
python3 "$here/report.py" "$nowake" "$crowd" "$runs"
echo
python3 "$here/stacks.py" "$nowake" "$places" "$(dirname "$nowake")/tests/bench/again" "$runs"
