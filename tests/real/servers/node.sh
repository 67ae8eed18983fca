# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# node.sh - Node: V8's platform threads, libuv's pool, and worker threads
# shellcheck disable=SC2034,SC2154

needs=(node ab curl)
user=nobody

# On a copy of the program: nobody may not be able to read ours.
start() {
	install -m 0644 "$here/servers/node.js" "$dir/node.js"
	become node "$dir/node.js" "$port"
}

# An answer that has passed libuv's pool.
ready() {
	[[ $(http_get "http://127.0.0.1:$port/") == node-* ]]
}

# Hashes in libuv's pool, and messages to the workers.
load() {
	http_batch "http://127.0.0.1:$port/" 300 12
}
