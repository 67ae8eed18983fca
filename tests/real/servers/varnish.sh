# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# varnish.sh - Varnish before nginx: a manager, and a worker process with two hundred idle threads
# shellcheck disable=SC2034,SC2154

needs=(varnishd ab curl)
user=root # the manager's; its jail chooses the worker's

# The pools keep their default size.
start() {
	install -d -m 0755 "$dir"
	cat >"$dir/default.vcl" <<-VCL
		vcl 4.1;
		backend default { .host = "127.0.0.1"; .port = "$(port_of nginx)"; }
		sub vcl_backend_response { set beresp.ttl = 1s; }
	VCL
	become varnishd -F -n "$dir/work" -a "127.0.0.1:$port" -T none \
		-f "$dir/default.vcl" -s malloc,32m -i nowake
}

# An answer of the cache itself, be the backend there or not.
ready() {
	curl -sS --noproxy '*' --max-time 30 -D - -o "$tmp/varnish.answer" \
		"http://127.0.0.1:$port/" | grep -qi '^x-varnish:'
}

# Hits and, once a second, a fetch; without nginx on this machine the cache's own errors.
load() {
	ready
	http_batch "http://127.0.0.1:$port/" 1500 16 || ! type -P nginx
}
