#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# guest.sh - in the machine of boot.sh: the unit as systemd runs it, from start to stop
#
# A system call that the unit refuses ends the daemon here (test.conf): what a library does
# politely without would go unseen.
set -euo pipefail

conf=/etc/nowake.conf
prom=/var/lib/prometheus/node-exporter/nowake.prom
dropin=/run/systemd/system/nowake.service.d
passed=0 failed=0

# NAME COMMAND...: is it so?
check() {
	local name=$1

	shift
	if "$@"; then
		passed=$((passed + 1)) && echo "ok $name"
	else
		failed=$((failed + 1)) && echo "not ok $name: $*"
	fi
}

# SECONDS COMMAND...: will it be so?
soon() {
	local end=$((SECONDS + $1))

	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.5
	done
}

property() { systemctl show nowake.service --value -p "$1"; }
is() { [ "$(property "$1")" = "$2" ]; }
differs() { [ "$(property "$1")" != "$2" ]; }
log() { journalctl -q -b -u nowake.service -o "${1:-cat}"; }
# Not grep -q: that ends before journalctl does, which pipefail takes for a failure.
logged() { log | grep -E -- "$1" >/dev/null; }
not_logged() { ! logged "$1"; }
metric() { grep -qx -- "$1" "$prom" 2>/dev/null; }
gone() { [ ! -e "$1" ]; }
mode() { [ "$(stat -c '%a %U' "$1")" = "$2" ]; }
configure() { printf '%s\n' "$@" "textfile = $prom" "threshold = 2s" >"$conf"; }

# What journald made of the level before an event's line.
priority() {
	journalctl -q -b -u nowake.service -p "$2..$2" -o cat | grep "^$1" >/dev/null
}

# REQUEST PATTERN: the daemon's socket answers so.
answers() {
	perl -MIO::Socket::UNIX -e '
		my $s = IO::Socket::UNIX->new(Peer => "/run/nowake/socket") or exit 1;
		print $s "$ARGV[0]\n"; $s->flush; local $/; exit(<$s> !~ /$ARGV[1]/)' "$1" "$2"
}

reports() { nowake report --json --threshold 2s -p "$1" | grep '"class": *"deadlock"' >/dev/null; }

look() {
	check 'READY=1 makes it active' soon 120 is ActiveState active
	check 'its first start' is NRestarts 0
	check '/run/nowake is only root'"'"'s' mode /run/nowake '700 root'
	check 'the log has its start' soon 10 priority started: 5
	check 'the log has the deadlock' soon 60 logged "finding-opened: .*class=deadlock .*pid=$cycle "
	check 'at its level' priority finding-opened: 4
	check 'its unit is told' logged "pid=$cycle .*unit=nowake-check.service"
	check 'the log has who waits for itself' soon 60 logged "finding-opened: .*pid=$alone "
	check 'a place in the code, by the sandboxed child' soon 30 answers top '"place": *"twice"'
	check 'its memory, for a report' answers history '^ok [0-9]+\n.'
	check 'a report beside it' reports "$cycle"
	check 'the metrics' soon 20 metric 'nowake_interval_seconds 1'
	check 'no trouble' not_logged '^(trouble|failed)'
	check 'nothing of the plants is hidden' not_logged "^blind: .*(stack|memory|/proc/($cycle|$alone))"
}

reload() {
	local pid

	pid=$(property MainPID)
	configure 'interval = 2s' 'buffer = 4K'
	check 'systemctl reload' systemctl reload nowake.service
	check 'it says what it keeps' soon 30 logged '^reloaded: .*only a restart changes: buffer'
	check 'the new interval counts' soon 20 metric 'nowake_interval_seconds 2'
	check 'it is active again' soon 20 is ActiveState active
	configure 'interval = never'
	systemctl reload nowake.service || true
	check 'a mistake is told, with its line' soon 20 logged '^reload-failed: /etc/nowake.conf:1: interval'
	check 'and changes nothing' is MainPID "$pid"
	configure 'interval = 1s'
}

# HOOK: does it work with all that root may?
works_alone() {
	local out=/run/alone.log pid

	: >/run/alone.conf
	nowake daemon --config /run/alone.conf --socket none --futex-events "$1" 2>"$out" & pid=$!
	check "without the unit, $1 works or is refused" soon 40 grep -Eq '^[^ ]+ (started|failed): ' "$out"
	kill "$pid" 2>/dev/null || true
	wait "$pid" || true
	grep -q "who wakes whom: $1\$" "$out"
}

# Each way to see who wakes whom has system calls and files of its own. What the kernel has not is no
# matter of the unit.
hooks() {
	local hook

	configure 'interval = 1s'
	systemctl stop nowake.service
	for hook in fentry kprobe tracepoint off; do
		works_alone "$hook" || { echo "this kernel has no $hook" && continue; }
		configure 'interval = 1s' "futex-events = $hook"
		check "the unit lets $hook work" systemctl restart nowake.service
		check "it is $hook" soon 30 logged "^started: .*who wakes whom: $hook\$"
	done
	check 'no trouble with them' not_logged '^(trouble|failed)'
	configure 'interval = 1s'
}

watchdog() {
	local pid

	printf '[Service]\nWatchdogSec=12s\nTimeoutAbortSec=2s\nRestartSec=1s\n' >"$dropin/watchdog.conf"
	systemctl daemon-reload
	check 'restart' systemctl restart nowake.service
	pid=$(property MainPID)
	sleep 30
	check 'alive, and told so in time' is MainPID "$pid"
	check 'no restart' is NRestarts 0
	kill -STOP "$pid"
	check 'who hangs is ended and started again' soon 90 is NRestarts 1
	check 'and is ready again' soon 90 is ActiveState active
	check 'as another process' differs MainPID "$pid"
}

stop() {
	check 'the file is there' soon 30 test -e "$prom"
	check 'systemctl stop' systemctl stop nowake.service
	check 'a clean end' is Result success
	check 'the file is gone' gone "$prom"
	check '/run/nowake is gone' gone /run/nowake
	configure 'intervall = 1s'
	systemctl start nowake.service || true
	check 'a wrong setting is a failure' soon 20 is ActiveState failed
	check 'that is told' logged 'nowake.conf:1: there is no "intervall": did you mean "interval"'
	check 'and not tried again' is NRestarts 0
}

end() {
	echo "$passed passed, $failed failed"
	log short-monotonic | cut -c1-300 | tail -n 80
	echo "guest-end: $(uname -r)"
	sync
	systemctl poweroff -ff
}
trap end EXIT

/check/mutex_cycle2 >/dev/null & cycle=$!
/check/mutex_self >/dev/null & alone=$!
mkdir -p "$dropin" "${prom%/*}"
printf '[Service]\nSystemCallErrorNumber=kill\n' >"$dropin/test.conf"
configure 'interval = 1s'
systemctl daemon-reload
check 'systemctl enable' systemctl -q enable nowake.service
check 'systemctl start' systemctl start nowake.service
look
reload
hooks
watchdog
stop
