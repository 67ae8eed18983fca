# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# node_exporter.sh - node_exporter: a Go program that makes goroutines for every scrape
# shellcheck disable=SC2034,SC2154

needs=(prometheus-node-exporter curl)
user=prometheus

start() {
	become prometheus-node-exporter --web.listen-address="127.0.0.1:$port"
}

ready() {
	curl -fsS --max-time 30 "http://127.0.0.1:$port/metrics" | grep -q '^node_load1 '
}

load() {
	local i
	for i in $(seq 20); do
		curl -fsS --max-time 30 -o /dev/null "http://127.0.0.1:$port/metrics" || return 1
	done
}
