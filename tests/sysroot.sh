#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# sysroot.sh - the headers and libraries of another architecture, for the cross build
#
# busybox is the shell of the virtual machine in which the tests run.
#
# usage: sysroot.sh ARCH DIR        ARCH is Debian's name: arm64
# apt works on a state of its own in DIR, with the host's sources and keys: it verifies what it
# downloads, installs nothing, and the host's architectures and packages stay as they are.
set -euo pipefail

arch=$1
mkdir -p "$2"
dir=$(cd "$2" && pwd)
want=(libc6-dev libgcc-s1 libbpf-dev libelf-dev zlib1g-dev uthash-dev libjansson-dev libcap-ng-dev
	libdw-dev libiberty-dev libseccomp-dev libncurses-dev busybox-static)

die() {
	echo "sysroot: $*" >&2
	exit 1
}

private_apt() {
	apt-get -qq -o APT::Architecture="$arch" -o APT::Architectures="$arch" -o Dir::State="$dir/apt" \
		-o Dir::State::status="$dir/apt/status" -o Dir::Cache="$dir/apt/cache" -o Debug::NoLocking=1 \
		-o APT::Sandbox::User="" -o APT::Install-Recommends=false -o Dir::Cache::pkgcache="" \
		-o DPkg::Post-Invoke="" -o APT::Update::Post-Invoke="" -o APT::Update::Post-Invoke-Success="" "$@"
}

command -v apt-get >/dev/null || die "needs apt-get, or $arch libraries installed beside the host's"
[ "$arch" != arm64 ] || command -v aarch64-linux-gnu-gcc >/dev/null ||
	die "needs aarch64-linux-gnu-gcc (Debian: gcc-aarch64-linux-gnu)"
rm -rf "$dir"
mkdir -p "$dir/apt/lists/partial" "$dir/apt/cache/archives/partial"
: >"$dir/apt/status"
private_apt update || die "apt-get update failed for $arch"
private_apt install -y --download-only "${want[@]}" || die "apt-get could not fetch ${want[*]} for $arch"
# some packages still ship lib/, where /usr is merged: one tree, as on a running system
mkdir -p "$dir/usr/lib"
ln -s usr/lib "$dir/lib"
for deb in "$dir"/apt/cache/archives/*.deb; do
	dpkg-deb --fsys-tarfile "$deb" | tar -x -C "$dir" --keep-directory-symlink --no-same-owner
done
[ -e "$dir/usr/include/bpf/libbpf.h" ] || die "the $arch packages brought no libbpf"
rm -rf "$dir/apt"
touch "$dir/.ready"
