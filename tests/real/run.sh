#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh - real servers must stay unreported, and what is planted beside them must be found (root)
#
# Usage: run.sh NOWAKE [PLANT_BINARY...]
# Starts every server of servers/ on loopback, looks at them idle, under load, idle again, and with
# the planted programs beside them; look.py judges each report. The source of a planted program,
# with its `expect:` line, lies under tests/ as its binary lies under build/tests/; the healthy
# ones among them are left to the live suite.
# This process is a subreaper: whatever the servers leave behind stays below it, and is ended with
# it. A server that is not installed is skipped, loudly; with CI=true it is a failure.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
python=/usr/bin/python3
idle_seconds=${REAL_IDLE:-6}
servers=() passed=0 failed=0 skipped=0 tmp=''

# Runs this script again as a subreaper (option 36 of prctl), which survives an exec.
be_subreaper() {
	export NOWAKE_REAL_SUBREAPER=1
	exec "$python" -c 'import ctypes, os, sys
if ctypes.CDLL(None).prctl(36, 1, 0, 0, 0):
    sys.exit("run.sh: cannot become a subreaper")
os.execvp("bash", ["bash"] + sys.argv[1:])' "${BASH_SOURCE[0]}" "$@"
}

# Says a line about the course of things, with the seconds since the start.
say() {
	printf '%4ds  %s\n' "$SECONDS" "$*"
}

# Counts a result, and shows it unless it is a success.
count() {
	case $1 in
	ok) passed=$((passed + 1)) ;;
	skip) skipped=$((skipped + 1)) && say "SKIPPED $2" ;;
	*) failed=$((failed + 1)) && say "FAILED $2" ;;
	esac
}

# Prints the processes below this one, but for the subshell that asks (there must be one).
offspring() {
	local ask=$BASHPID
	ps -eo pid=,ppid= | awk -v me="$$" -v ask="$ask" '
		{ parent[$1] = $2 }
		END { for (pid in parent) { at = pid
			while (at in parent && at != me && at != ask) at = parent[at]
			if (at == me && pid != me) print pid } }'
}

# Sends a signal to all offspring.
signal_offspring() {
	local pids
	mapfile -t pids < <(offspring)
	((${#pids[@]} == 0)) || kill "-$1" "${pids[@]}" 2>/dev/null || true
}

# Waits until nothing is left below this process, for so many seconds.
await_none() {
	local deadline=$((SECONDS + $1))
	while [[ -n $(offspring) ]]; do
		((SECONDS < deadline)) || return 1
		sleep 0.2
	done
}

# Ends everything, politely first: only the servers themselves, then all that is left.
stop_all() {
	local name pid
	[[ -s $tmp/roots ]] || return 0
	while read -r _ name pid _; do
		kill -TERM "$pid" 2>/dev/null || true
	done <"$tmp/roots"
	await_none 8 && return 0
	signal_offspring TERM
	await_none 4 && return 0
	signal_offspring KILL
	await_none 5 || say "could not end: $(offspring | tr '\n' ' ')"
}

# However the script ends. With REAL_KEEP set the directory with all logs stays.
# shellcheck disable=SC2317 # called by a trap
cleanup() {
	local status=$?
	trap - EXIT INT TERM HUP
	[[ -n $tmp ]] || exit "$status"
	touch "$tmp/load.stop"
	stop_all
	if [[ -n ${REAL_KEEP:-} ]]; then
		echo "kept $tmp" >&2
	else
		rm -rf "$tmp"
	fi
	exit "$status"
}

# Three free ports on loopback for each server, all different: a line "NAME PORT PORT PORT" each.
choose_ports() {
	"$python" -c 'import socket, sys
held = []
for name in sys.argv[1:]:
    for _ in range(3):
        held.append(socket.socket())
        held[-1].bind(("127.0.0.1", 0))
    print(name, *(one.getsockname()[1] for one in held[-3:]))' "$@"
}

# Keeps the servers that this machine has.
choose_servers() {
	local name lacks verdict=skip
	[[ ${CI:-} != true ]] || verdict=fail
	for name in "${all[@]}"; do
		lacks=$("$here/server.sh" "$name" missing | tr '\n' ' ')
		if [[ -n $lacks ]]; then
			count "$verdict" "$name is not installed: no $lacks"
		else
			servers+=("$name")
		fi
	done
}

# Starts all of them at once; each prepares itself in its own process.
start_servers() {
	local name
	for name in "${servers[@]}"; do
		NOWAKE_REAL=$name "$here/server.sh" "$name" start \
			>"$tmp/$name.log" 2>&1 </dev/null &
		printf 'server %s %d\n' "$name" "$!" >>"$tmp/roots"
	done
}

# Waits until a server has answered; its log is the explanation if it does not.
await_server() {
	local name=$1 pid=$2 deadline=$((SECONDS + 90))
	until timeout 15 "$here/server.sh" "$name" ready >"$tmp/$name.ready" 2>&1 </dev/null; do
		if ((SECONDS >= deadline)) || ! kill -0 "$pid" 2>/dev/null; then
			count fail "$name did not answer"
			tail -n 15 "$tmp/$name.log" "$tmp/$name.ready" >&2
			return 0
		fi
		sleep 0.3
	done
	say "$name answers"
}

# All of them, in the order in which they were started.
await_servers() {
	local name pid
	while read -r _ name pid <&4; do
		await_server "$name" "$pid"
	done 4<"$tmp/roots"
}

# One report, judged.
look() {
	local verdict text
	"$python" "$here/look.py" look "$tmp" "$1" "$$" "$nowake" >"$tmp/look" ||
		count fail "$1: look.py ended with $?"
	while read -r verdict text; do
		case $verdict in
		note) say "$text" ;;
		not) count fail "${text#ok }" ;;
		ok) count ok "$text" ;;
		esac
	done <"$tmp/look"
}

