#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""report.py - nowake report against ps, in turns, with a growing crowd beside them.

Usage: report.py NOWAKE CROWD RUNS. A row a crowd: medians of RUNS turns; the ratios are
medians of the pairs. "scan" is what the report itself says of its look (iterators, memory,
judging; without BPF loading), "report" the whole process. Ends what it started."""
import json
import os
import statistics
import subprocess
import sys
import time

PS = ["ps", "-eLo", "pid,tid,stat,wchan,comm"]


def measure(command):
    """Seconds of wall clock, of CPU, peak KiB, output."""
    start = time.monotonic()
    child = subprocess.Popen(command, stdout=subprocess.PIPE)
    text = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.monotonic() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"bench: {' '.join(command)} ended with {child.returncode}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, text


def start_crowd(crowd, n):
    """The crowd sleeps when each of its processes has said so."""
    child = subprocess.Popen([crowd, str(n)], stdout=subprocess.PIPE, start_new_session=True)
    for _ in range((n + 9999) // 10000):
        if child.stdout.readline() != b"ready\n":
            os.killpg(child.pid, 9)
            sys.exit(f"bench: a crowd of {n} could not be made (threads-max, pid_max?)")
    time.sleep(1.5)
    return child


def turn(nowake):
    ps_wall, ps_cpu, _, _ = measure(PS)
    command = [nowake, "report", "--json", "--threshold", "1s"]
    wall, cpu, peak, text = measure(command)
    report = json.loads(text)
    return {
        "threads": report["scan"]["threads"],
        "ps": ps_wall, "report": wall, "scan": report["scan"]["seconds"],
        "ps cpu": ps_cpu, "report cpu": cpu, "peak": peak / 1024,
        "ps/report": ps_wall / wall, "ps/scan": ps_wall / report["scan"]["seconds"],
    }


def row(n, turns):
    mid = {key: statistics.median(t[key] for t in turns) for key in turns[0]}
    print(f"| {n:6d} | {mid['threads']:7.0f} | {mid['ps']:8.3f} | {mid['report']:8.3f} "
          f"| {mid['scan']:8.4f} | {mid['ps/report']:9.1f} | {mid['ps/scan']:7.1f} "
          f"| {mid['report cpu']:9.3f} | {mid['peak']:8.1f} |", flush=True)


def main():
    nowake, crowd, runs = sys.argv[1], sys.argv[2], int(sys.argv[3])
    print("| crowd  | threads |     ps s | report s |   scan s | ps/report | ps/scan "
          "| CPU s     | peak MiB |")
    print("|-------:|--------:|---------:|---------:|---------:|----------:|--------:"
          "|----------:|---------:|", flush=True)
    for n in (0, 1000, 10000, 30000):
        child = start_crowd(crowd, n) if n else None
        try:
            turn(nowake)
            row(n, [turn(nowake) for _ in range(runs)])
        finally:
            if child:
                os.killpg(child.pid, 9)
                child.wait()


main()
