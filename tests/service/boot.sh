#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# boot.sh - the unit under a real systemd: boots a minimal Debian of the host's release in QEMU
#
# usage: boot.sh NOWAKE BUILT_TESTS [SERIES]...      kernels of tests/vm/kernels; 6.1
# The system comes from debootstrap once, and is kept in build/boot/; `make install` puts nowake into
# it, and guest.sh is what it runs. All of it is an initramfs: the machine has no disk.
# packages: cpio debootstrap qemu-system-x86
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
boot=$top/build/boot
vm=${VM_DIR:-$top/build/vm}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
packages=systemd,systemd-sysv,dbus,libbpf1,libcap-ng0,libdw1,libelf1,libjansson4,libncursesw6,libseccomp2
nowake=$1 tests=$2
shift 2
[ $# -gt 0 ] || set -- 6.1
# shellcheck disable=SC1091 # the host's
suite=$(. /etc/os-release && [ "$ID" = debian ] && echo "${VERSION_CODENAME-}") || suite=''
work=''
trap '[ -z "$work" ] || rm -rf "$work"' EXIT

if [ "$(id -u)" != 0 ] || [ -z "$suite" ] || [ "$(uname -m)" != x86_64 ]; then
	echo 'SKIPPED, NOT RUN: the unit under systemd: needs root, and Debian on x86_64'
	echo '0 passed, 0 failed, 1 skipped'
	exit 0
fi

# The libraries of the host's release are those that nowake was linked with.
bootstrap() {
	local from

	# shellcheck disable=SC2016 # apt's variable, not the shell's
	from=${DEBIAN_MIRROR-$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' 'Origin: Debian' \
		'Component: main' | grep -v security | head -n 1)}
	debootstrap --variant=minbase --include="$packages" --keyring="$keyring" "$suite" "$work/new" "$from" \
		>"$boot/debootstrap.log" 2>&1 || { tail -n 30 "$boot/debootstrap.log" && exit 1; }
	tar -C "$work/new" --exclude=./var/cache/apt --exclude=./usr/share/doc --exclude=./usr/share/locale \
		--exclude=./var/lib/apt/lists --exclude=./usr/share/man -cf "$boot/$suite.tar.new" .
	mv "$boot/$suite.tar.new" "$boot/$suite.tar"
}

# What would only take time: timers, devices, logins.
quieten() {
	local unit

	for unit in apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer fstrim.timer \
		getty.target systemd-udev-trigger.service systemd-udevd.service systemd-firstboot.service \
		systemd-logind.service systemd-networkd.service; do
		ln -sf /dev/null "$1/etc/systemd/system/$unit"
	done
	printf '%032x\n' 1 >"$1/etc/machine-id"
	: >"$1/etc/fstab"
}

fill() {
	local root=$1

	mkdir "$root"
	tar -C "$root" -xf "$boot/$suite.tar"
	make -C "$top" -s install DESTDIR="$root" PREFIX=/usr
	strip -g -o "$root/usr/bin/nowake" "$nowake"
	install -D -t "$root/check" "$here/guest.sh" "$tests/stuck/mutex_cycle2" "$tests/stuck/mutex_self"
	quieten "$root"
	cat >"$root/etc/systemd/system/nowake-check.service" <<-'UNIT'
		[Unit]
		After=basic.target dbus.service
		[Service]
		ExecStart=/check/guest.sh
		StandardOutput=tty
		StandardError=tty
		TTYPath=/dev/console
		[Install]
		WantedBy=multi-user.target
	UNIT
	mkdir -p "$root/etc/systemd/system/multi-user.target.wants"
	ln -s ../nowake-check.service "$root/etc/systemd/system/multi-user.target.wants/"
	ln -sf lib/systemd/systemd "$root/init" || true
	(cd "$root" && find . -print0 | cpio -0 -o -H newc -R 0:0 --quiet) >"$work/root.cpio"
}

run() {
	local log=$boot/$1.log

	timeout -k 5 "${LIMIT:-600}" qemu-system-x86_64 -nographic -no-reboot -nodefaults -no-user-config \
		-serial stdio -accel tcg -cpu max -m 3G -smp 2 -kernel "$vm/kernels/$1/vmlinuz" \
		-initrd "$work/root.cpio" -append \
		'console=ttyS0 panic=-1 oops=panic quiet loglevel=3 random.trust_cpu=on systemd.show_status=0' \
		</dev/null >"$log" 2>&1 || true
	sed -E 's/\x1bc?(\[[^a-zA-Z]*[a-zA-Z])?|\r//g' "$log" >"$work/plain"
	grep -aq '^guest-end' "$work/plain" || echo "not ok the machine with $1 came to no end" >>"$work/plain"
	grep -aE '^(not )?ok |^this kernel has no |^guest-end' "$work/plain"
	if grep -aq '^not ok' "$work/plain"; then
		tail -n 120 "$work/plain" >&2
	fi
}

mkdir -p "$boot"
work=$(mktemp -d "$boot/work.XXXXXX")
[ -e "$boot/$suite.tar" ] || bootstrap
VM_DIR=$vm "$top/tests/vm/fetch-kernels.sh" "$@"
fill "$work/root"
rm -rf "$work/root" "$work/new"
for series; do
	run "$series"
done | tee "$work/said"
failed=$(grep -c '^not ok' "$work/said" || true)
echo "$(grep -c '^ok' "$work/said" || true) passed, $failed failed"
[ "$failed" = 0 ]
