#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# deps.sh - installs what is missing for the groups named; asks apt only when something is.
#
# usage: deps.sh [--list] GROUP...        groups: build test stack top bench fuzz arm64
#                                        vm vm-x86_64 vm-arm64 chroot go prom service
# No service that comes with a package is started: policy-rc.d forbids it meanwhile.
# A row is a group, a probe (one of the functions below) that tells whether the thing is there,
# and Debian's packages that bring it; after "|" the names that another distribution has for them.
set -euo pipefail

export PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
triplet=$(uname -m)-linux-gnu

rows() {
	cat <<-ROWS
		build;  cmd gcc;                      gcc
		build;  inc stdio.h;                  libc6-dev
		build;  cmd clang;                    clang
		build;  bpftool;                      bpftool | linux-tools-common linux-tools-generic
		build;  cmd pkg-config;               pkg-config | pkgconf
		build;  inc bpf/libbpf.h;             libbpf-dev
		build;  inc libelf.h;                 libelf-dev
		build;  inc zlib.h;                   zlib1g-dev
		build;  inc uthash.h;                 uthash-dev
		build;  inc jansson.h;                libjansson-dev
		build;  inc cap-ng.h;                 libcap-ng-dev
		build;  inc elfutils/libdwfl.h;       libdw-dev
		build;  inc libiberty/demangle.h;     libiberty-dev
		build;  inc seccomp.h;                libseccomp-dev
		build;  inc ncurses.h;                libncurses-dev
		test;   inc criterion/criterion.h;    libcriterion-dev
		test;   python jsonschema;            python3 python3-jsonschema
		test;   cmd dot;                      graphviz
		test;   path $flame;                  libdevel-nytprof-perl
		test;   cmd mandoc;                   mandoc
		test;   cmd clang-format;             clang-format
		test;   cmd shellcheck;               shellcheck
		test;   m32;                          gcc-multilib
		test;   cmd ps;                       procps
		bench;  cmd g++;                      g++
		bench;  cmd gdb;                      gdb
		bench;  cmd eu-stack;                 elfutils
		bench;  cmd perf;                     linux-perf | linux-tools-common linux-tools-generic
		bench;  cmd offcputime;               libbpf-tools
		bench;  cmd bpftrace;                 bpftrace
		stack;  cmd g++;                      g++
		stack;  cmd gdb;                      gdb
		stack;  path /usr/bin/rustc;          rustc
		stack;  cmd musl-gcc;                 musl-tools
		stack;  cmd objcopy;                  binutils
		stack;  cmd xz;                       xz-utils
		stack;  cmd debuginfod-find;          debuginfod
		stack;  path $docs/libc6-dbg;  libc6-dbg
		top;    cmd tmux;                     tmux
		fuzz;   fuzzer;                       libclang-rt-14-dev | libclang-rt-19-dev | libclang-rt-18-dev
		arm64;  cmd aarch64-linux-gnu-gcc;    gcc-aarch64-linux-gnu
		vm-x86_64; cmd qemu-system-x86_64;    qemu-system-x86
		vm-arm64; cmd qemu-system-aarch64;    qemu-system-arm
		vm;     cmd readelf;                  binutils
		vm;     cmd cpio;                     cpio
		vm;     cmd xz;                       xz-utils
		chroot; cmd debootstrap;              debootstrap
		chroot; path $keyring; debian-archive-keyring
		go;     path $keyring; debian-archive-keyring
		service; cmd systemd-analyze;         systemd
		service; path /usr/bin/python3;       python3
		service; cmd setpriv;                 util-linux
		service; cmd unshare;                 util-linux
		prom;   cmd promtool;                 prometheus
		prom;   cmd prometheus-node-exporter; prometheus-node-exporter
	ROWS
}
flame=/usr/share/perl5/Devel/NYTProf/flamegraph.pl # the only one that Debian has
docs=/usr/share/doc
keyring=/usr/share/keyrings/debian-archive-keyring.gpg

