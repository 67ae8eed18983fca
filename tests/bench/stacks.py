#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""stacks.py - all stacks of one process: nowake against eu-stack and gdb, in turns.

Usage: stacks.py NOWAKE PLACES AGAIN RUNS. PLACES (places.cc) has 2,000 threads that are blocked
at 20 places, and one that counts without a break. What it loses against the second before is what
the target pays; of that the kernel says for how long the thread could have run and had no CPU
(/proc/PID/task/TID/schedstat): the rest it was stopped. Medians of RUNS turns; gdb takes part in
two at most. All stacks must be there, at 20 places. Then AGAIN (again.c): what a second report by
the same nowake costs. Ends what it started."""
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
        word, self.pid, tid = self.child.stdout.readline().split()
        if word != "ready":
            sys.exit("bench: the target did not get ready")
        self.schedstat = f"/proc/{self.pid}/task/{tid}/schedstat"

    def since(self):
        """Turns a second, and the longest pause, since the last call."""
        self.child.stdin.write("\n")
        self.child.stdin.flush()
        rate, pause = self.child.stdout.readline().split()
        return float(rate), float(pause)

    def runnable(self):
        """Seconds for which the counting thread ran or waited for a CPU."""
        with open(self.schedstat, encoding="ascii") as file:
            ran, waited, _ = file.read().split()
        return (int(ran) + int(waited)) / 1e9


def run(command):
    start = time.monotonic()
    text = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          check=False).stdout
    return time.monotonic() - start, text


def check(text):
    """nowake's folded output: 2,000 threads at 20 places."""
    counts = [int(line.rsplit(" ", 1)[1]) for line in text.splitlines() if "descend<" in line]
    if sum(counts) != THREADS or len(counts) != PLACES:
        sys.exit(f"bench: {sum(counts)} stacks at {len(counts)} places")


def turn(target, command, checks):
    time.sleep(0.5)
    target.since()
    time.sleep(1)
    quiet, _ = target.since()
    start, runnable = time.monotonic(), target.runnable()
    wall, text = run(command)
    stopped = time.monotonic() - start - (target.runnable() - runnable)
    rate, pause = target.since()
    if checks:
        check(text)
    return {"wall": wall, "pause": pause, "lost": wall * max(0, 1 - rate / quiet),
            "stopped": max(0, stopped)}


def medians(turns):
    return {key: statistics.median(t[key] for t in turns) for key in turns[0]}


def compare(target, nowake, runs):
    tools = {
        "nowake report": [nowake, "report", "--all", "--folded", "-p", target.pid,
                          "--threshold", "1s"],
        "eu-stack -p": ["eu-stack", "-p", target.pid],
        "gdb -batch": ["gdb", "-batch", "-nx", "-iex", "set debuginfod enabled off", "-ex",
                       "thread apply all bt", "-p", target.pid],
        "nobody: sleep 1": ["sleep", "1"],
    }
    turns = {name: [] for name in tools}
    for i in range(runs + 1):  # the first one warms up
        for name, command in tools.items():
            if not name.startswith("gdb") or i in (1, 2):
                one = turn(target, command, name.startswith("nowake"))
                turns[name] += [one] if i else []
    print("| all stacks of 2,000 threads | s     | nowake/it | longest pause s | lost s | stopped s |")
    print("|:----------------------------|------:|----------:|----------------:|-------:|----------:|")
    mine = medians(turns["nowake report"])["wall"]
    for name, all_turns in turns.items():
        mid = medians(all_turns)
        print(f"| {name:27s} | {mid['wall']:5.2f} | {mine / mid['wall']:9.2f} "
              f"| {mid['pause']:15.3f} | {mid['lost']:6.2f} | {mid['stopped']:9.3f} |")


def again(target, program, runs):
    """The first and the second report of one nowake."""
    keys = ("seconds", "cpu", "own", "child", "mapped", "debug", "stacks")
    rows = [[], []]
    for _ in range(runs):
        text = subprocess.run([program, target.pid, "2"], stdout=subprocess.PIPE, text=True,
                              check=True).stdout
        for row, line in zip(rows, text.splitlines(), strict=True):
            row.append(dict(zip(keys, map(float, line.split()), strict=True)))
    print("| by one nowake | s     | symbolizer CPU s | debug files read | nowake MiB "
          "| symbolizer MiB |")
    print("|:--------------|------:|-----------------:|-----------------:|-----------:"
          "|---------------:|")
    for name, row in zip(("first report", "second report"), rows, strict=True):
        mid = medians(row)
        print(f"| {name:13s} | {mid['seconds']:5.2f} | {mid['cpu']:16.3f} | {mid['debug']:16.0f} "
              f"| {mid['own']:10.1f} | {mid['child']:14.1f} |")
    if min(one["debug"] for one in rows[1]):  # a busy host may bring new ones now and then
        sys.exit("bench: the second report read debug files again")


def main():
    nowake, places, again_program, runs = sys.argv[1:4] + [int(sys.argv[4])]
    target = Target(places)
    try:
        time.sleep(1.5)
        compare(target, nowake, runs)
        print()
        again(target, again_program, runs)
    finally:
        target.child.kill()
        target.child.wait()


main()
