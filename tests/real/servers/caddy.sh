# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# caddy.sh - Caddy, which serves files, and stands before Prometheus as a proxy: a Go program
# shellcheck disable=SC2034,SC2154

needs=(caddy ab curl)
user=www-data

start() {
	seq 2000 >"$dir/index.txt"
	cat >"$dir/Caddyfile" <<-END
		{
			admin off
			auto_https off
			storage file_system $dir/storage
		}
		http://127.0.0.1:$port {
			bind 127.0.0.1
			handle_path /proxy/* {
				reverse_proxy 127.0.0.1:$(port_of prometheus)
			}
			handle {
				root * $dir
				encode gzip
				file_server
			}
		}
	END
	become caddy run --config "$dir/Caddyfile" --adapter caddyfile
}

ready() {
	http_get "http://127.0.0.1:$port/index.txt" | grep -q '^2000$'
}

load() {
	http_batch "http://127.0.0.1:$port/index.txt" 1000 8
	http_batch "http://127.0.0.1:$port/proxy/-/ready" 200 4
}
