#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""cost_vm.py - what the daemon's hooks cost, in instructions, under Debian's kernels in QEMU.

Usage: cost_vm.py NOWAKE LOAD TURNS LOOPS SERIES... LOOPS: "all", or of load.c: "pipe cond"; with
rounds, as "cond:2000000 wake:3000", they last, and only "none", "off" and "auto" are compared. A row a
loop, a column a hook, and two peers where this host has them: by how many per cent more
instructions a round takes, the kernel's and the program's, than without; medians of TURNS turns,
in each of which every column has its loops, +- half the distance between the quartiles of both.
"nobody" is the same of half the turns without a watcher against the other half. What the daemon
itself does is not in it: its passes are stopped, its buffer is large enough for all. "auto" may
take its hook off when wakes are too many (and says so); what it costs until then stands under the
hook that it took."""
import math
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
HOOKS = ["none", "off", "auto", "fentry", "none", "kprobe", "tracepoint"]
LASTING = ["none", "off", "auto"]
PEERS = ["offcputime", "bpftrace"] # where the host has them
SCHEDULER = ["pipe", "messaging", "cond"]
SMALLEST = 0.1 # per cent: a cost below is taken for this much, when a peer's is divided by it


def boot(series, nowake, load, turns, loops):
    """The text on the machine's console."""
    vm = os.environ.get("VM_DIR", os.path.join(HERE, "../../build/vm"))
    os.makedirs(vm, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=vm) as bench:
        os.chmod(bench, 0o755)
        subprocess.run(["strip", "-g", "-o", os.path.join(bench, "nowake"), nowake], check=True)
        shutil.copy(load, os.path.join(bench, "load"))
        for name in ("cost_guest.sh", "offcpu.bt"):
            shutil.copy(os.path.join(HERE, name), bench)
        lasts = ":" in loops
        hooks = LASTING if lasts else HOOKS
        peers = [peer for peer in PEERS if shutil.which(peer) and not lasts]
        add = [word for peer in peers for word in ("--add", f"{shutil.which(peer)}:/usr/bin/{peer}")]
        run = subprocess.run(
            [os.path.join(HERE, "../vm/run.sh"), "--kernel", series, "--timeout", "3000",
             "--clock", "instructions", "--add", bench + ":/bench", *add, "--",
             "/bin/sh", "/bench/cost_guest.sh", str(turns), loops, *hooks, *peers],
            stdout=subprocess.PIPE, text=True, check=False)
    if run.returncode:
        sys.exit(f"cost_vm: {series}:\n{run.stdout}")
    with open(os.path.join(vm, "log", series + ".log"), encoding="utf-8", errors="replace") as f:
        return f.read()


def parse(text):
    """{hook: {loop: [ns of a round]}}, {hook: the hook that was taken}, the hooks that rested."""
    values, took, rested, hook = {}, {}, set(), None
    for line in text.splitlines():
        found = re.fullmatch(r"(hook|load|rests) (\w+) ([\w.]+)", line.strip())
        if not found:
            continue
        kind, name, value = found.groups()
        if kind == "rests":
            rested.add(name)
        elif kind == "hook":
            hook = name
            took[hook] = value
            values.setdefault(hook, {})
        elif hook:
            values[hook].setdefault(name, []).append(float(value))
    return values, took, rested


def spread(turns):
    """Half of the distance between the quartiles, as a part of the median."""
    if len(turns) < 2:
        return math.nan
    cuts = statistics.quantiles(turns, n=4)
    return (cuts[2] - cuts[0]) / 2 / statistics.median(turns)


def percent(base, turns):
    """More than base, and its +-."""
    return (100 * (statistics.median(turns) / statistics.median(base) - 1),
            100 * math.hypot(spread(base), spread(turns)))


def cell(base, turns):
    if not turns:
        return "-"
    more, noise = percent(base, turns)
    return f"{more:.2f} +-{noise:.2f}"


def times(values, took, peer, loop):
    """How many times what the daemon costs by default while its hook is on, at least: the peer's cost
    at the lower end of what was seen, the daemon's at the upper one, and never below its noise."""
    own = values.get(took["auto"]) or values["auto"]
    base = values["none"][loop]
    dear, dear_noise = percent(base, own[loop])
    cost, noise = percent(base, values[peer][loop])
    if math.isnan(noise + dear_noise):
        return "too few turns"
    if cost <= noise:
        return "not seen"
    return f"{(cost - noise) / max(max(dear, 0) + dear_noise, SMALLEST):.0f}"


def show(series, values, took, rested):
    columns = [hook for hook in values if hook != "none"]
    note = "; took its hook off when wakes were many" if "auto" in rested else ""
    print(f"{series}: auto takes {took['auto']}{note}; per cent more instructions")
    print(f"| {'loop':9} | {'instr.':>8} | {'nobody':>13} |" + "".join(f" {c:>14} |" for c in columns))
    print("|:----------|---------:|--------------:|" + "---------------:|" * len(columns))
    for loop, base in values["none"].items():
        nobody = cell(base[::2], base[1::2])
        print(f"| {loop:9} | {statistics.median(base):8.0f} | {nobody:>13} |" + "".join(
            f" {cell(base, values[c].get(loop)):>14} |" for c in columns), flush=True)
    for peer in PEERS:
        if values.get(peer):
            print(f"{peer} costs at least so many times what {took['auto']} costs: " + ", ".join(
                f"{loop} {times(values, took, peer, loop)}"
                for loop in SCHEDULER if loop in values[peer]))
    print()


def main():
    nowake, load, turns, loops = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]
    for series in sys.argv[5:]:
        show(series, *parse(boot(series, nowake, load, turns, loops)))


if __name__ == "__main__":
    main()
