#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# cost_guest.sh - what cost_vm.py runs in each virtual machine; no tool is there but this shell
#
# Usage: cost_guest.sh TURNS HOOK... ("none": without the daemon; "offcputime", "bpftrace": these
# instead of it). Prints "hook HOOK TAKEN" and the lines of load. The daemon's passes stop before
# anything is measured: a pass in the middle of a loop of one processor would be counted as a cost
# of its hooks.
turns=$1
shift
cd /bench || exit 1

quiet() {
	while [ "$(grep_started)" = '' ] && kill -0 "$daemon" 2>/dev/null; do ./load sleep 1; done
	./load sleep 5
	echo 'interval = 1000h' >/tmp/conf
	kill -HUP "$daemon"
	./load sleep 2
}

grep_started() {
	while read -r line; do
		case $line in *'who wakes whom: '*) echo "${line##*whom: }" ;; esac
	done </tmp/log
}

# Leaves the peer's id in $daemon; says nothing when it does not run.
peer() {
	case $1 in
	offcputime) offcputime >/tmp/log 2>&1 & ;;
	bpftrace) bpftrace offcpu.bt >/tmp/log 2>&1 & ;;
	esac
	daemon=$!
	./load sleep 30
	! kill -0 "$daemon" 2>/dev/null || taken=$1
}

./load all >/dev/null # what is done once is done
for hook; do
	taken=''
	if [ "$hook" = none ]; then
		echo 'hook none none'
	elif [ "$hook" = offcputime ] || [ "$hook" = bpftrace ]; then
		peer "$hook"
		echo "hook $hook ${taken:-refused}"
		[ -n "$taken" ] || { while read -r line; do echo "$hook: $line"; done </tmp/log && continue; }
	else
		echo 'interval = 1s' >/tmp/conf
		./nowake daemon --config /tmp/conf --socket none --buffer 16M --futex-events "$hook" >/tmp/log 2>&1 &
		daemon=$!
		quiet
		taken=$(grep_started)
		echo "hook $hook ${taken:-refused}"
		[ -n "$taken" ] || continue
	fi
	turn=0
	while [ $turn -lt "$turns" ]; do
		./load all
		turn=$((turn + 1))
	done
	if [ "$hook" != none ]; then
		kill "$daemon"
		wait "$daemon"
		echo "daemon $?"
	fi
done
