#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh - runs a command as root under Debian's kernels, in virtual machines that hold only it
#
#   tests/vm/run.sh [--kernel SERIES]... [--add FILE|DIR[:PATH]]... [--timeout SEC] [--jobs N]
#                   [--clock instructions] [--memory SIZE] -- COMMAND [ARG]...
#
# Each machine is a kernel of fetch-kernels.sh and an initramfs: init.c, a shell, the command, what
# --add names, and the shared libraries of all of them at the host's own paths. For another machine's
# kernels (ARCH=arm64) shell and libraries come from SYSROOT (tests/sysroot.sh). QEMU emulates the
# processor, so /dev/kvm is not needed. The console goes to build/vm/log/SERIES.log, and to stderr
# with V=1; of a run that failed it is shown. With --clock instructions the machine has one processor,
# its time is the number of instructions that it has run, and idling takes none of the host's.
# Lines "N passed, N failed[, N skipped]" that the command prints are summed up; a command that
# prints none counts as one test. Exit status: 0 if all kernels passed, else 1; 2 for wrong usage.
# packages: binutils cpio gcc libc6-dev libc-bin qemu-system-x86 qemu-system-arm
set -euo pipefail
export LC_ALL=C.UTF-8

here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
vm=${VM_DIR:-$top/build/vm}
arch=${ARCH:-x86_64}
sysroot=${SYSROOT:-} # empty: this machine's own programs
qemu=(-nographic -no-reboot -nodefaults -no-user-config -serial stdio -accel tcg -m 2G -smp 2)
cmdline='panic=-1 oops=panic quiet loglevel=3 random.trust_cpu=on'
cc=${CC:-gcc}
case $arch in
x86_64)
	debian=amd64
	qemu=(qemu-system-x86_64 "${qemu[@]}" -cpu max)
	cmdline+=' console=ttyS0'
	;;
arm64)
	debian=arm64
	# the real algorithm of pointer authentication would take most of the time
	qemu=(qemu-system-aarch64 "${qemu[@]}" -machine virt -cpu 'max,pauth-impdef=on')
	cmdline+=' console=ttyAMA0'
	[ -z "$sysroot" ] || cc="aarch64-linux-gnu-gcc --sysroot=$sysroot"
	;;
esac

limit=300 jobs=1
passed=0 failed=0 work='' elves=() machines=() pids=()

die() { printf 'run.sh: %s\n' "$*" >&2; exit 2; }
usage() { sed -n 's/^# \{0,1\}//; 3,7p' "$0" >&2; exit 2; }

