# shellcheck shell=bash
# SPDX-License-Identifier: GPL-2.0-only
# chromium.sh - headless Chromium: zygotes, utility processes and renderers with pools of threads
# shellcheck disable=SC2034,SC2154

needs=(chromium curl)
user=nobody

# In its sandbox of namespaces where this machine lets a user make one; the page has a worker.
start() {
	local box=()
	as_user unshare -U -p -n -f true 2>/dev/null || box=(--no-sandbox)
	cat >"$dir/page.html" <<-'HTML'
		<script>
		const code = new Blob(['onmessage = e => postMessage(e.data + 1)']);
		const worker = new Worker(URL.createObjectURL(code));
		worker.onmessage = e => { document.title = 'answer-' + e.data; };
		worker.postMessage(41);
		</script>
	HTML
	become XDG_RUNTIME_DIR="$dir" XDG_CONFIG_HOME="$dir/config" XDG_CACHE_HOME="$dir/cache" \
		chromium --headless=new --remote-debugging-port="$port" \
		--user-data-dir="$dir/profile" --disable-gpu --no-first-run --disable-sync \
		--disable-background-networking --disable-component-update \
		--disable-default-apps --host-resolver-rules='MAP * ~NOTFOUND' \
		"${box[@]}" "file://$dir/page.html"
}

# The page's worker must have answered.
ready() {
	http_get "http://127.0.0.1:$port/json/list" | grep -q answer-42
}

# Pages that come and go.
load() {
	local id
	for _ in 1 2 3; do
		id=$(http_get -X PUT "http://127.0.0.1:$port/json/new?file://$dir/page.html" |
			sed -n 's/^ *"id": "\([^"]*\)".*/\1/p')
		sleep 0.3
		http_get "http://127.0.0.1:$port/json/close/$id"
	done
}
