# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# mariadb.sh - MariaDB with its pool of threads
# shellcheck disable=SC2034,SC2154

needs=(mariadbd mariadb-install-db mariadb-slap mariadb-admin)
user=mysql

# A data directory of its own; the pool of threads has idle workers on condition variables.
start() {
	as_user mariadb-install-db --no-defaults --datadir="$dir/data" --skip-test-db \
		--auth-root-authentication-method=normal
	become mariadbd --no-defaults --datadir="$dir/data" --socket="$dir/socket" \
		--pid-file="$dir/pid" --bind-address=127.0.0.1 --port="$port" \
		--thread-handling=pool-of-threads --thread-pool-size=4 \
		--innodb-buffer-pool-size=32M --innodb-flush-log-at-trx-commit=0
}

# A login over TCP.
ready() {
	mariadb-admin --no-defaults -h 127.0.0.1 -P "$port" -u root status
}

# Inserts and selects of eight clients.
load() {
	mariadb-slap --no-defaults -h 127.0.0.1 -P "$port" -u root --auto-generate-sql \
		--auto-generate-sql-load-type=mixed --concurrency=8 --number-of-queries=800
}
