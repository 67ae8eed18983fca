#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# check.sh - `nowake top` in a real terminal, tmux's, before a daemon that says what the test wants
#
# usage: check.sh NOWAKE FAKE
set -euo pipefail

nowake=$(realpath "$1") fake=$(realpath "$2")
dir=$(mktemp -d)
socket=$dir/socket summary=$dir/summary.json
passed=0 failed=0 daemon=''
# shellcheck disable=SC2317 # by trap
end() {
	[ -z "$daemon" ] || kill "$daemon"
	tm kill-server 2>/dev/null || true
	rm -rf "$dir"
}
tm() { tmux -S "$dir/tmux" -f /dev/null "$@"; }
trap end EXIT

# A summary with so many findings, of a process of this name.
say() {
	/usr/bin/python3 - "$1" "$2" >"$summary.new" <<-'END'
		import json, sys
		n, comm = int(sys.argv[1]), sys.argv[2]
		print(json.dumps({
		    "schema": 1, "host": "testhost", "time_seconds": 1714572315, "threshold_seconds": 60,
		    "daemon": {"watching_seconds": 4000, "pass_seconds": 0.012, "interval_seconds": 10,
		               "cpu_seconds": 3.5, "passes": 400, "failed": 0, "events": 1234, "lost": 0,
		               "symbolizer_restarts": 0, "resident_bytes": 18300000, "found": 3, "resolved": 1,
		               "futex_events": "tracepoint"},
		    "scan": {"threads": 2011, "thread_limit": 30000, "processes": 140, "blocked": 900, "idle": 700,
		             "unknown": 190, "stuck": 4, "blind": 0, "first_blind": None},
		    "findings": [{"id": "%016x" % i, "class": "deadlock", "confidence": "proven", "pid": 4711 + i,
		                  "comm": comm, "count": 2, "blocked_seconds": 1000 + i,
		                  "reason": "The whole reason number %d. " % i + "It goes on. " * 30 + "Its end.",
		                  "place": "take_lock_%d" % i} for i in range(n)],
		    "sites": [{"id": "%x" % i, "pid": 5000 + i, "comm": "leaky", "function": "spawn_%d" % i,
		               "alive": 500, "born": 600, "ended": 100, "floors": [100, 200],
		               "growth_per_hour": 1200.5 - i} for i in range(30)],
		    "waits": [{"tid": 7000 + i, "pid": 7000, "comm": "sleeper", "kind": "epoll", "class": "idle",
		               "source": "the network", "blocked_seconds": 100000 - i * 50} for i in range(60)],
		}))
	END
	mv "$summary.new" "$summary"
}

start_daemon() {
	"$fake" "$socket" "$summary" &
	daemon=$!
	for ((i = 0; i < 100; i++)); do
		[ ! -S "$socket" ] || return 0
		sleep 0.05
	done
}

stop_daemon() {
	kill -"${1:-TERM}" "$daemon"
	wait "$daemon" 2>/dev/null || true
	daemon=
}

screen() { tm capture-pane -p -t top; }

# What the test waits for must come within 8 s.
wait_for() {
	for ((i = 0; i < 80; i++)); do
		! "$@" || return 0
		sleep 0.1
	done
	return 1
}
# shellcheck disable=SC2317 # through wait_for
shows() { screen | grep -qF -- "$1"; }
# shellcheck disable=SC2317
matches() { screen | grep -qE -- "$1"; }
# shellcheck disable=SC2317
hides() { ! screen | grep -qF -- "$1"; }

expect() {
	local what=$1
	shift
	if wait_for "$@"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		printf 'top: %s: not so: %s\n' "$what" "$*"
		screen | sed 's/^/  |/' || true
	fi
}

keys() { tm send-keys -t top "$@"; }

# Opens a terminal in which a shell runs the command and then says how it ended, and whether the
# terminal is as it was before.
open() {
	local locale=$1 size=$2
	shift 2
	tm kill-session -t top 2>/dev/null || true
	cat >"$dir/run.sh" <<-END
		export LC_ALL=$locale
		modes() { stty -a | sed 's/rows.*columns [0-9]*;//'; }
		modes >"$dir/before"
		$*
		echo "ended with \$?"
		modes | cmp -s - "$dir/before" && echo "terminal as before"
		sleep 1000
	END
	tm new-session -d -s top -x "${size%x*}" -y "${size#*x}" "bash $dir/run.sh"
}

command="$nowake top --socket $socket --interval 200ms"

