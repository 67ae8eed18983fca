#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# crowd_check.sh - the daemon beside a crowd that this host may not hold, in QEMU (make check-crowd)
#
#   tests/vm/crowd_check.sh BUILD [THREADS]
#
# So many threads sleep (50,000); the machine has 48 KiB for each and 2 GiB, and the daemon may take 24 MiB
# and 300 bytes a thread. packages: gcc libc6-dev, and those of run.sh
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
b=$1 threads=${2:-50000}
suite=$(mktemp -d "$b/crowd.XXXXXX")
trap 'rm -rf "$suite"' EXIT
chmod 755 "$suite"
"${CC:-gcc}" -O2 -static -pthread -D_GNU_SOURCE -o "$suite/sleepers" "$here/../bench/sleepers.c"
"${CC:-gcc}" -O2 -static -pthread -D_GNU_SOURCE -o "$suite/load" "$here/../bench/load.c"
strip -g -o "$suite/nowake" "$b/nowake"
cp "$here/crowd.sh" "$b/tests/stuck/mutex_cycle2" "$suite/"
"$here/run.sh" --kernel 6.12 --timeout 590 --memory "$((2048 + threads * 48 / 1024))M" --add "$suite:/suite" -- \
	/bin/sh /suite/crowd.sh "$threads" "$((24 * 1024 * 1024 + threads * 300))"