end_all() {
	trap - EXIT
	[ ${#pids[@]} -eq 0 ] || kill "${pids[@]}" 2>/dev/null || true
	wait
	[ -z "$work" ] || rm -rf "$work"
}
trap end_all EXIT
trap 'exit 130' INT TERM HUP

is_elf() { [ "$(head -c4 "$1" | tr -d '\0')" = $'\x7fELF' ]; }

# Copies a file or a directory into the machine, and remembers which libraries it will need.
add() {
	local from=$1 to=$root$2 file

	mkdir -p "$(dirname "$to")"
	cp -rLT "$from" "$to"
	while IFS= read -r -d '' file; do
		! is_elf "$file" || elves+=("$file")
	done < <(find -L "$from" -type f -print0)
}

# The loader and all shared libraries, where the host has them.
host_libraries() {
	local libs

	libs=$(ldd "${elves[@]}" 2>/dev/null || true)
	! grep 'not found' <<<"$libs" >&2 || die 'a shared library is missing'
	sed -nE 's,^(.* => |\s*)(/[^ ]+) \(0x.*,\2,p' <<<"$libs"
	# ldd runs the loader, and not every host runs 32-bit ones
	[ ! -e /lib32/ld-linux.so.2 ] || printf '/lib/ld-linux.so.2\n/lib32/libc.so.6\n'
	PATH=$PATH:/sbin:/usr/sbin ldconfig -p | sed -n 's,.*libgcc_s.so.1 .*=> ,,p'
}

# The same of the sysroot, whose loader does not run here: what they need, and what that needs.
sysroot_libraries() {
	local new=("${elves[@]}") lib path
	local -A seen=()

	while [ ${#new[@]} -gt 0 ]; do
		mapfile -t new < <(readelf -dW "${new[@]}" | sed -nE 's,.*\(NEEDED\).*\[(.*)\]$,\1,p' | sort -u)
		for lib in "${!new[@]}"; do
			path=$(find "$sysroot/lib/" -name "${new[lib]}" -print -quit)
			[ -n "$path" ] || die "$sysroot has no ${new[lib]}"
			if [ -n "${seen[$path]:-}" ]; then
				unset "new[lib]"
				continue
			fi
			seen[$path]=1
			new[lib]=$path
			printf '%s\n' "${path#"$sysroot"}"
		done
	done
	find "$sysroot/lib/" \( -name 'libgcc_s.so.1' -o -name 'ld-linux-*' \) -printf '/lib/%P\n'
}

# libgcc_s too, because glibc loads it by itself when a thread is cancelled or exits.
add_libraries() {
	local libs lib

	libs=$(if [ -n "$sysroot" ]; then sysroot_libraries; else host_libraries; fi)
	sort -u <<<"$libs" | while read -r lib; do
		[ -n "$lib" ] || continue
		mkdir -p "$root$(dirname "$lib")"
		cp -L "$sysroot$lib" "$root$lib"
	done
}

skeleton() {
	local dir

	mkdir -p "$root"/{proc,sys,dev,run,tmp,root,etc,usr,vm}
	for dir in bin sbin lib lib32 lib64; do
		if [ -L "$sysroot/$dir" ]; then
			mkdir -p "$root/usr/$dir"
			ln -s "usr/$dir" "$root/$dir"
		else
			mkdir -p "$root/$dir"
		fi
	done
	printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' >"$root/etc/passwd"
	printf 'root:x:0:\nnogroup:x:65534:\n' >"$root/etc/group"
	# shellcheck disable=SC2086 # a command and its options
	$cc -std=gnu11 -D_GNU_SOURCE -O1 -static -o "$root/init" "$here/init.c"
}

pack() { (cd "$1" && find . -print0 | sort -z | cpio -0 -o -H newc -R 0:0 --quiet); }

# The same for all kernels, but for the modules, which follow in an archive of their own.
build_initramfs() {
	local root=$work/root item

	skeleton
	add "$sysroot/bin/$([ -n "$sysroot" ] && echo busybox || echo sh)" /bin/sh
	for item in "${items[@]}"; do
		[ -e "${item%%:*}" ] || die "no file ${item%%:*}"
		add "${item%%:*}" "${item#*:}"
	done
	add_libraries
	printf '%s\0' "$@" >"$root/vm/command"
	pack "$root" >"$work/root.cpio"
	rm -rf "$root"
}

boot() {
	local series=$1 kernel=$vm/kernels/$1 log=$vm/log/$1.log

	mkdir -p "$work/$series/vm"
	cp -r "$kernel/modules" "$work/$series/vm/"
	pack "$work/$series" | cat "$work/root.cpio" - >"$work/$series.cpio"
	: >"$log"
	timeout -k 5 "$limit" "${qemu[@]}" -kernel "$kernel/vmlinuz" -initrd "$work/$series.cpio" \
		-append "$cmdline" </dev/null >"$log" 2>&1 &
	pids+=($!)
	[ "${V:-}" != 1 ] || tail -f --pid=$! "$log" >&2 &
}

# The console without what the firmware and the terminal driver put into it.
plain() { sed -E 's/\x1bc?(\[[^a-zA-Z]*[a-zA-Z])?|\r//g' "$1"; }

# What the log says: passed, failed, skipped. A machine that did not come to its end has failed.
judge() {
	plain "$1" | awk '
		/^[0-9]+ passed, [0-9]+ failed(, [0-9]+ skipped)?$/ { n++; p += $1; f += $3; s += $5 }
		/^vm-exit: [0-9]+$/ { ended = 1; status = $2 }
		END {
			if (!n && ended && !status) p = 1
			if (!f && (!ended || status)) f = 1
			print p + 0, f + 0, s + 0
		}'
}

conclude() {
	local series=$1 status=$2 log=$vm/log/$1.log p f s

	read -r p f s < <(judge "$log")
	if [ "$f" -gt 0 ] && [ "${V:-}" != 1 ]; then
		printf -- '---- %s\n' "$log"
		plain "$log"
		printf -- '----\n'
	fi
	[ "$status" -lt 124 ] || printf '%s: stopped after %s seconds\n' "$series" "$limit"
	printf '%s: %d passed, %d failed, %d skipped\n' \
		"$(cat "$vm/kernels/$series/release")" "$p" "$f" "$s"
	passed=$((passed + p)) failed=$((failed + f))
}

# Up to JOBS machines side by side, then the next ones.
run_all() {
	local batch i statuses

	while [ ${#machines[@]} -gt 0 ]; do
		batch=("${machines[@]:0:jobs}")
		machines=("${machines[@]:jobs}")
		for i in "${batch[@]}"; do
			boot "$i"
		done
		statuses=()
		for i in "${!batch[@]}"; do
			statuses[i]=0
			wait "${pids[i]}" || statuses[i]=$?
			# One processor changes code that another runs: the kernel does that by a breakpoint,
			# and the emulator now and then shows it when it is gone. Hardware does not.
			grep -aq 'Oops: int3' "$vm/log/${batch[i]}.log" || continue
			echo "${batch[i]}: the emulator failed (int3): once more"
			boot "${batch[i]}"
			statuses[i]=0
			wait "${pids[-1]}" || statuses[i]=$?
		done
		pids=()
		wait
		for i in "${!batch[@]}"; do
			conclude "${batch[i]}" "${statuses[i]}"
		done
	done
}

items=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
	[ $# -gt 1 ] || usage
	case $1 in
	--kernel) machines+=("$2") ;;
	--add) items+=("$2") ;;
	--timeout) limit=$2 ;;
	--jobs) jobs=$2 ;;
	--memory) qemu+=(-m "$2") ;;
	--clock)
		[ "$2" = instructions ] || usage
		qemu+=(-smp 1 -icount 'shift=0,sleep=off')
		cmdline+=' norandmaps'
		;;
	*) usage ;;
	esac
	shift 2
done
[ $# -gt 1 ] || usage
shift
[ ${#machines[@]} -gt 0 ] || mapfile -t machines < <(awk -v arch="$debian" '$2 == arch { print $1 }' "$here/kernels")
command=$1
shift
if [ -f "$command" ] && [ "$command" != /bin/sh ]; then
	command=$(realpath -s "$command")
	items+=("$command")
fi

"$here/fetch-kernels.sh" "${machines[@]}"
mkdir -p "$vm/log"
work=$(mktemp -d "$vm/run.XXXXXX")
build_initramfs "$command" "$@"
run_all
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]
