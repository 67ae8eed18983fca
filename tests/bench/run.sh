#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh - what does nowake cost? (root) As ratios against peers, measured in turns in one run.
#
# Usage: run.sh NOWAKE [PART]... PART, all if none is named:
#   report  report.py: on this host as it is and with 1,000, 10,000 and 30,000 sleeping threads beside it
#   stacks  stacks.py: all stacks of one process of 2,000 threads (places.cc), and that a second report
#           by the same nowake reads no symbols (again.c, which `make` has built)
#   self    self.py: what the daemon itself takes, beside the same crowds
#   cost    cost.py: what its hooks and those of its peers cost others, by the clock of this host
#   vm      cost_vm.py: the same in instructions, in QEMU, under Debian's 6.12 and 7.x, and of loops
#           that last longer than the hook on wakes stays
#   go      goroutines.py: goroutines and heaps of several sizes, against the profile of Go 1.27
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
nowake=${1:?usage: run.sh NOWAKE [PART]...}
shift
[ $# -gt 0 ] || set -- report stacks self cost vm go
runs=5 turns=6 kernels=(6.12 7.x) lasting='cond:1000000 wake:500000'
built=$(dirname "$nowake")/bench

if [ "$(id -u)" != 0 ]; then
	echo 'bench: needs root: sudo make bench' >&2
	exit 1
fi
mkdir -p "$built"
"${CC:-gcc}" -O2 -Wall -Werror -pthread -o "$built/sleepers" "$here/sleepers.c"
"${CXX:-g++}" -std=c++20 -O2 -fno-ipa-icf -g -Wall -Werror -pthread -o "$built/places" "$here/places.cc"
"${CC:-gcc}" -O2 -static -pthread -D_GNU_SOURCE -Wall -Werror -o "$built/load" "$here/load.c"
for part; do
	case $part in
	report) python3 "$here/report.py" "$nowake" "$built/sleepers" "$runs" ;;
	stacks) python3 "$here/stacks.py" "$nowake" "$built/places" "$(dirname "$nowake")/tests/bench/again" "$runs" ;;
	self) python3 "$here/self.py" "$nowake" "$built/sleepers" 60 ;;
	cost) python3 "$here/cost.py" "$nowake" "$built/load" "$turns" ;;
	vm)
		python3 "$here/cost_vm.py" "$nowake" "$built/load" 3 all "${kernels[@]}"
		python3 "$here/cost_vm.py" "$nowake" "$built/load" 1 "$lasting" "${kernels[0]}"
		;;
	go)
		"$here/../deps.sh" go
		GOCACHE=$(realpath "$built")/gocache GO111MODULE=off "$("$here/../go/toolchain.sh" 1.27)" build -o "$built/goroutines" "$here/goroutines/main.go"
		"${CC:-gcc}" -std=gnu11 -O2 -D_GNU_SOURCE -Wall -Wextra -Wno-missing-field-initializers -Werror -I"$here/../../user" \
			-o "$built/look" "$here"/../go/{look_dump,process}.c "$here"/../../user/golang/*.c
		python3 "$here/goroutines.py" "$nowake" "$built/look" "$built/goroutines" "$turns"
		;;
	*) echo "bench: no part '$part': report, stacks, self, cost, vm, go" >&2 && exit 1 ;;
	esac
	echo
done
