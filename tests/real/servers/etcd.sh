# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# etcd.sh - etcd: a Go program with gRPC streams, watchers and a write-ahead log
# shellcheck disable=SC2034,SC2154

needs=(etcd etcdctl)
user=etcd

start() {
	become etcd --data-dir "$dir/data" --listen-client-urls "http://127.0.0.1:$port" \
		--advertise-client-urls "http://127.0.0.1:$port" --listen-peer-urls "http://127.0.0.1:$port2" \
		--initial-advertise-peer-urls "http://127.0.0.1:$port2" --initial-cluster "default=http://127.0.0.1:$port2"
}

control() {
	ETCDCTL_API=3 etcdctl --endpoints "http://127.0.0.1:$port" --command-timeout 30s "$@"
}

ready() {
	control endpoint health 2>&1 | grep -q 'is healthy'
}

# A watcher that sees what is put meanwhile.
load() {
	local i watcher
	control watch key >"$dir/watched" &
	watcher=$!
	sleep 0.5
	for i in $(seq 40); do
		control put key "$i" >/dev/null || return 1
	done
	sleep 0.5
	kill "$watcher"
	wait "$watcher" || true
	grep -q '^40$' "$dir/watched"
}
