#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# crowd.sh - the daemon beside a large crowd, in a virtual machine; no tool is there but this shell
#
# Usage: crowd.sh THREADS BYTES. Beside so many sleeping threads and a deadlock, after three passes all
# of them must have been seen, the deadlock found and nothing else, and the daemon be smaller than BYTES.
threads=$1 bytes=$2 passed=0 failed=0
cd /suite || exit 1
echo 4000000 >/proc/sys/kernel/pid_max
echo 1000000 >/proc/sys/kernel/threads-max
echo 1000000 >/proc/sys/vm/max_map_count

# The value of a metric, as a whole number; 0: it is not there.
value() {
	found=0
	while read -r name number; do
		[ "$name" != "$1" ] || found=${number%%.*}
	done <nowake.prom
	echo "$found"
}

# Lines of the daemon's log with this word.
lines() {
	n=0
	while read -r line; do
		case $line in *"$1"*) n=$((n + 1)) ;; esac
	done <log
	echo "$n"
}

# is WHAT NUMBER COMPARISON NUMBER
is() {
	if test "$2" "$3" "$4"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$1: $2, not $3 $4"
	fi
}

: >nowake.prom
./sleepers "$threads" >ready &
while kill -0 $! && [ ! -s ready ]; do ./load sleep 1; done
./mutex_cycle2 >/dev/null &
./nowake daemon --socket none --interval 2s --threshold 5s --textfile /suite/nowake.prom 2>log &
while kill -0 $! && [ "$(value nowake_passes_total)" -lt 3 ]; do ./load sleep 1; done
is 'threads seen' "$(value 'nowake_threads{group="sleepers"}')" -ge "$threads"
is 'deadlocks' "$(lines class=deadlock)" -eq 1
is 'findings' "$(lines finding-opened)" -eq 1
is 'passes that saw a part' "$(value 'nowake_blind{reason="partial"}')" -eq 0
is 'bytes of the daemon' "$(value nowake_resident_memory_bytes)" -lt "$bytes"
while read -r line; do
	case $line in nowake_*_seconds* | nowake_resident*) echo "  $line" ;; esac
done <nowake.prom
while read -r line; do echo "  $line"; done <log
kill $!
wait $!
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