cmd() { command -v "$1" >/dev/null; }
path() { [ -e "$1" ]; }
inc() { path "/usr/include/$1" || path "/usr/include/$triplet/$1" || path "/usr/local/include/$1"; }
# Debian's own python, whatever else comes first in PATH: it is the one that sees Debian's modules
python() { /usr/bin/python3 -c "import $1" 2>/dev/null; }
# Ubuntu's is a wrapper that may want tools for another kernel; any of them will do
bpftool() {
	local tool
	for tool in "$(type -P bpftool)" /usr/lib/linux-tools*/bpftool /usr/lib/linux-tools/*/bpftool; do
		! "$tool" version >/dev/null 2>&1 || return 0
	done
	return 1
}
# clang's own runtime, of clang's own version
fuzzer() {
	echo 'int LLVMFuzzerTestOneInput(void) { return 0; }' |
		clang -fsanitize=fuzzer,address -x c -o /dev/null - 2>/dev/null
}
# only an x86_64 kernel runs 32-bit programs beside its own
m32() {
	[ "$triplet" = x86_64-linux-gnu ] || return 0
	printf '#include <stdio.h>\nint main(void) { return 0; }\n' |
		gcc -m32 -idirafter "/usr/include/$triplet" -x c -o /dev/null - 2>/dev/null
}

# Prints the packages of the rows of these groups whose probe fails, one row a line.
missing() {
	local group probe packages words
	while IFS=';' read -r group probe packages; do
		[[ " $* " == *" $group "* ]] || continue
		read -ra words <<<"$probe"
		"${words[@]}" || echo "${packages#"${packages%%[! ]*}"}"
	done < <(rows)
}

# gcc-multilib itself does not want to stand beside a cross compiler; what it depends on does.
real_name() {
	if [ "$1" = gcc-multilib ]; then
		apt-cache depends "$1" | sed -n 's/.*Depends: \(gcc-[0-9]*-multilib\)$/\1/p'
	else
		echo "$1"
	fi
}

# Of choices between "|" the first whose packages apt knows, all of them.
choose() {
	local choice package known names
	while read -r choice; do
		known=1 names=()
		for package in $choice; do
			names+=("$(real_name "$package")")
			[[ $(apt-cache policy "${names[-1]}") == *"Candidate: "[0-9]* ]] || known=
		done
		[ -z "$known" ] || { echo "${names[@]}" && return; }
	done < <(tr '|' '\n' <<<"$1")
	echo "deps: no package of this distribution brings $1" >&2
}

list=
[ "${1-}" != --list ] || { shift && list=1; }
mapfile -t want < <(missing "$@")
[ ${#want[@]} -gt 0 ] || exit 0
if [ -n "$list" ]; then
	printf '%s\n' "${want[@]}"
	exit 0
fi
if [ "$(id -u)" != 0 ] || ! cmd apt-get; then
	echo "nowake: missing here, by the names of Debian's packages:" >&2
	printf '  %s\n' "${want[@]}" >&2
	echo "nowake: install them, or run this as root where there is apt-get" >&2
	exit 1
fi

export DEBIAN_FRONTEND=noninteractive
log=$(mktemp) policy=/usr/sbin/policy-rc.d ours=
trap 'rm -f "$log" $ours' EXIT
[ -e "$policy" ] || { ours=$policy && install -m 0755 /dev/stdin "$policy" <<<$'#!/bin/sh\nexit 101'; }
apt-get -qq -o DPkg::Lock::Timeout=300 update >"$log" 2>&1 || { cat "$log" && echo "nowake: 'apt-get update' fails; trying on"; } >&2
packages=()
for row in "${want[@]}"; do
	read -ra chosen < <(choose "$row") || continue
	packages+=("${chosen[@]}")
done
echo "nowake: installing ${packages[*]-nothing}"
[ ${#packages[@]} = 0 ] || apt-get -qq -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "${packages[@]}" >"$log" 2>&1 ||
	{ cat "$log" && echo "nowake: apt-get cannot install what is missing" && exit 1; } >&2
