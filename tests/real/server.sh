#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# server.sh - one verb of one server of `make check-real`: server.sh NAME VERB
#
# run.sh calls it, a process for each verb, so that a failure in a function always ends that verb.
# A file servers/NAME.sh says `needs` (programs and files), `user`, and three functions:
#   start  prepares everything under $dir, then becomes the server (ends in `become`)
#   ready  succeeds once the server has answered a real request
#   load   one bounded batch of real requests, a second or so
# They are given $dir (its own directory), $port, $port2, $port3 (free ones on 127.0.0.1).
# shellcheck disable=SC2034,SC2154 # variables that servers/NAME.sh reads or sets
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
tmp=${REAL_TMP:?}
name=$1
verb=$2
dir=$tmp/$name
python=/usr/bin/python3
modules=/usr/lib/python3/dist-packages
export LC_ALL=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
unset http_proxy https_proxy all_proxy no_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY

# Runs a command as the server's usual user; the caller waits for it.
as_user() {
	setpriv --reuid "$user" --regid "$(id -gn "$user")" --init-groups -- env HOME="$dir" "$@"
}

# Becomes the server: a session of its own, the usual user, and an end with run.sh at the latest.
become() {
	exec setsid setpriv --reuid "$user" --regid "$(id -gn "$user")" --init-groups \
		--pdeathsig KILL -- env HOME="$dir" "$@"
}

# One request that must succeed; the answer goes to standard output. Patient: all servers work at
# once on two processors, and a browser that opens a page then takes seconds.
http_get() {
	curl -fsS --noproxy '*' --max-time 30 "$@"
}

# A batch of requests, all of which must succeed: http_batch URL COUNT CONCURRENCY
http_batch() {
	ab -q -r -s 30 -n "$2" -c "$3" "$1" >"$tmp/$name.ab" 2>&1
	grep -Eq "^Complete requests: +$2\$" "$tmp/$name.ab" && ! grep -q '^Non-2xx' "$tmp/$name.ab"
}

# The first port of another server, for those that stand behind or before each other.
port_of() {
	awk -v name="$1" '$1 == name { print $2 }' "$tmp/ports"
}

# Prints what the server needs and this machine lacks.
verb_missing() {
	local need
	for need in "${needs[@]}"; do
		type -P "$need" >/dev/null || [[ -e $need ]] || echo "$need"
	done
}

# Batches until run.sh has seen enough; a bound in time in case run.sh is no more.
verb_load() {
	local batches=0
	while [[ ! -e $tmp/load.stop ]] && ((SECONDS < 60)); do
		load
		batches=$((batches + 1))
		echo "$batches" >"$tmp/$name.batches"
	done
	((batches > 0))
}

# Dispatch: `missing` and `load` have a frame around them, the others are the server's own.
main() {
	read -r _ port port2 port3 < <(grep "^$name " "$tmp/ports")
	# shellcheck source=/dev/null
	. "$here/servers/$name.sh"
	cd "$tmp"
	case $verb in
	missing) verb_missing ;;
	start)
		install -d -o "$user" -g "$(id -gn "$user")" -m 0750 "$dir"
		cd "$dir"
		start
		;;
	ready) ready ;;
	load) verb_load ;;
	*) exit 2 ;;
	esac
}

main
