# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# influxdb.sh - InfluxDB: a Go program with many locks, compactions, and a write-ahead log
# shellcheck disable=SC2034,SC2154

needs=(influxd curl)
user=influxdb

start() {
	export INFLUXDB_REPORTING_DISABLED=true INFLUXDB_BIND_ADDRESS=127.0.0.1:$port2
	export INFLUXDB_HTTP_BIND_ADDRESS=127.0.0.1:$port INFLUXDB_HTTP_LOG_ENABLED=false
	export INFLUXDB_META_DIR=$dir/meta INFLUXDB_DATA_DIR=$dir/data INFLUXDB_DATA_WAL_DIR=$dir/wal
	become influxd -config ''
}

ready() {
	http_get -XPOST "http://127.0.0.1:$port/query" --data-urlencode 'q=CREATE DATABASE t' | grep -q results
}

# Points, by four clients, and queries over them.
load() {
	local i pids=()
	for i in 1 2 3 4; do
		(for n in $(seq 25); do
			http_get -XPOST "http://127.0.0.1:$port/write?db=t" \
				--data-binary "load,client=$i value=$n" || exit 1
			http_get -G "http://127.0.0.1:$port/query?db=t" \
				--data-urlencode 'q=SELECT mean(value) FROM load GROUP BY client' | grep -q mean || exit 1
		done) &
		pids+=($!)
	done
	for i in "${pids[@]}"; do wait "$i" || return 1; done
}
