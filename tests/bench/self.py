#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""self.py - what the daemon itself takes: CPU time and memory, beside crowds that sleep.

Usage: self.py NOWAKE CROWD SECONDS. (root) Default settings, with a textfile and the socket. The
CPU time is that of the daemon and its symbolizer, living or ended, over SECONDS after the first
three passes, as per cent of one core. The memory is the most that is resident at any second of
these: the daemon's, and both, the symbolizer's with it while there is one (only findings need it, so
who else is stuck on this host decides), with what they share counted twice. Ends what it started."""
import os
import signal
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
    """And of its children; of those that have ended only in the ticks of /proc."""
    with open(f"/proc/{pid}/stat", encoding="utf-8") as file:
        fields = file.read().rpartition(")")[2].split()
    ended = (int(fields[13]) + int(fields[14])) / os.sysconf("SC_CLK_TCK")
    living = 0
    for child in children(pid):
        try:
            living += cpu_clock(child)
        except OSError:
            pass # it has just ended; what it took is in the next look's ticks
    return cpu_clock(pid) + living + ended


def resident(pid):
    """In MiB; 0 when it has just ended."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8") as text:
            return next((int(line.split()[1]) / 1024 for line in text if line.startswith("VmRSS:")), 0)
    except (FileNotFoundError, ProcessLookupError):
        return 0


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


def watch(pid, seconds):
    """CPU seconds a second, the most memory of the daemon and of both."""
    most_own = most_both = 0
    time.sleep(3 * INTERVAL + 5)
    began, used = time.monotonic(), cpu_seconds(pid)
    while time.monotonic() < began + seconds:
        time.sleep(1)
        own, others = resident(pid), sum(resident(child) for child in children(pid))
        most_own, most_both = max(most_own, own), max(most_both, own + others)
    return (cpu_seconds(pid) - used) / (time.monotonic() - began), most_own, most_both


def row(count, share, own, both):
    most = MIB_MOST + BYTES_A_THREAD * count / 2 ** 20
    cpu = "yes" if 100 * share <= CPU_MOST else "no"
    # the target is for one number of threads; other rows only inform
    return (f"| {count:7d} | {100 * share:6.3f} | {cpu if count < 1.5 * AT else '-':8} "
            f"| {own:7.1f} | {both:7.1f} | {most:6.1f} | {'yes' if both <= most else 'no':4} |")


def main():
    nowake, crowd, seconds = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    print(f"| threads | CPU %  | <= {CPU_MOST} % | MiB own | MiB all | target | held |")
    print("|--------:|-------:|:---------|--------:|--------:|-------:|:-----|", flush=True)
    for n in (0, AT, 10000, 30000):
        child = start_crowd(crowd, n) if n else None
        with tempfile.TemporaryDirectory(prefix="nowake-self.") as directory:
            own = daemon(nowake, directory, None)
            try:
                if not own.start():
                    sys.exit(f"self: {own.words()}")
                count = threads()
                print(row(count, *watch(own.child.pid, seconds)), flush=True)
            finally:
                own.stop()
                if child:
                    os.killpg(child.pid, signal.SIGKILL)
                    child.wait()


main()
