#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""self.py - what the daemon itself takes: CPU time and memory, beside crowds that sleep.

Usage: self.py NOWAKE CROWD SECONDS [THREADS]... (root) Default settings, with a textfile and the socket. The
CPU time is that of the daemon, and of its symbolizers, over SECONDS after the first three passes,
as per cent of one core; other programs' births and ends are work too: events/s. Memory is what is
resident: the daemon's between passes (the median of looks a second apart), and the most in a pass,
by the kernel's own mark; the symbolizer's at most, while there is one: findings need it, and new
places that make threads. "held" is said of all three together, "at rest" of the daemon's between
passes alone. Ends what it started."""
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time

from cost import daemon

INTERVAL = 10
CPU_MOST = 0.2 # per cent of one core, at AT threads
AT, MIB_MOST, BYTES_A_THREAD = 2000, 24, 300


def children(pid):
    with open(f"/proc/{pid}/task/{pid}/children", encoding="utf-8") as file:
        return [int(child) for child in file.read().split()]


def cpu_clock(pid):
    """Of all its threads, to the nanosecond: include/linux/posix-timers.h"""
    return time.clock_gettime(~pid << 3 | 2)


def cpu_seconds(pid):
    """Of the daemon, and of its children; of those that have ended only in the ticks of /proc."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    helpers = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    for child in children(pid):
        try:
            helpers += cpu_clock(child)
        except OSError:
            pass # it has just ended; what it took is in the next look's ticks
    return cpu_clock(pid), helpers


def events(directory):
    """How many the daemon has read."""
    with open(os.path.join(directory, "nowake.prom"), encoding="utf-8") as file:
        return sum(float(line.split()[-1]) for line in file
                   if line.startswith("nowake_events_total"))


def resident(pid, key="VmRSS"):
    """In MiB; 0 when it has just ended."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as text:
            return next((int(line.split()[1]) / 1024 for line in text if line.startswith(key + ":")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


def forget_peak(pid):
    with open(f"/proc/{pid}/clear_refs", "w", encoding="utf-8") as file:
        file.write("5")


def start_crowd(crowd, n):
    child = subprocess.Popen([crowd, str(n)], stdout=subprocess.PIPE, start_new_session=True)
    for _ in range((n + 9999) // 10000):
        if child.stdout.readline() != b"ready\n":
            os.killpg(child.pid, signal.SIGKILL)
            sys.exit(f"self: a crowd of {n} could not be made (threads-max, pid_max?)")
    return child


def threads():
    """All of this host, as the daemon sees them."""
    return sum(len(os.listdir(f"/proc/{pid}/task")) for pid in os.listdir("/proc")
               if pid.isdigit() and os.path.exists(f"/proc/{pid}/exe"))


def watch(pid, directory, seconds):
    """What it takes in that time."""
    looks, helpers = [], 0
    time.sleep(3 * INTERVAL + 5)
    forget_peak(pid)
    began, used, seen = time.monotonic(), cpu_seconds(pid), events(directory)
    while time.monotonic() < began + seconds:
        time.sleep(1)
        looks.append(resident(pid))
        helpers = max(helpers, sum(resident(child) for child in children(pid)))
    past, now = time.monotonic() - began, cpu_seconds(pid)
    return {"rest": statistics.median(looks), "peak": resident(pid, "VmHWM"), "helpers": helpers,
            "events": (events(directory) - seen) / past,
            "cpu": [100 * (n - u) / past for n, u in zip(now, used)]}


def held(took, most):
    if took["peak"] + took["helpers"] <= most:
        return "yes"
    return "at rest" if took["rest"] <= most else "no"


def row(count, took):
    most = MIB_MOST + BYTES_A_THREAD * count / 2 ** 20
    cpu = "yes" if sum(took["cpu"]) <= CPU_MOST else "no"
    # the target is for one number of threads; other rows only inform
    return (f"| {count:7d} | {took['events']:8.1f} | {took['cpu'][0]:6.3f} | {took['cpu'][1]:10.3f} "
            f"| {cpu if abs(count - AT) < AT / 2 else '-':8} | {took['rest']:8.1f} | {took['peak']:8.1f} "
            f"| {took['helpers']:10.1f} | {most:6.1f} | {held(took, most):7} |")


def main():
    nowake, crowd, seconds = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    print(f"| threads | events/s | CPU %  | symbolizer | <= {CPU_MOST} % | rest MiB | peak MiB | symbolizer "
          "| target | held    |")
    print("|--------:|---------:|-------:|-----------:|:---------|---------:|---------:|-----------:"
          "|-------:|:--------|", flush=True)
    crowds = [int(n) for n in sys.argv[4:]] or [0, AT, 10000, 30000]
    for n in crowds:
        child = start_crowd(crowd, n) if n else None
        with tempfile.TemporaryDirectory(prefix="nowake-self.") as directory:
            own = daemon(nowake, directory, None)
            try:
                if not own.start():
                    sys.exit(f"self: {own.words()}")
                count = threads()
                print(row(count, watch(own.child.pid, directory, seconds)), flush=True)
            finally:
                own.stop()
                if child:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()


main()
