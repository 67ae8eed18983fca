# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# prometheus.sh - Prometheus, which scrapes itself: a Go program with many goroutines that wait
# shellcheck disable=SC2034,SC2154

needs=(prometheus curl)
user=prometheus

start() {
	printf 'global: {scrape_interval: 1s}\nscrape_configs:\n- job_name: self\n  static_configs: [{targets: ["127.0.0.1:%s"]}]\n' \
		"$port" >"$dir/prometheus.yml"
	become prometheus --config.file="$dir/prometheus.yml" --storage.tsdb.path="$dir/data" \
		--web.listen-address="127.0.0.1:$port"
}

ask() {
	curl -fsS --max-time 30 "http://127.0.0.1:$port$1"
}

ready() {
	ask /-/ready | grep -q Ready
}

# Queries over ranges, by four clients.
load() {
	local i pids=()
	for i in 1 2 3 4; do
		(for _ in $(seq 50); do
			ask "/api/v1/query?query=rate(prometheus_http_requests_total%5B1m%5D)" | grep -q success || exit 1
		done) &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || return 1; done
}
