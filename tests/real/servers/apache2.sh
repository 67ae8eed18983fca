# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# apache2.sh - Apache with its event MPM: idle workers on condition variables in two children
# shellcheck disable=SC2034,SC2154

needs=(apache2 ab curl)
user=root # the parent's; its children are www-data

# Parent and two children with 25 workers each.
start() {
	install -d -m 0755 "$dir" "$dir/www"
	echo apache >"$dir/www/index.html"
	cat >"$dir/conf" <<-CONF
		ServerRoot $dir
		ServerName localhost
		Listen 127.0.0.1:$port
		User www-data
		Group www-data
		PidFile $dir/pid
		DefaultRuntimeDir $dir
		ErrorLog $dir/error.log
		LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
		LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
		LoadModule dir_module /usr/lib/apache2/modules/mod_dir.so
		StartServers 2
		ServerLimit 2
		MaxRequestWorkers 50
		DocumentRoot $dir/www
		DirectoryIndex index.html
	CONF
	become apache2 -DFOREGROUND -f "$dir/conf"
}

# The index must be ours.
ready() {
	[[ $(http_get "http://127.0.0.1:$port/") == apache ]]
}

# Short requests, a connection each.
load() {
	http_batch "http://127.0.0.1:$port/index.html" 2000 24
}
