# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# memcached.sh - memcached with worker threads and the threads of its external store
# shellcheck disable=SC2034,SC2154

needs=(memcached)
user=memcache

# The external store adds threads that sleep on condition variables.
start() {
	become memcached -l 127.0.0.1 -p "$port" -U 0 -t 4 -m 64 -o "ext_path=$dir/store:64m"
}

# Sends its lines to the server and prints the answers, up to the server's goodbye.
talk() {
	exec 3<>"/dev/tcp/127.0.0.1/$port"
	{ cat; printf 'quit\r\n'; } >&3
	timeout 30 cat <&3
	exec 3>&-
}

# What was set must be there to get.
ready() {
	printf 'set k 0 0 2\r\nok\r\nget k\r\n' | talk | grep -q '^VALUE k 0 2'
}

# Four connections, each with pairs of set and get.
load() {
	local i
	for i in 1 2 3 4; do
		seq 500 | awk -v c="$i" '{ k = "k" c "." $1
			printf "set %s 0 0 4\r\ndata\r\nget %s\r\n", k, k }' |
			talk | grep -c '^VALUE' | grep -qx 500
	done
}
