#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""cost.py - what do the daemon's hooks cost those who are watched, and what do its peers' cost?

Usage: cost.py NOWAKE LOAD TURNS. Every watcher runs between two turns without any, and its
cost is the ratio to both, so that a host whose speed drifts does not look like a cost. Counted is
the CPU time of the load alone, on one CPU: what others do beside it then hardly counts. A cell
is the median of the ratios with its interval of 95 %; "nobody" compares the turns without a
watcher with each other: no cost that is smaller can be seen here. Ends what it started."""
import math
import os
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
TARGET, TIMES = 1.01, 10 # of the daemon's own ratio; that its peers must cost more
FEWEST = 6 # turns: the interval of fewer is not one of 95 %
REPEATS = 3 # a turn; the fastest counts, as what disturbs a load only makes it slower
CPU = max(os.sched_getaffinity(0))
HOOKS = ("fentry", "kprobe", "tracepoint")
SCHEDULER = ("sched pipe", "sched messaging", "cond ping-pong")


def pin():
    os.sched_setaffinity(0, [CPU])


def by_cpu(_, seconds):
    return seconds


def by_operation(text, seconds):
    """futex hash runs for a time, not for a number of rounds."""
    rate, total = re.search(r"Averaged (\d+) operations/sec.*total secs = (\d+)", text).groups()
    return seconds / (int(rate) * int(total))


def by_run(text, _):
    """futex wake makes its threads in the same process; its own clock counts the waking alone."""
    return statistics.median(float(ms) for ms in re.findall(r"\[Run.* in ([\d.]+) ms", text))


def loads(load):
    bench = ["perf", "bench"]
    return {
        "sched pipe": (bench + ["sched", "pipe", "-l", "7000"], by_cpu),
        "sched messaging": (bench + ["sched", "messaging", "-g", "1", "-l", "20"], by_cpu),
        "cond ping-pong": ([load, "cond", "7000"], by_cpu),
        "futex hash": (bench + ["futex", "hash", "-t", "1", "-r", "1"], by_operation),
        "futex wake": (bench + ["-r", "12", "futex", "wake", "-t", "32", "-w", "1"], by_run),
        "create and join": ([load, "create", "3000"], by_cpu),
        "system call": ([load, "syscall", "400000"], by_cpu),
    }


def measure(command, count):
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=pin)
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"cost: {' '.join(command)} ended with {child.returncode}")
    return count(text, usage.ru_utime + usage.ru_stime)


# ---- who watches ----


class Watcher:
    """A program that runs while the loads do. ready: what it says when it has begun; None: it is
    ready when it holds a BPF link."""

    def __init__(self, name, command, ready, wait):
        self.name, self.command, self.ready, self.wait = name, command, ready, wait
        self.child = self.log = None

    def is_ready(self):
        if self.ready:
            self.log.seek(0)
            return self.ready in self.log.read()
        fds = f"/proc/{self.child.pid}/fdinfo"
        try:
            for fd in os.listdir(fds):
                with open(f"{fds}/{fd}", encoding="utf-8") as info:
                    if "link_type" in info.read():
                        return True
        except (FileNotFoundError, ProcessLookupError):
            pass # a descriptor that is closed meanwhile, or all: asked again soon
        return False

    def start(self):
        """Whether it runs."""
        self.log = tempfile.TemporaryFile("w+")
        self.child = subprocess.Popen(self.command, stdout=self.log, stderr=self.log,
                                      stdin=subprocess.DEVNULL)
        end = time.monotonic() + 60
        try:
            while self.child.poll() is None and time.monotonic() < end:
                if self.is_ready():
                    time.sleep(self.wait)
                    return True
                time.sleep(0.1)
        except BaseException: # also who is interrupted leaves nothing behind
            self.stop()
            raise
        self.stop()
        return False

    def stop(self):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGINT)
        try:
            self.child.wait(60)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def words(self):
        self.log.seek(0)
        return " ".join(self.log.read().split())[:200]


def daemon(nowake, directory, hook):
    conf = os.path.join(directory, "conf")
    with open(conf, "w", encoding="utf-8") as out:
        out.write("interval = 10s\n")
    command = [nowake, "daemon", "--config", conf, "--socket", os.path.join(directory, "socket"),
               "--textfile", os.path.join(directory, "nowake.prom")]
    if hook:
        command += ["--futex-events", hook]
    return Watcher(f"nowake, {hook or 'default'}", command, "who wakes whom: ", 1)


def daemons(nowake, directory):
    """With the default settings, and with each hook that this kernel takes."""
    own = daemon(nowake, directory, None)
    if not own.start():
        sys.exit(f"cost: {own.words()}")
    own.stop()
    taken = re.search("who wakes whom: ([a-z]+)", own.words()).group(1)
    own.name = f"nowake ({taken})"
    yield own
    for hook in HOOKS:
        other = daemon(nowake, directory, hook)
        runs = hook != taken and other.start()
        if runs:
            other.stop()
        if runs and f"who wakes whom: {hook}" in other.words():
            other.name = f"nowake, {hook}"
            yield other
        elif hook != taken:
            print(f"futex events by {hook}: not on this kernel", flush=True)


def peers():
    tracing = 'mount -t tracefs tracefs /sys/kernel/tracing 2>/dev/null; exec "$@"'
    script = os.path.join(HERE, "offcpu.bt")
    # a namespace of its own: where tracefs is not mounted it is mounted for bpftrace alone
    for peer in (
            Watcher("offcputime", ["offcputime"], None, 0.5),
            Watcher("bpftrace", ["unshare", "-m", "sh", "-c", tracing, "sh", "bpftrace", script],
                    "ready", 1)):
        runs = shutil.which(peer.name) and peer.start()
        if runs:
            peer.stop()
            yield peer
        else:
            print(f"{peer.name}: {peer.words() if peer.log else 'not here'}", flush=True)


# ---- ratios ----


def interval(values):
    """Of the median, without asking how the values are spread: by their order alone."""
    values, n, low, tail = sorted(values), len(values), 0, 0.0
    while low < (n - 1) // 2:
        tail += math.comb(n, low) / 2 ** n
        if tail + math.comb(n, low + 1) / 2 ** n > 0.025:
            break
        low += 1
    return values[low], statistics.median(values), values[n - 1 - low]


def cell(values):
    low, mid, high = interval(values)
    return f"{mid:.3f} ({low:.3f}-{high:.3f})"


def verdict(values):
    low, _, high = interval(values)
    if len(values) < FEWEST:
        return "too few turns"
    if high <= TARGET:
        return "yes"
    return "no" if low > TARGET else "not seen: noise"


class Table:
    def __init__(self, names, watchers):
        self.names, self.watchers = names, watchers
        self.ratios = {(name, w.name): [] for name in names for w in watchers}
        self.nobody = {name: [] for name in names}

    def add(self, before, watched, after, watcher):
        for name in self.names:
            mean = math.sqrt(before[name] * after[name])
            self.ratios[name, watcher.name].append(watched[name] / mean)
            self.nobody[name].append(after[name] / before[name])

    def row(self, name):
        cells = [cell(self.nobody[name])]
        cells += [cell(self.ratios[name, w.name]) for w in self.watchers]
        return cells + [verdict(self.ratios[name, self.watchers[0].name])]

    def times_more(self, name, peer, own):
        """How many times the cost of own the cost of the peer is, at least: own's at its upper end, and
        no less than what turns without a watcher differ by; the peer's at its lower one."""
        low, _, high = interval(self.nobody[name])
        noise = max(high, 1 / low) - 1
        own_high = interval(self.ratios[name, own.name])[2]
        cost = interval(self.ratios[name, peer.name])[0] - 1
        if len(self.nobody[name]) < FEWEST:
            return "too few turns"
        return f"{cost / max(own_high - 1, noise):.1f}" if cost > noise else "not seen: noise"

    def show(self):
        own = self.watchers[0]
        head = ["nobody"] + [w.name for w in self.watchers] + [f"<= {TARGET}"]
        print(f"\n| CPU time, as a ratio  | {' | '.join(f'{h:21s}' for h in head)} |")
        print(f"|:{'-' * 22}|{'|'.join('-' * 22 + ':' for _ in head)}|")
        for name in self.names:
            print(f"| {name:21s} | {' | '.join(f'{c:21s}' for c in self.row(name))} |")
        for peer in self.watchers:
            if "nowake" in peer.name:
                continue
            more = [f"{name}: {self.times_more(name, peer, own)}"
                    for name in self.names if name in SCHEDULER]
            print(f"\n{peer.name} costs at least so many times what {own.name} costs "
                  f"(wanted: {TIMES}): {', '.join(more)}")


def turn(commands):
    return {name: min(measure(*commands[name]) for _ in range(REPEATS)) for name in commands}


def main():
    nowake, load, rounds = sys.argv[1], sys.argv[2], int(sys.argv[3])
    commands = loads(load)
    with tempfile.TemporaryDirectory(prefix="nowake-cost.") as directory:
        watchers = [*daemons(os.path.abspath(nowake), directory), *peers()]
        table = Table(list(commands), watchers)
        turn(commands)
        before = turn(commands)
        for n in range(rounds):
            for watcher in watchers[n % len(watchers):] + watchers[:n % len(watchers)]:
                if not watcher.start():
                    sys.exit(f"cost: {watcher.name} does not start again: {watcher.words()}")
                try:
                    watched = turn(commands)
                finally:
                    watcher.stop()
                after = turn(commands)
                table.add(before, watched, after, watcher)
                before = after
        table.show()


if __name__ == "__main__":
    main()
