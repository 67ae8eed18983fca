# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# python.sh - a threaded Python server: an executor, a queue's consumer, and a pool of processes
# shellcheck disable=SC2034,SC2154

needs=("$python" "$modules/psycopg2" ab curl)
user=nobody

# Debian's interpreter, on a copy of the program: nobody may not be able to read ours.
start() {
	install -m 0644 "$here/servers/python.py" "$dir/python.py"
	become "$python" "$dir/python.py" "$port" "$(port_of postgresql)" "$(port_of redis)"
}

# An answer that has passed the executor, the queue and the processes.
ready() {
	[[ $(http_get "http://127.0.0.1:$port/") == python-81 ]]
}

# A thread for each connection.
load() {
	http_batch "http://127.0.0.1:$port/" 300 12
}
