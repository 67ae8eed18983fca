# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# redis.sh - Redis with four I/O threads: parked on mutexes that the main thread holds on purpose
# shellcheck disable=SC2034,SC2154

needs=(redis-server redis-cli redis-benchmark)
user=redis

# I/O threads, reads included, and an append-only file with its own thread.
start() {
	become redis-server --bind 127.0.0.1 --port "$port" --dir "$dir" --daemonize no \
		--io-threads 4 --io-threads-do-reads yes --appendonly yes
}

# PING must be answered by PONG.
ready() {
	[[ $(redis-cli -h 127.0.0.1 -p "$port" PING) == PONG ]]
}

# Enough clients and depth that the main thread hands work to the I/O threads.
load() {
	redis-benchmark -h 127.0.0.1 -p "$port" -q -n 1000 -c 48 -P 4 -t set,get,lpush,lpop
}
