#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# selftest.sh - a guard accepts a small tree that is right, and refuses it when one thing is wrong
#
# usage: selftest.sh GUARD
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
guard=$1
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT

# Writes a source with a plate and the lines given.
source_file() {
	local file=$1
	shift
	mkdir -p "$(dirname "$file")"
	printf '%s\n' "// SPDX-License-Identifier: GPL-2.0-only" "/* $(basename "$file") - a sample */" "$@" >"$file"
}

# Prints so many lines of this text.
lines() {
	local i
	for ((i = 0; i < $1; i++)); do echo "$2"; done
}

object() {
	mkdir -p "build/$(dirname "$1")"
	"${CC:-gcc}" -Iuser -Ibpf -c -o "build/${1%.c}.o" "$1"
}

right() {
	rm -rf "$tree"
	mkdir -p "$tree/user" "$tree/tests" "$tree/bpf" "$tree/.ci"
	cd "$tree"
	cp "$here/../../.clang-format" .
	source_file user/base/text.h 'int text_length(const char *text);'
	source_file user/base/text.c '#include "base/text.h"' '#include <string.h>' '' \
		'int text_length(const char *text)' '{' $'\treturn strlen(text);' '}'
	source_file user/analyze/graph.c '#include "base/text.h"' '#include "wire.h"' '' \
		'int graph_size(const char *text);' 'int graph_size(const char *text)' '{' \
		$'\treturn text_length(text);' '}'
	source_file bpf/wire.h 'struct wire;'
	echo 'all:' >Makefile
	printf '#!/usr/bin/env bash\nset -euo pipefail\ntrue\n' >tests/a.sh
	sed -i '1a # SPDX-License-Identifier: GPL-2.0-only\n# a.sh - a sample' tests/a.sh
	chmod +x tests/a.sh
	printf '.Dd January 1, 2026\n.Dt NOWAKE 8\n.Os\n.Sh NAME\n.Nm nowake\n.Nd sample\n.Sh SYNOPSIS\n.Nm nowake report\n.Op Fl -json\n' >user/nowake.8
	printf '# sample\n\n#log = text\n' >user/nowake.conf
	cp "$here/../../user/nowake.bash" user
	mkdir tests/golden dashboards build
	printf '# TYPE nowake_up gauge\nnowake_up 1\n' >tests/golden/metrics.prom
	echo '{ "expr": "sum(nowake_up{group=\"nowake\"}) > 0" }' >dashboards/nowake.json
	# shellcheck disable=SC2016 # the sample's own $1
	printf '#!/bin/sh\ncase $1 in report) echo "  --json";; daemon) echo "  --log HOW";; *) echo "  report  does it";; esac\n' >build/nowake
	chmod +x build/nowake
}

# Breaks the right tree in one way for each line: GUARD, then what to run.
wrongs() {
	cat <<-'END'
		layers source_file user/analyze/clock.c '#include <time.h>'
		layers source_file user/analyze/clock.c '#include "collect/feed.h"'
		layers source_file user/base/clock.c '#include "analyze/graph.h"'
		layers source_file user/collect/maps.c '#include <bpf/bpf.h>'
		layers source_file user/collect/maps.c '#include "report/text.h"'
		layers source_file user/report/text.c '#include "collect/feed.h"'
		layers source_file user/report/text.c '#include "nowake.skel.h"'
		layers source_file user/report/text.c '#include <elfutils/libdw.h>'
		layers source_file user/symbolize/image.c '#include "analyze/graph.h"'
		layers source_file user/report/text.c '#include "symbolize/client.h"'
		layers source_file user/golang/clock.c '#include <time.h>'
		layers source_file user/golang/clock.c '#include "analyze/graph.h"'
		purity source_file user/golang/say.c '#include <stdio.h>' 'int say(void) { return puts("x"); }'
		purity source_file user/base/text.c '#include <time.h>' 'int text_length(const char *t) { return time(0) + *t; }'
		purity source_file user/analyze/say.c '#include <stdio.h>' 'int say(void) { return puts("x"); }'
		names source_file user/base/text.c 'int length(void) { return 1; }'
		sizes lines 501 'int a;' >user/base/long.c
		sizes { echo 'void f(void)' && echo '{' && lines 81 '	f();' && echo '}'; } >user/base/long.c
		sizes { echo 'void f(void)' && echo '{' && lines 41 '	f();' && echo '}'; } >bpf/long.bpf.c
		sizes lines 201 '# x' >Makefile
		sizes source_file user/base/wide.h "/* $(lines 40 ab | tr '\n' ' ') */"
		plates echo 'int a;' >user/base/bare.c
		plates echo 'int a;' >tests/bare.cc
		plates true >user/base/empty.c
		plates echo 'fn main() {}' >tests/bare.rs
		words source_file user/base/open.c '/* TO''DO: later */'
		format source_file user/base/wide.c 'int  wide ;'
		scripts printf '#!/usr/bin/env bash\nset -euo pipefail\necho $1\n' >tests/b.sh
		scripts sed -i '/^set/d' tests/a.sh
		man sed -i 's/-json/-jason/' user/nowake.8
		completion sed -i 's/"$words" --/"" --/' user/nowake.bash
		man sed -i 's/nowake report/nowake/' user/nowake.8
		conf sed -i '/^#log/d' user/nowake.conf
		conf echo '#log = json' >>user/nowake.conf
		conf echo '#lag = json' >>user/nowake.conf
		conf sed -i 's/^#log/log/' user/nowake.conf
		conf rm user/nowake.conf
		metrics echo 'expr: rate(nowake_ups_total[5m])' >dashboards/alerts.yml
		metrics echo '{ "expr": "nowake_u" }' >dashboards/other.json
		metrics rm tests/golden/metrics.prom
	END
}

build() {
	[[ $guard == purity || $guard == names ]] || return 0
	local file
	while read -r file; do object "$file"; done < <(find user -name '*.c')
}

judge() {
	status=0
	out=$("$here/$guard.sh" build 2>&1) || status=$?
}

right
build
judge
[ "$status" != 77 ] || { echo "$out" && exit 77; }
[ "$status" = 0 ] || { printf 'refuses a tree that is right:\n%s\n' "$out" && exit 1; }
tried=0
while read -r name how; do
	[ "$name" = "$guard" ] || continue
	right
		eval "$how"
	build
	judge
	[ "$status" = 1 ] || { echo "does not see: $how" && exit 1; }
	tried=$((tried + 1))
done < <(wrongs)
[ "$tried" -gt 0 ] || { echo "no sample for $guard" && exit 1; }
