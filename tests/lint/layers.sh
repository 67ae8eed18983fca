#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# layers.sh - who may include what, from the #include lines of user/
#
# base/ knows nobody; analyze/ and golang/ read nothing of the world; collect/ and report/ never meet;
# libbpf and the skeleton stay in four files; elfutils stays in symbolize/. wire.h is bpf/'s only export.
set -euo pipefail

# headers whose functions only compute, and constants of the kernel's interface (purity.sh sees to it
# that nobody calls what else these declare)
pure='assert|ctype|errno|inttypes|limits|fcntl|linux/[a-z_]+|stdalign|stdarg|stdbool|stddef|stdint|stdio|stdlib|string|sys/socket|sys/syscall|uthash|utlist'

includes() {
	find user -name '*.[ch]' -exec grep -HnE '^[[:space:]]*#[[:space:]]*include' {} +
}

includes | awk -v pure="^<($pure)\\\\.h>$" '
function bad(why) { print file ":" line ": " why ": " name; status = 1 }
function exists(path,   got, text) { got = (getline text <path) >= 0; close(path); return got }
{
	split($0, part, ":"); file = part[1]; line = part[2]
	match($0, /["<][^">]*[">]/); name = substr($0, RSTART, RLENGTH)
	inner = substr(name, 2, length(name) - 2)
	dir = file; sub(/\/[^\/]*$/, "", dir)
	layer = dir; sub(/^user\/?/, "", layer); sub(/\/.*/, "", layer)
	from = ""
	if (name ~ /^"/) {
		from = "top"
		if (inner ~ /\//) { from = inner; sub(/\/.*/, "", from) }
		else if (layer != "" && exists(dir "/" inner)) from = layer
		else if (inner == "wire.h") from = "wire"
		else if (inner == "nowake.skel.h") from = "skeleton"
		else if (exists("bpf/" inner)) bad("only wire.h crosses from bpf/")
	}
	feeds = file == "user/collect/bpf.c" || file == "user/collect/feed.c" ||
		file == "user/collect/events.c" || file == "user/collect/features.c"
	if ((name ~ /^<bpf\// || from == "skeleton") && !feeds)
		bad("only collect/bpf.c, feed.c, events.c and features.c know libbpf")
	if (name ~ /^<(elfutils\/.*|dwarf|libdw|libdwfl|gelf|libelf)(\.h)?>$/ && layer != "symbolize")
		bad("only symbolize/ knows elfutils")
	if (name ~ /\.c[">]$/) bad("a source is not a header")
	if (layer == "base" && from != "" && from != "base") bad("base/ includes base/ only")
	if (layer == "analyze") {
		if (name ~ /^</ && name !~ pure) bad("analyze/ reads nothing of the world")
		if (from != "" && from !~ /^(analyze|base|wire)$/) bad("analyze/ includes analyze/ and base/ only")
	}
	if (layer == "golang") {
		if (name ~ /^</ && name !~ pure) bad("golang/ reads nothing of the world")
		if (from != "" && from !~ /^(golang|base)$/) bad("golang/ includes golang/ and base/ only")
	}
	if (layer == "symbolize" && from != "" && inner !~ /^(symbolize|golang|base)\// && inner !~ /^analyze\/(stack|goroutine)\.h$/)
		bad("symbolize/ includes symbolize/, golang/, base/, analyze/stack.h and goroutine.h only")
	if (from == "symbolize" && file !~ /^user\/(symbolize\/|collect\/|pass\.c|main\.c)/)
		bad("only collect/ and the top level talk to symbolize/")
	if (layer == "collect" && from == "report") bad("collect/ knows nothing of report/")
	if (layer == "report" && from == "collect") bad("report/ knows nothing of collect/")
}
END { exit status }'