# Looks three times while every server works; the load must have lasted from the first to the last.
look_under_load() {
	local name i pids=()
	for name in "${servers[@]}"; do
		setsid "$here/server.sh" "$name" load >"$tmp/$name.load" 2>&1 </dev/null &
		pids+=("$!")
	done
	for i in 1 2 3; do
		sleep 3
		look "load$i"
	done
	touch "$tmp/load.stop"
	for i in "${!servers[@]}"; do
		name=${servers[i]}
		if wait "${pids[i]}"; then
			count ok "load $name"
			say "$name has worked through $(cat "$tmp/$name.batches") batches"
		else
			count fail "the load of $name: $(tail -n 3 "$tmp/$name.load" | tr '\n' ' ')"
		fi
	done
}

# Some servers' stacks against gdb's, whose stopping of them must not be taken for load.
compare_stacks() {
	local name pid pids line
	while read -r _ name pid; do
		[[ " postgresql redis mariadb " == *" $name "* ]] || continue
		mapfile -t pids < <(ps -o pid= --ppid "$pid" | tr -d ' ')
		line=$("$python" "$here/../stack/process.py" "$nowake" "$name" "$pid" "${pids[@]}" 2>"$tmp/$name.stacks")
		case $line in
		ok*) count ok "$line" && say "${line#ok }" ;;
		*) count fail "${line#not ok }: $(head -n 1 "$tmp/$name.stacks")" && cat "$tmp/$name.stacks" >&2 ;;
		esac
	done <"$tmp/roots"
}

# Starts a planted program; status 1: this kernel, or this build, cannot play it.
start_plant() {
	local binary=$1 name out
	name=${binary##*/}
	out=$tmp/plants/$name.out
	[[ -x $binary ]] || return 1
	: >"$out"
	PLANT_LIFETIME=0 PLANT_RUNNER=$$ PLANT_TMP=$tmp/plants NOWAKE_REAL=$name setsid "$binary" \
		>"$out" 2>&1 </dev/null &
	plant_pid=$!
	for _ in {1..100}; do
		grep -qx ready "$out" && return 0
		kill -0 "$plant_pid" 2>/dev/null || break
		sleep 0.05
	done
	say "$name: $(tail -n 1 "$out")"
	return 1
}

# Looks once more, with all that is planted beside the servers.
look_with_plants() {
	local binary name source plant_pid
	mkdir -m 0777 "$tmp/plants"
	for binary in "$@"; do
		[[ $binary != */healthy/* ]] || continue
		name=${binary##*/}
		source=$here/../${binary##*/tests/}.c
		if start_plant "$binary"; then
			printf 'plant %s %d %s\n' "$name" "$plant_pid" "$source" >>"$tmp/roots"
		else
			count skip "planted $name"
		fi
	done
	sleep "$idle_seconds"
	look planted
}

# The whole course, once everything is in place.
course() {
	start_servers
	await_servers
	sleep "$idle_seconds"
	look idle
	compare_stacks
	look_under_load
	sleep "$idle_seconds"
	look after
	(($# == 0)) || look_with_plants "$@"
	"$python" "$here/look.py" table "$tmp"
}

# Arguments, the directory, the traps, the course, and the closing line.
main() {
	local all
	if (($# < 1)) || [[ ! -x $1 ]]; then
		echo "usage: run.sh NOWAKE [PLANT_BINARY...]" >&2
		exit 2
	fi
	if ((EUID != 0)); then
		echo "run.sh: must be root, to start the servers as their users" >&2
		exit 1
	fi
	[[ -n ${NOWAKE_REAL_SUBREAPER:-} ]] || be_subreaper "$@"
	nowake=$(realpath "$1")
	shift
	trap cleanup EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM HUP
	tmp=$(mktemp -d /tmp/nowake-real.XXXXXX)
	chmod 0711 "$tmp"
	mkdir "$tmp/looks"
	export REAL_TMP=$tmp
	mapfile -t all < <(basename -s .sh "$here"/servers/*.sh)
	choose_ports "${all[@]}" >"$tmp/ports"
	choose_servers
	course "$@"
	local closing="$passed passed, $failed failed"
	((skipped == 0)) || closing+=", $skipped skipped"
	stop_all
	echo "$closing"
	((failed == 0))
}

main "$@"