look() {
	open C.UTF-8 100x30 "$command"
	expect 'the host' shows 'testhost'
	expect 'three panes' shows 'Longest waits (60) ──'
	expect 'a finding' shows 'take_lock_0'
	say 3 'grüße'
	expect 'what is new' shows 'grüße'
	keys Enter
	expect 'the whole reason' shows 'Its end.'
	keys Escape
	expect 'the list again' shows 'Sites by growth (30)'
	keys Tab End
	expect 'the last site' shows 'spawn_29'
	keys Tab PPage NPage NPage NPage NPage NPage NPage NPage NPage NPage NPage
	expect 'the last wait' shows '7059'
	keys '?'
	expect 'the help' shows 'select a row'
	keys '?'
	expect 'the list after help' shows 'Longest waits'
	keys p
	expect 'the pause' shows 'PAUSED'
	say 3 other
	sleep 0.6
	expect 'nothing new in the pause' shows 'grüße'
	keys p
	expect 'news after the pause' shows 'other'
}

sizes() {
	local size
	for size in 20x5 150x50 21x6 40x9 300x4 19x3 2x2 1x1 80x1 80x24; do
		tm resize-window -t top -x "${size%x*}" -y "${size#*x}"
		sleep 0.3
		keys Tab Down Enter Enter
	done
	expect 'alive after all sizes' shows 'q quit'
	expect 'all panes again' shows 'Longest waits'
}

gone() {
	stop_daemon TERM
	expect 'the daemon is gone' shows 'the daemon does not answer'
	expect 'what was known' shows 'Findings (3)'
	expect 'its age' matches 'does not answer, for ([2-9]|[1-9][0-9]+) s'
	start_daemon
	expect 'the daemon is back' hides 'does not answer'
	stop_daemon KILL
	expect 'killed' shows 'does not run'
	start_daemon
	expect 'back after a kill' hides 'does not run'
	echo '{"schema": 7}' >"$summary"
	expect 'another version' shows 'not understood: schema'
	say 3 again
	expect 'understood again' shows 'again'
}

# A daemon that is stopped takes the connection and says nothing: keys still work.
hangs() {
	kill -STOP "$daemon"
	sleep 0.5
	keys '?'
	expect 'keys work meanwhile' shows 'select a row'
	keys '?'
	expect 'no answer in time' shows 'not in time'
	kill -CONT "$daemon"
	expect 'an answer again' hides 'not in time'
}

ends() {
	local signal pid
	keys q
	expect 'quits' shows 'ended with 0'
	expect 'restored' shows 'terminal as before'
	for signal in TERM INT HUP QUIT; do
		open C.UTF-8 80x24 "$command"
		expect "before $signal" shows 'take_lock'
		pid=$(tm list-panes -t top -F '#{pane_pid}')
		pid=$(ps -o pid= --ppid "$pid")
		kill -"$signal" "${pid// /}"
		expect "after $signal" shows 'ended with 0'
		expect "restored after $signal" shows 'terminal as before'
	done
	open C.UTF-8 80x24 "$command"
	expect 'before ^C' shows 'take_lock'
	keys C-c
	expect '^C' shows 'terminal as before'
}

others() {
	open C 80x24 "$command"
	expect 'ASCII' shows '(60) ---'
	open C.UTF-8 80x24 "NO_COLOR=1 $command"
	expect 'without colours' shows 'take_lock'
	if tm capture-pane -e -p -t top | grep -qE $'\033\[[0-9;]*3[1-6]m'; then
		failed=$((failed + 1)) && echo 'top: colours in spite of NO_COLOR'
	fi
	open C.UTF-8 80x24 "$command"
	expect 'with colours' shows 'take_lock'
	tm capture-pane -e -p -t top | grep -qE $'\033\[[0-9;]*3[1-6]m' ||
		{ failed=$((failed + 1)) && echo 'top: no colours'; }
	open C.UTF-8 80x24 "TERM=vt100 $command"
	expect 'vt100' shows 'take_lock'
	keys q
	open C.UTF-8 80x24 "TERM=nonsense $command"
	expect 'an unknown terminal' shows 'ended with 2'
	open C.UTF-8 80x24 "$command | cat; echo \${PIPESTATUS[0]} of the pipe"
	expect 'no terminal' shows '2 of the pipe'
	open C.UTF-8 120x24 "$nowake top --socket $dir/nobody"
	expect 'no daemon' shows 'ended with 3'
	expect 'how to get one' shows 'nowake daemon'
	open C.UTF-8 120x24 "$nowake top --socket none"
	expect 'no socket' shows 'ended with 2'
}

say 2 postgres
start_daemon
look
sizes
gone
hangs
ends
others
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
