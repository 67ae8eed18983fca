#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""cost.py - what the daemon costs other programs on this host, beside two peers, by the clock.

Usage: cost.py NOWAKE LOAD TURNS. (root) A row a load: perf bench's, and the loops of load.c; a
column a watcher: the daemon as it is by default, with the tracepoint, libbpf-tools' offcputime and
a bpftrace script (offcpu.bt) that does the same. A turn runs a load without the watcher, with it,
with it, without it; a cell is the median of the turns' ratios as per cent, and half of the middle
half of them as +-: an effect that is smaller than that was not seen. Ends what it started."""
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import time

HERE = os.path.dirname(os.path.abspath(__file__))
PERF = {
    "sched pipe": (["sched", "pipe", "-l", "20000"], r"([\d.]+) usecs/op", 1),
    "sched messaging": (["sched", "messaging", "-g", "4", "-l", "100"],
                        r"Total time: ([\d.]+)", 1),
    "futex hash": (["futex", "hash", "-t", "2", "-r", "1", "-s"], r"Averaged (\d+)", -1),
    "futex wake": (["futex", "wake", "-t", "256", "-s"], r"in ([\d.]+) ms", 1),
}
LOOPS = ["cond", "create", "syscall"]


def watchers(nowake):
    daemon = [nowake, "daemon", "--interval", "10s", "--socket", "none", "--futex-events"]
    all_ = {"daemon": daemon + ["auto"], "tracepoint": daemon + ["tracepoint"]}
    if shutil.which("offcputime"):
        all_["offcputime"] = ["offcputime", "600"]
    if shutil.which("bpftrace"):
        # it needs tracefs, which is mounted for it alone
        all_["bpftrace"] = ["unshare", "-m", "sh", "-c",
                            "mount -t tracefs tracefs /sys/kernel/tracing; exec bpftrace \"$0\"",
                            os.path.join(HERE, "offcpu.bt")]
    return all_


def run_load(name, load):
    """Its time per round; only ratios of it are used."""
    if name in PERF:
        args, pattern, power = PERF[name]
        command = ["perf", "bench"] + args
    else:
        command, pattern, power = [load, name], rf"load {name} ([\d.]+)", 1
    text = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False).stdout
    found = re.search(pattern, text)
    if not found or not float(found.group(1)):
        sys.exit(f"cost: {' '.join(command)} said: {text}")
    return float(found.group(1)) ** power


def start(command):
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                             start_new_session=True)
    time.sleep(4)
    if child.poll() is not None:
        return None
    return child


def stop(child):
    child.send_signal(signal.SIGINT)
    try:
        child.wait(3)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def measure(name, load, command, turns):
    """The ratios, with to without; None when the watcher does not run here."""
    ratios = []
    for _ in range(turns):
        without = run_load(name, load)
        child = start(command)
        if not child:
            return None
        try:
            with_it = run_load(name, load) + run_load(name, load)
        finally:
            stop(child)
        without += run_load(name, load)
        ratios.append(with_it / without)
    return ratios


def cell(ratios):
    if not ratios:
        return "does not run"
    cuts = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else [ratios[0]] * 3
    return f"{100 * (statistics.median(ratios) - 1):.1f} +-{50 * (cuts[2] - cuts[0]):.1f}"


def main():
    nowake, load, turns = sys.argv[1], sys.argv[2], int(sys.argv[3])
    all_ = watchers(nowake)
    print(f"| load            | target |{''.join(f' {w:>14} |' for w in all_)}")
    print(f"|:----------------|-------:|{'---------------:|' * len(all_)}", flush=True)
    for name in list(PERF) + LOOPS:
        run_load(name, load)
        cells = [cell(measure(name, load, command, turns)) for command in all_.values()]
        print(f"| {name:15} | {'<= 1 %':6} |{''.join(f' {c:>14} |' for c in cells)}",
              flush=True)


main()
