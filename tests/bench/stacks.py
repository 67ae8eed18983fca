#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""stacks.py - all stacks of one process: nowake against eu-stack and gdb, in turns.

Usage: stacks.py NOWAKE PLACES RUNS. PLACES (places.cc) has 2,000 threads that are blocked at 20
places, and one that counts without a break: how long it was stopped, and how much slower it was
than undisturbed, is what the target pays. Medians of RUNS turns; gdb takes part in two at most.
All stacks must be there, at 20 places. Ends what it started."""
import statistics
import subprocess
import sys
import time

THREADS = 2000
PLACES = 20


class Target:
    def __init__(self, program):
        self.child = subprocess.Popen([program, str(THREADS)], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, text=True)
        word, pid = self.child.stdout.readline().split()
        if word != "ready":
            sys.exit("bench: the target did not get ready")
        self.pid = pid

    def since(self):
        """Turns a second, and the longest pause, since the last call."""
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        rate, pause, _ = self.child.stdout.readline().split()
        return float(rate), float(pause)


def run(command):
    start = time.monotonic()
    text = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=False).stdout
    return time.monotonic() - start, text


def check(text):
    """nowake's folded output: 2,000 threads at 20 places."""
    counts = [int(line.rsplit(" ", 1)[1]) for line in text.splitlines() if "block" in line]
    if sum(counts) != THREADS or len(counts) != PLACES:
        sys.exit(f"bench: {sum(counts)} stacks at {len(counts)} places")


def turn(target, command, checks):
    time.sleep(0.5)
    target.since()
    time.sleep(1)
    quiet, _ = target.since()
    wall, text = run(command)
    rate, pause = target.since()
    if checks:
        check(text)
    return {"wall": wall, "pause": pause, "lost": wall * max(0, 1 - rate / quiet)}


def main():
    nowake, places, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
    target = Target(places)
    tools = {
        "nowake report": [nowake, "report", "--all", "--folded", "-p", target.pid,
                          "--threshold", "100ms"],
        "eu-stack -p": ["eu-stack", "-p", target.pid],
        "gdb -batch": ["gdb", "-batch", "-nx", "-iex", "set debuginfod enabled off", "-ex",
                       "thread apply all bt", "-p", target.pid],
    }
    try:
        turns = {name: [] for name in tools}
        for i in range(runs + 1):  # the first one warms up
            for name, command in tools.items():
                if not name.startswith("gdb") or i in (1, 2):
                    one = turn(target, command, name.startswith("nowake"))
                    turns[name] += [one] if i else []
    finally:
        target.child.kill()
        target.child.wait()
    print("| all stacks of 2,000 threads | s | nowake/it | longest pause s | lost s |")
    print("|:----------------------------|------:|----------:|----------------:|-------:|")
    mine = statistics.median(t["wall"] for t in turns["nowake report"])
    for name, all_turns in turns.items():
        mid = {key: statistics.median(t[key] for t in all_turns) for key in all_turns[0]}
        print(f"| {name:27s} | {mid['wall']:5.2f} | {mine / mid['wall']:9.2f} "
              f"| {mid['pause']:15.3f} | {mid['lost']:6.2f} |")


main()
