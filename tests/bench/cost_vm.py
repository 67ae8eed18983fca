#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""cost_vm.py - what the daemon's hooks cost, in instructions, under Debian's kernels in QEMU.

Usage: cost_vm.py NOWAKE LOAD TURNS SERIES... A row a loop of load.c, a column a hook: by how many
per cent more instructions a round takes, the kernel's and the program's, than without the daemon;
medians of TURNS turns. "noise" is the same of the turns after the daemon had ended. What the
daemon itself does is not in it: its passes are stopped, its buffer is large enough for all."""
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
HOOKS = ["off", "auto", "fentry", "kprobe", "tracepoint"]
PEERS = ["offcputime", "bpftrace"] # where the host has them
SCHEDULER = ["pipe", "messaging", "cond"]


def boot(series, nowake, load, turns):
    """The text on the machine's console."""
    vm = os.environ.get("VM_DIR", os.path.join(HERE, "../../build/vm"))
    os.makedirs(vm, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=vm) as bench:
        os.chmod(bench, 0o755)
        subprocess.run(["strip", "-g", "-o", os.path.join(bench, "nowake"), nowake], check=True)
        shutil.copy(load, os.path.join(bench, "load"))
        for name in ("cost_guest.sh", "offcpu.bt"):
            shutil.copy(os.path.join(HERE, name), bench)
        peers = [peer for peer in PEERS if shutil.which(peer)]
        add = [word for peer in peers for word in ("--add", f"{shutil.which(peer)}:/usr/bin/{peer}")]
        run = subprocess.run(
            [os.path.join(HERE, "../vm/run.sh"), "--kernel", series, "--timeout", "3000",
             "--clock", "instructions", "--add", bench + ":/bench", *add, "--",
             "/bin/sh", "/bench/cost_guest.sh", str(turns), "none", *HOOKS, "none", *peers],
            stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode:
        sys.exit(f"cost_vm: {series}:\n{run.stdout}")
    with open(os.path.join(vm, "log", series + ".log"), encoding="utf-8", errors="replace") as f:
        return f.read()


def parse(text):
    """[(hook, the hook that the daemon took, {loop: [ns of a round]})], in order."""
    parts = []
    for line in text.splitlines():
        found = re.fullmatch(r"(hook|load) (\w+) ([\w.]+)", line.strip())
        if not found:
            continue
        kind, name, value = found.groups()
        if kind == "hook":
            parts.append((name, value, {}))
        elif parts:
            parts[-1][2].setdefault(name, []).append(float(value))
    return parts


def percent(base, turns):
    return 100 * (statistics.median(turns) / statistics.median(base) - 1)


def cell(base, part, loop):
    return f"{percent(base[loop], part[2][loop]):8.2f}" if loop in part[2] else f"{'-':>8}"


def times(base, parts, peer, loop):
    """Against auto; where that costs less than the turns without it differ, against that."""
    least = max(abs(percent(base[loop], part[2][loop])) for part in parts if part[0] == "none")
    own = percent(base[loop], next(p for p in parts if p[0] == "auto")[2][loop])
    cost = percent(base[loop], peer[2][loop])
    return f"{cost / own:.0f}" if own > least else f"> {cost / max(least, 0.01):.0f}"


def show(series, parts):
    base, rest = parts[0][2], parts[1:]
    taken = ", ".join(f"{hook} takes {took}" for hook, took, _ in rest if hook == "auto")
    print(f"{series}: {taken}; per cent")
    print(f"| {'loop':9} | {'instr.':>9} |" + "".join(
        f" {'noise' if p[0] == 'none' else p[0]:>10} |" for p in rest))
    print("|:----------|----------:|" + "-----------:|" * len(rest))
    for loop, turns in base.items():
        print(f"| {loop:9} | {statistics.median(turns):9.0f} |" + "".join(
            f" {cell(base, p, loop):>10} |" for p in rest), flush=True)
    for part in rest:
        if part[0] in PEERS and part[2]:
            print(f"{part[0]} costs so many times what the daemon costs: "
                  + ", ".join(f"{loop} {times(base, rest, part, loop)}" for loop in SCHEDULER))
    print()


def main():
    nowake, load, turns = sys.argv[1], sys.argv[2], int(sys.argv[3])
    for series in sys.argv[4:]:
        show(series, parse(boot(series, nowake, load, turns)))


main()
