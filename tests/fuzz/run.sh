#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-only
# run.sh - fuzzes all that the symbolizer parses, for a fixed number of inputs
#
# usage: run.sh BUILD_DIR [RUNS]
# libFuzzer with ASan and UBSan on our own code; libelf, libdw and libiberty are the distribution's.
# A crash inside of them costs the symbolizer its life, and nowake nothing: it is counted and
# reported, and is no failure; one in our code is. corpus/NAME holds the seeds that are kept; what
# is found beside them lives in BUILD_DIR only. The same seed makes the same inputs.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
top=$(cd "$here/../.." && pwd)
out=$1/fuzz
runs=${2:-25000}
mkdir -p "$out"

# All of the symbolizer, but nowake's own side; once, for all targets.
sources() {
	find "$top/user/symbolize" -name '*.c' ! -name client.c
	printf '%s\n' "$top"/user/golang/*.c "$top/user/base/mapline.c" "$top/tests/unit/goheap.c" "$here"/*.c
}
compile() {
	"${CLANG:-clang}" -std=gnu11 -D_GNU_SOURCE -g -O1 -fsanitize=fuzzer-no-link,address,undefined \
		-fno-sanitize-recover=all -Wall -Wextra -Wno-missing-field-initializers -I"$top/user" -I"$top/bpf" \
		-I"$top/tests/unit" -c -o "$out/objects/$(basename "$(dirname "$1")")-$(basename "$1" .c).o" "$1"
}
link() {
	"${CLANG:-clang}" -fsanitize=fuzzer,address,undefined -o "$out/$1" "$out/objects/fuzz-$1.o" \
		"$out"/objects/{symbolize,golang,base,unit}-*.o -ldw -lelf -lz -liberty -lseccomp -lcap-ng
}

# Is the innermost frame that has a module one of the libraries'?
is_theirs() {
	grep -m 1 -E '^ *#[0-9]+ ' "$1" | grep -qE 'lib(dw|elf|z|lzma|bz2)[-.]|cplus_demangle|d_|rust_demangle'
}

# Runs one target; a crash of the libraries ends a round, and the next one starts elsewhere.
fuzz() {
	local name=$1 left=$runs seed=1 theirs=0 log
	rm -rf "$out/$name.corpus"
	mkdir -p "$out/$name.corpus"
	[ "$name" != goheap ] || left=$((runs / 30)) # each input is a whole heap
	while [ "$seed" -le 20 ]; do
		log=$out/$name.$seed.log
		if ASAN_OPTIONS=allocator_may_return_null=1:detect_leaks=1:max_allocation_size_mb=1024 \
			"$out/$name" -seed="$seed" -runs="$left" -max_len=16384 -timeout=20 -rss_limit_mb=2048 \
			-print_final_stats=1 -artifact_prefix="$out/$name-" "$out/$name.corpus" "$here/corpus/$name" \
			>"$log" 2>&1; then
			echo "ok $name: $(sed -n 's/.*number_of_executed_units: //p' "$log") inputs, $theirs crashes of libraries"
			return
		elif is_theirs "$log"; then
			theirs=$((theirs + 1))
			echo "note $name: $(grep -m 1 'SUMMARY' "$log") (in a library)"
			left=$((left / 2))
			seed=$((seed + 1))
		else
			echo "not ok $name: see $log"
			grep -E 'SUMMARY|ERROR|#[0-9] ' "$log" | head -n 20 || true
			return
		fi
	done
	echo "not ok $name: the libraries crash on every way"
}

# A real ELF file cut at many places, and with single bits turned over: always the same ones.
sweep() {
	rm -rf "$out/sweep"
	mkdir -p "$out/sweep"
	/usr/bin/python3 -c 'import random, sys
data, where = open(sys.argv[1], "rb").read(), sys.argv[2]
random.seed(1)
for i, at in enumerate(range(0, len(data), len(data) // 400)):
    open(f"{where}/cut{i}", "wb").write(data[:at])
for i in range(1600):
    copy = bytearray(data)
    for _ in range(1 + i % 3):
        copy[random.randrange(len(copy))] ^= 1 << random.randrange(8)
    open(f"{where}/turned{i}", "wb").write(copy)' "$here/corpus/elf/debug" "$out/sweep"
	"$out/elf" -runs=0 -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$out/sweep-" "$out/sweep" \
		>"$out/sweep.log" 2>&1 && echo 'ok sweep: 2000 broken files' && return
	echo "not ok sweep: see $out/sweep.log"
	grep -E 'SUMMARY|ERROR|#[0-9] ' "$out/sweep.log" | head -n 20 || true
}

# Calls a function with each of the names, as many at once as there are processors: FUNCTION NAME...
# shellcheck disable=SC2016 # for the shell that xargs starts
each() { printf '%s\0' "${@:2}" | xargs -0 -n 1 -P "$(nproc)" bash -c 'set -euo pipefail; '"$1"' "$1"' _; }

targets=(elf godwarf golang goheap request perfmap maps)
rm -rf "$out/objects"
mkdir -p "$out/objects"
export here top out runs
export -f compile link fuzz is_theirs
mapfile -t files < <(sources)
each compile "${files[@]}"
each link "${targets[@]}"
{ each fuzz "${targets[@]}" && sweep; } | tee "$out/said"
passed=$(grep -c '^ok ' "$out/said") failed=$(grep -c '^not ok ' "$out/said") || true
[ $((passed + failed)) = $((${#targets[@]} + 1)) ] || { echo 'not ok: not all targets came to their end' && failed=$((failed + 1)); }
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
