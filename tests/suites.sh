# SPDX-License-Identifier: GPL-2.0-only
# suites.sh - packages of other Debian suites and architectures, for scripts that source this file
#
# Each suite is read by an apt in a root of its own, from the mirror that the host uses, or from
# DEBIAN_MIRROR (and DEBIAN_SECURITY_MIRROR): nothing of the host's packages or sources changes.
# Who sources this sets apt_roots (where those lie), arch (Debian's name), and has say() and die().
# packages: apt debian-archive-keyring dpkg
# shellcheck shell=bash disable=SC2154

keyrings=/usr/share/keyrings
keyring=${DEBIAN_KEYRING:-$keyrings/debian-archive-keyring.gpg}

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
	local root=$apt_roots/keyring deb found

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
	printf '%s: %s: not there, or not signed: from %s alone\n' "${0##*/}" "${*:2}" "$1" >&2
	update "$root" "$keys" "$1"
}

# Sets mirror and security.
mirrors() {
	[ -e "$keyring" ] || die "no $keyring: install debian-archive-keyring"
	mirror=${DEBIAN_MIRROR:-$(site Debian debian)}
	security=${DEBIAN_SECURITY_MIRROR:-$(site Debian-Security debian-security)}
	[ -n "$mirror" ] || die 'apt knows no mirror of Debian: set DEBIAN_MIRROR'
}
