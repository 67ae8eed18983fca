# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# postgresql.sh - PostgreSQL: processes that share memory, latches, and a pipe to the log collector
# shellcheck disable=SC2034,SC2154

bin=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
needs=("$bin/postgres" "$bin/initdb" "$bin/pgbench" "$bin/psql")
user=postgres

# A cluster of its own, with the logger, parallel workers and a socket in its directory.
start() {
	as_user "$bin/initdb" -D "$dir/data" -A trust -E UTF8 --locale=C.UTF-8 \
		--no-sync --no-instructions
	become "$bin/postgres" -D "$dir/data" -c listen_addresses=127.0.0.1 -c port="$port" \
		-c unix_socket_directories="$dir" -c shared_buffers=32MB -c logging_collector=on \
		-c max_parallel_workers=4 -c min_parallel_table_scan_size=0 -c fsync=off
}

# A query over TCP.
ready() {
	[[ $("$bin/psql" -h 127.0.0.1 -p "$port" -U postgres -Atc 'SELECT 6 * 7') == 42 ]]
}

# Transactions of eight clients, then a scan by parallel workers.
load() {
	local pg=(-h 127.0.0.1 -p "$port" -U postgres -d postgres)
	[[ -e $tmp/pgbench.done ]] || "$bin/pgbench" "${pg[@]}" -i -q -s 2 2>&1
	touch "$tmp/pgbench.done"
	"$bin/pgbench" "${pg[@]}" -n -c 8 -j 2 -T 1 -f - <<-'SQL'
		\set id random(1, 2)
		BEGIN;
		UPDATE pgbench_branches SET bbalance = bbalance + 1 WHERE bid = :id;
		SELECT abalance FROM pgbench_accounts WHERE aid = :id;
		COMMIT;
	SQL
	"$bin/psql" "${pg[@]}" -At <<-'SQL'
		SET parallel_setup_cost = 0;
		SELECT sum(abalance) FROM pgbench_accounts;
	SQL
}
