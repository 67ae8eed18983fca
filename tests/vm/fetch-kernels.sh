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
keyrings=/usr/share/keyrings
keyring=${DEBIAN_KEYRING:-$keyrings/debian-archive-keyring.gpg}
# in the order in which they must be loaded: some need the one before
modules=(fuse overlay inet_diag tcp_diag udp_diag unix_diag)

say() { if [ "${V:-}" = 1 ]; then printf 'fetch-kernels: %s\n' "$*" >&2; fi; }
die() { printf 'fetch-kernels: %s\n' "$*" >&2; exit 1; }

# The host's own mirror for Debian or Debian-Security: by the label of its index, else by its name.
site() {
	local label=$1 end=$2 site=''

	# shellcheck disable=SC2016 # apt's variables, not the shell's
	site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' "Label: $label")
	# shellcheck disable=SC2016
	[ -n "$site" ] || site=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' |
		grep -E "/$end/?\$" || true)
	printf '%s\n' "${site%%$'\n'*}"
}

# apt, in a root of its own: ROOT COMMAND ARG... Old suites' indexes may be past their dates; their
# signatures are checked all the same.
private_apt() {
	local root=$1 tool=$2

	shift 2
	"$tool" -qq -o Dir::Etc::SourceList="$root/sources.list" -o Dir::Etc::SourceParts=/dev/null \
		-o Dir::Etc::Trusted=/dev/null -o Dir::Etc::TrustedParts=/dev/null \
		-o Dir::Etc::Preferences=/dev/null -o Dir::Etc::PreferencesParts=/dev/null \
		-o Dir::State="$root" -o Dir::State::Lists="$root/lists" -o Dir::State::Status="$root/status" \
		-o Dir::Cache="$root/cache" -o Dir::Log="$root" -o APT::Sandbox::User=root \
		-o APT::Architecture="$arch" -o APT::Architectures="$arch" -o Acquire::Languages=none \
		-o Acquire::Check-Valid-Until=false -o Acquire::Retries=4 -o Acquire::http::Timeout=60 "$@"
}

# Makes the root of a series and reads its suites' indexes: ROOT KEYRINGS SUITE...
update() {
	local root=$1 keys=$2 suite uri

	shift 2
	mkdir -p "$root/lists/partial" "$root/cache/archives/partial"
	: >"$root/status"
	for suite; do
		uri=$mirror
		[ "${suite%-security}" = "$suite" ] || uri=$security
		[ -z "$uri" ] || echo "deb [arch=$arch signed-by=$keys] $uri $suite main"
	done >"$root/sources.list"
	private_apt "$root" apt-get update -o APT::Update::Error-Mode=any 2>"$root/update.log"
}

# A keyring newer than the host's, which the host's vouches for.
newer_keyring() {
	local root=$vm/apt/keyring deb found

	found=$(find "$root" -path '*/keyrings/debian-archive-keyring.?gp' 2>/dev/null | head -n1)
	if [ -z "$found" ]; then
		update "$root" "$keyring" trixie || return
		(cd "$root" && private_apt "$root" apt-get download debian-archive-keyring) || return
		deb=$(find "$root" -maxdepth 1 -name '*.deb' | head -n1)
		dpkg -x "$deb" "$root/x" || return
		found=$(find "$root/x" -path '*/keyrings/debian-archive-keyring.?gp' | head -n1)
	fi
	[ -n "$found" ] && printf '%s\n' "$found"
}

# Tries the host's keys, then newer ones and those that Debian has retired; then without -security,
# which a suite loses when it moves to the archive.
index() {
	local root=$1 newer keys=$keyring retired=$keyrings/debian-archive-removed-keys.gpg

	shift
	update "$root" "$keys" "$@" && return
	say "$(tail -n2 "$root/update.log")"
	newer=$(newer_keyring) && keys+=,$newer
	[ ! -e "$retired" ] || keys+=,$retired
	[ "$keys" = "$keyring" ] || ! update "$root" "$keys" "$@" || return 0
	[ $# -gt 1 ] || return
	printf 'fetch-kernels: %s: not there, or not signed: from %s alone\n' "${*:2}" "$1" >&2
	update "$root" "$keys" "$1"
}

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
		[ -e "$keyring" ] || die "no $keyring: install debian-archive-keyring"
		meta=linux-image-cloud-$arch
		mirror=${DEBIAN_MIRROR:-$(site Debian debian)}
		security=${DEBIAN_SECURITY_MIRROR:-$(site Debian-Security debian-security)}
		[ -n "$mirror" ] || die 'apt knows no mirror of Debian: set DEBIAN_MIRROR'
		# shellcheck disable=SC2086 # a list
		fetch "$series" $suites
	done < <(grep -v '^#' "$here/kernels")
	[ -z "${wanted// /}" ] || die "no such series:$wanted(there are$known)"
}

main "$@"
