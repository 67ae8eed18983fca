#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
# cost_guest.sh - what cost_vm.py runs in each virtual machine; no tool is there but this shell
#
# Usage: cost_guest.sh TURNS LOOPS HOOK... LOOPS: of load, in one word: "all", "pipe cond", or with
# rounds: "cond:2000000". HOOK:
# "none": without the daemon; "offcputime", "bpftrace": these instead of it. In every turn each HOOK
# has its loops once. Prints "hook HOOK TAKEN", the lines of load, and "rests HOOK HOOK" when the
# daemon took its hook off meanwhile. The daemon's passes stop before anything is measured: a pass in
# the middle of a loop of one processor would be counted as a cost of its hooks.
turns=$1 loops=$2
shift 2
cd /bench || exit 1

# Says which hook the daemon took.
started() {
	while read -r line; do
		case $line in *'who wakes whom: '*) echo "${line##*whom: }" ;; esac
	done </tmp/log
}

start_nowake() {
	echo 'interval = 1s' >/tmp/conf
	./nowake daemon --config /tmp/conf --socket none --buffer 16M --futex-events "$1" >/tmp/log 2>&1 &
	watcher=$!
	while [ "$(started)" = '' ] && kill -0 "$watcher" 2>/dev/null; do ./load sleep 1; done
	./load sleep 5
	echo 'interval = 1000h' >/tmp/conf
	kill -HUP "$watcher" 2>/dev/null
	./load sleep 2
	taken=$(started)
}

start_peer() {
	case $1 in
	offcputime) offcputime >/tmp/log 2>&1 & ;;
	bpftrace) bpftrace offcpu.bt >/tmp/log 2>&1 & ;;
	esac
	watcher=$!
	./load sleep 30
	! kill -0 "$watcher" 2>/dev/null || taken=$1
}

measure() {
	echo "hook $1 ${taken:-refused}"
	if [ -z "$taken" ]; then
		while read -r line; do echo "$1: $line"; done </tmp/log
		return
	fi
	for loop in $loops; do
		rounds=${loop#*:}
		[ "$rounds" != "$loop" ] || rounds=''
		./load "${loop%%:*}" ${rounds:+"$rounds"}
	done
}

stop() {
	while read -r line; do
		case $line in *' wakes a second'*) echo "rests $1 $1" ;; esac
	done </tmp/log
	kill "$watcher" 2>/dev/null
	wait "$watcher"
}

./load all >/dev/null # what is done once is done
turn=0
while [ $turn -lt "$turns" ]; do
	for hook; do
		taken=''
		case $hook in
		none) taken=none ;;
		offcputime | bpftrace) start_peer "$hook" ;;
		*) start_nowake "$hook" ;;
		esac
		measure "$hook"
		[ "$hook" = none ] || stop "$hook"
	done
	turn=$((turn + 1))
done
