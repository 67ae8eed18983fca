# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# nginx.sh - nginx with a pool of threads for files, and the cache's manager process
# shellcheck disable=SC2034,SC2154

needs=(nginx ab curl)
user=root # the master's; its workers are www-data

# Two workers with sixteen file threads each; master, workers and cache manager share channels.
start() {
	install -d -m 0755 "$dir" "$dir/www"
	head -c 262144 /dev/urandom >"$dir/www/blob"
	echo nginx >"$dir/www/index.html"
	cat >"$dir/conf" <<-CONF
		user www-data; daemon off; worker_processes 2;
		pid $dir/pid; error_log $dir/error.log;
		thread_pool files threads=16;
		events { worker_connections 256; }
		http {
			access_log off; aio threads=files; sendfile on;
			client_body_temp_path $dir/body; proxy_temp_path $dir/proxy;
			fastcgi_temp_path $dir/fastcgi; uwsgi_temp_path $dir/uwsgi;
			scgi_temp_path $dir/scgi;
			proxy_cache_path $dir/cache keys_zone=one:1m;
			server { listen 127.0.0.1:$port; root $dir/www; }
		}
	CONF
	become nginx -e "$dir/error.log" -c "$dir/conf"
}

# The index must be ours.
ready() {
	[[ $(http_get "http://127.0.0.1:$port/") == nginx ]]
}

# Files that go through the pool of threads.
load() {
	http_batch "http://127.0.0.1:$port/blob" 800 16
}
