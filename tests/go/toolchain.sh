#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# toolchain.sh - one of Debian's Go toolchains, fetched once, unpacked and never installed
#
# usage: toolchain.sh VERSION        1.19 1.21 1.22 1.23 1.24 1.25 1.26 1.27
# Prints the path of a `go` that works offline, and leaves the toolchain with the sources of its
# runtime in build/go/VERSION (or in $GO_DIR/VERSION). What is there is kept: remove it for a newer one.
# apt works in a root of its own, from the host's mirror: see suites.sh.
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "$0")" && pwd)
go_dir=${GO_DIR:-$(cd "$here/../.." && pwd)/build/go}
apt_roots=$go_dir/apt
version=${1-}

say() { if [ "${V:-}" = 1 ]; then printf 'toolchain: %s\n' "$*" >&2; fi; }
die() { printf 'toolchain: %s\n' "$*" >&2; exit 1; }

# shellcheck source=tests/suites.sh
. "$here/../suites.sh"

# The suites that have this toolchain, or had it: the first that still does will do.
suites() {
	case $1 in
	1.19) echo bookworm ;;
	1.21 | 1.22 | 1.23) echo bookworm-backports ;;
	1.24) echo trixie ;;
	1.25) echo trixie-backports ;;
	1.26 | 1.27) echo forky trixie-backports ;;
	*) return 1 ;;
	esac
}

# A go that needs nothing of the host's environment and asks nobody; it may be moved: FILE
write_wrapper() {
	cat >"$1" <<-WRAPPER
		#!/bin/sh
		here=\$(dirname "\$(readlink -f "\$0")")
		export GOROOT="\$here/root/usr/lib/go-$version" GOPATH="\$here/../path" GOCACHE="\${GOCACHE:-\$here/../cache}"
		export GOTOOLCHAIN=local GOFLAGS=-mod=mod GOPROXY=off GOSUMDB=off GONOSUMDB='*' GOENV=off GOWORK=off
		exec "\$GOROOT/bin/go" "\$@"
	WRAPPER
	chmod 755 "$1"
}

# Leaves the packages in a directory: DIRECTORY
download() {
	local to=$1 root=$apt_roots/$version from

	for from in $(suites "$version"); do
		say "$version: from $from"
		rm -rf "$root"
		if index "$root" "$from" && (cd "$to" && private_apt "$root" apt-get download \
			"golang-$version-go" "golang-$version-src" 2>"$root/download.log"); then
			return
		fi
		tail -qn3 "$root"/*.log >&2
	done
	return 1
}

fetch() {
	local new=$go_dir/.new-$version deb

	command -v apt-get >/dev/null || die "Go $version needs apt-get, to come from Debian's $(suites "$version")"
	arch=$(dpkg --print-architecture)
	mirrors
	rm -rf "$new"
	mkdir -p "$new/root"
	download "$new" || die "no golang-$version-go for $arch, from any of: $(suites "$version")"
	for deb in "$new"/*.deb; do
		dpkg -x "$deb" "$new/root"
	done
	rm -rf "$new"/*.deb "${apt_roots:?}/$version" "${go_dir:?}/$version"
	write_wrapper "$new/go"
	mv "$new" "$go_dir/$version"
}

suites "$version" >/dev/null || die 'usage: toolchain.sh 1.19|1.21|1.22|1.23|1.24|1.25|1.26|1.27'
mkdir -p "$apt_roots"
go=$go_dir/$version/go
if [ ! -x "$go" ]; then
	exec 9>"$apt_roots/lock"
	flock 9
	[ -x "$go" ] || fetch
	exec 9>&-
fi
said=$("$go" version 2>&1) || die "$go does not run: $said"
[[ $said == "go version go$version"[.\ a-z]* ]] || die "$go is not $version, but: $said"
printf '%s\n' "$go"
