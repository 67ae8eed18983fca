#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# chroot.sh - the two commands of the README on a fresh Debian that has only make and git (as root)
#
# usage: chroot.sh [SUITE [TARGET...]]        trixie; report check
# A minimal system by debootstrap in build/chroot/, kept as a tarball for the next time; inside it a
# clean clone of HEAD. The mounts live in a namespace of their own and end with this script; the
# kernel is the host's, so nowake looks at the host's threads from there.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
suite=${1:-trixie}
shift || true
targets=("$@")
[ $# -gt 0 ] || targets=(report check)
top=$PWD/build/chroot
root=$top/$suite
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

if [ "$(id -u)" != 0 ]; then
	echo 'SKIPPED, NOT RUN: a fresh Debian in a chroot: needs root'
	echo '0 passed, 0 failed, 1 skipped'
	exit 0
fi
if [ -z "${NOWAKE_CHROOT-}" ]; then
	NOWAKE_CHROOT=1 exec unshare --mount --propagation private "$0" "$suite" "${targets[@]}"
fi

# The mirror that the host itself uses for Debian; on another distribution say it in DEBIAN_MIRROR.
mirror() {
	# shellcheck disable=SC2016 # apt's variable, not the shell's
	{
		echo "${DEBIAN_MIRROR-}"
		apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' \
			'Component: main' | grep -v security
	} | awk 'NF && !n++'
}

bootstrap() {
	local from
	from=$(mirror)
	[ -n "$from" ] || { echo 'chroot: apt knows no mirror of Debian; set DEBIAN_MIRROR' && exit 1; }
	rm -rf "$root"
	debootstrap --variant=minbase --include=ca-certificates,git,make --keyring="$keyring" \
		"$suite" "$root" "$from" >"$top/debootstrap.log" 2>&1 ||
		{ tail -n 30 "$top/debootstrap.log" && exit 1; }
	tar -C "$root" --exclude=./var/cache/apt -cf "$top/$suite.tar.new" .
	mv "$top/$suite.tar.new" "$top/$suite.tar"
}

mkdir -p "$top"
rm -rf "$root"
if [ -e "$top/$suite.tar" ]; then
	mkdir -p "$root"
	tar -C "$root" -xf "$top/$suite.tar"
else
	bootstrap
fi
mkdir -p "$root/var/cache/apt/archives/partial"
for file in /etc/resolv.conf /etc/hosts /etc/apt/apt.conf.d/*proxy*; do
	[ ! -e "$file" ] || cp -L "$file" "$root$file"
done
mount -t proc proc "$root/proc"
mount --rbind /sys "$root/sys"
mount --rbind /dev "$root/dev"
mount -t tmpfs -o mode=1777 tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/run"
git clone -q --no-hardlinks . "$root/root/nowake"

passed=0 failed=0
for target in "${targets[@]}"; do
	echo "---- $suite: make $target ----"
	began=$SECONDS
	if chroot "$root" /usr/bin/env -i HOME=/root TERM=dumb PATH=/usr/sbin:/usr/bin:/sbin:/bin \
		make -C /root/nowake --no-print-directory "$target"; then
		passed=$((passed + 1))
	else
		failed=$((failed + 1))
		echo "$suite: make $target FAILED"
	fi
	echo "---- $suite: make $target: $((SECONDS - began)) s ----"
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
