#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# fetch-kernels.sh - Debian's cloud kernels for the virtual machines of tests/vm, each fetched once
#
#   tests/vm/fetch-kernels.sh [SERIES]...      (all that tests/vm/kernels lists)
#
# Each series gets build/vm/kernels/SERIES/: vmlinuz, release (what uname -r will say) and modules/
# (what a machine with kmod would load by itself). What is there is kept: remove it for a newer one.
# apt works in a root of its own, build/vm/apt: nothing of the host's packages or sources changes.
# The mirror is the one that the host uses, or DEBIAN_MIRROR (and DEBIAN_SECURITY_MIRROR).
# packages: apt debian-archive-keyring dpkg xz-utils
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
vm=${VM_DIR:-$top/build/vm}
apt_roots=$vm/apt
# shellcheck source=tests/suites.sh
. "$here/../suites.sh"
# in the order in which they must be loaded: some need the one before
modules=(fuse overlay inet_diag tcp_diag udp_diag unix_diag)

say() { if [ "${V:-}" = 1 ]; then printf 'fetch-kernels: %s\n' "$*" >&2; fi; }
die() { printf 'fetch-kernels: %s\n' "$*" >&2; exit 1; }

# The package of the newest kernel itself, and those that hold its parts since 7.x.
parts() {
	local root=$1 image

	image=$(private_apt "$root" apt-cache depends --important "$meta" |
		grep -o 'linux-image-[0-9][^ ]*' | head -n1)
	[ -n "$image" ] || return
	printf '%s\n' "$image"
	private_apt "$root" apt-cache depends --important "$image" |
		grep -oE 'linux-(binary|modules)-[0-9][^ ]*' || true
}

# Loads nothing, only lays out what init.c will load: numbered, not compressed. TREE DIRECTORY
pick_modules() {
	local tree=$1 to=$2 n=10 name file

	mkdir -p "$to"
	for name in "${modules[@]}"; do
		file=$(find "$tree" -name "$name.ko*" | head -n1)
		case $file in
		*.xz) xz -dc "$file" >"$to/$n-$name.ko" ;;
		*.ko) cp "$file" "$to/$n-$name.ko" ;;
		'') say "$name is built in, or gone" ;;
		*) die "$file: what is that compressed with?" ;;
		esac
		n=$((n + 1))
	done
}

fetch() {
	local series=$1 root=$vm/apt/$1 to=$vm/kernels/$1 new packages vmlinuz deb

	shift
	[ ! -s "$to/release" ] || return 0
	index "$root" "$@" || die "$series: $(tail -n3 "$root/update.log")"
	packages=$(parts "$root") || die "$series: no $meta in $*"
	mkdir -p "$vm/kernels"
	new=$(mktemp -d "$vm/kernels/.$series.XXXXXX")
	say "$series: $(tr '\n' ' ' <<<"$packages")"
	# shellcheck disable=SC2086 # a list
	(cd "$new" && private_apt "$root" apt-get download $packages) || die "$series: download failed"
	for deb in "$new"/*.deb; do
		dpkg -x "$deb" "$new/x"
	done
	vmlinuz=$(find "$new/x" -name 'vmlinuz*' -type f | head -n1)
	[ -n "$vmlinuz" ] || die "$series: no vmlinuz in $(tr '\n' ' ' <<<"$packages")"
	mv "$vmlinuz" "$new/vmlinuz"
	pick_modules "$new/x" "$new/modules"
	head -n1 <<<"$packages" | sed 's/^linux-image-//' >"$new/release"
	rm -rf "$new/x" "$new"/*.deb "$root" "$to"
	mv "$new" "$to"
	printf 'fetched %s\n' "$(cat "$to/release")"
}

main() {
	local mirror security series arch meta suites wanted=" $* " known=''

	while read -r series arch suites; do
		known+=" $series"
		[ $# -eq 0 ] || [[ $wanted == *" $series "* ]] || continue
		wanted=${wanted/ $series / }
		[ ! -s "$vm/kernels/$series/release" ] || continue
		meta=linux-image-cloud-$arch
		mirrors
		# shellcheck disable=SC2086 # a list
		fetch "$series" $suites
	done < <(grep -v '^#' "$here/kernels")
	[ -z "${wanted// /}" ] || die "no such series:$wanted(there are$known)"
}

main "$@"
