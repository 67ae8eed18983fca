#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# install.sh - installs the servers of `make check-real` that this machine lacks (as root)
#
# Asks apt only when a package of the list beside this script is missing. No service starts
# during the installation: policy-rc.d forbids it, invoke-rc.d and deb-systemd-invoke obey.
# A policy that was there before is put back afterwards, however the script ends.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
policy=/usr/sbin/policy-rc.d
saved=$policy.nowake-saved

# Prints the packages of the list that are not installed.
lacking() {
	local package status
	while read -r package; do
		status=$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) || true
		[[ $status == installed ]] || printf '%s\n' "$package"
	done <"$here/packages"
}

# Forbids every start of a service. A saved policy is older than any guard a killed run left.
guard_up() {
	if [[ ! -e $saved && -e $policy ]]; then
		mv "$policy" "$saved"
	fi
	printf '#!/bin/sh\nexit 101 # nowake: no service starts meanwhile\n' >"$policy"
	chmod 0755 "$policy"
}

# Restores what guard_up found.
guard_down() {
	rm -f "$log"
	rm -f "$policy"
	if [[ -e $saved ]]; then
		mv "$saved" "$policy"
	fi
}

# Installs the named packages, quietly, without their recommendations and without questions.
apt_install() {
	DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
		-o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
		-o Dpkg::Options::=--force-confold "$@" </dev/null >"$log" 2>&1
}

# All at once; if that fails, one by one, so that a single absent package costs only itself.
install_lacking() {
	local package failed=0
	if apt_install "$@"; then
		return 0
	fi
	for package in "$@"; do
		if ! apt_install "$package"; then
			echo "install.sh: cannot install $package:" >&2
			tail -n 3 "$log" >&2
			failed=1
		fi
	done
	return "$failed"
}

mapfile -t packages < <(lacking)
if ((${#packages[@]} == 0)); then
	exit 0
fi
if ((EUID != 0)); then
	echo "install.sh: not root; missing: ${packages[*]}" >&2
	exit 1
fi
echo "installing ${packages[*]}"
log=$(mktemp)
trap guard_down EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
guard_up
apt-get update -qq -o DPkg::Lock::Timeout=300 >"$log" 2>&1 ||
	echo "install.sh: 'apt-get update' fails, going on" >&2
if ! install_lacking "${packages[@]}"; then
	# run.sh says which servers are skipped; only CI insists on all of them
	[[ ${CI:-} != true ]]
fi
