#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# build.sh - the programs of goroutine leaks, by one toolchain, and a table of what is to be found
#
# usage: build.sh GO OUTDIR [FLAGS...]        FLAGS are those of go build: -buildmode=pie
# CGO_ENABLED=1 builds with C, and what needs it; MODULE=1.19 as an older module: by default as one
# of the toolchain's version; ONLY="./NAME..." builds no others; TOGETHER=DIR links one program that does what
# it is called for, from sources in DIR, which is faster by far, the more so if DIR is the same for several
# builds of a toolchain: functions of package main are then those of patterns/NAME.
# No name is looked up: with C, too, the resolver is Go's, and what needs net is compiled once for both.
# Leaves OUTDIR/NAME for each program, to be called with leak or correct (plant/plant.go says how it behaves),
# and OUTDIR/expect, whose lines have seven fields, by tabs:
#   NAME FORM KEY CLASS FUNCTION WAIT COUNT
# KEY       expect: to be found; beyond: lost all the same, but nothing of now tells; profile: only
#           Go's own detection finds it, and it is wrong; instead: what is expected may be found as this, where
#           a word that is none reaches what it waits on
# CLASS     none, or unreachable, nil-channel, no-cases, deadlock, orphaned, accumulating (COUNT at
#           first, and growing); for beyond: forgotten as well
# FUNCTION  innermost frame of package main; without one the innermost that is not of runtime,
#           internal, sync, time, or syscall
# WAIT      as in goroutine.h, by the reasons that this version of Go has
# A source says so in its first lines, "// KEY: CLASS FUNCTION WAIT COUNT [since=1.N] [until=1.N]",
# for the form leak; in the form correct nothing is to be found, but what Go finds wrongly it may find
# in both. "// form: correct": it has no other.
set -euo pipefail

[ $# -ge 2 ] || { echo 'usage: build.sh GO OUTDIR [FLAGS...]' >&2 && exit 2; }
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
mkdir -p "$2"
go=$1 out=$(cd "$2" && pwd)
shift 2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export CGO_ENABLED=${CGO_ENABLED:-0} GO111MODULE=on
version=$("$go" env GOVERSION)
minor=$(sed -E 's/^go1\.([0-9]+).*/\1/' <<<"$version")

expectations() { # NAME
	awk -v name="$1" -v minor="$minor" -v OFS='\t' '
	function wait(w) {
		if (minor < 24 && w == "wait-group" || minor < 21 && w ~ /^(rw)?mutex/) return "semaphore"
		return w
	}
	function applies(   i) {
		for (i = 7; i <= NF; i++)
			if ($i ~ /^since=1\./ && minor < substr($i, 9) + 0 || $i ~ /^until=1\./ && minor > substr($i, 9) + 0)
				return 0
		return 1
	}
	BEGIN { form = "leak" }
	/^package / { exit }
	/^\/\/ form: / { form = $3 }
	/^\/\/ (expect|beyond|profile|instead): / {
		key = substr($2, 1, length($2) - 1)
		if ($3 != "none" && applies()) {
			line = key OFS $3 OFS $4 OFS wait($5) OFS $6
			print name, form, line
			if (key == "profile" && form == "leak") wrong = wrong name OFS "correct" OFS line "\n"
			some = some || key == "expect"
		}
	}
	END {
		if (!some) print name, form, "expect", "none", "-", "-", 0
		if (form == "leak") print name, "correct", "expect", "none", "-", "-", 0
		printf "%s", wrong
	}' "$here/$1/main.go"
}

# A copy in which each program is a package, and one more that calls what it is called: DIR FLAGS...
together() {
	local source name names imports='' table=''
	rm -rf "$1"
	cp -r "$here" "$1"
	mv "$work/go.mod" "$1/go.mod"
	cd "$1"
	shift
	for source in */main.go; do
		name=${source%/*}
		sed -i -e "s/^package main$/package $name/" -e 's/^func main() /func Main() /' "$name"/*.go
	done
	names=$("$go" list "${only[@]}")
	for name in $names; do
		name=${name#patterns/}
		[[ $name != plant* ]] || continue
		imports+="$name \"patterns/$name\""$'\n'
		table+="\"$name\": $name.Main,"$'\n'
		ln -s .together "$out/$name"
	done
	cat >main.go <<-END
		package main
		import (
		"os"
		"path/filepath"
		$imports)
		var programs = map[string]func(){
		$table}
		func main() { programs[filepath.Base(os.Args[0])]() }
	END
	"$go" build -tags=netgo -buildvcs=false -o "$out/.together" "$@" .
	cd "$here"
}

printf 'module patterns\n\ngo %s\n' "${MODULE:-1.$minor}" >"$work/go.mod"
read -ra only <<<"${ONLY:-./...}"
cd "$here"
for source in */main.go; do
	rm -f "$out/${source%/*}"
done
if [ -n "${TOGETHER:-}" ]; then
	together "$TOGETHER" "$@"
else
	"$go" build -modfile="$work/go.mod" -tags=netgo -buildvcs=false -o "$out/" "$@" "${only[@]}"
fi
for source in */main.go; do
	name=${source%/*}
	[ ! -x "$out/$name" ] || expectations "$name"
done >"$out/expect"
