#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""process.py - nowake's stacks of running servers against gdb's, in the same run (root).

Usage: process.py NOWAKE NAME PID... All threads of the processes that stand still are compared
as check.py does it; those that ran between the two looks are left out. At least LEAST of them
must be left. Prints "ok NAME ..." or "not ok NAME ...", for tests/real/run.sh."""
import json
import os
import subprocess
import sys

import check

LEAST = 3


class Server:
    """As check.Plant, for check.compare(): Debian's servers are stripped."""
    name, variant, stripped, wants = "server", "server", True, {}


def switches(pids):
    counts = {}
    for pid in pids:
        for tid in os.listdir(f"/proc/{pid}/task"):
            with open(f"/proc/{pid}/task/{tid}/status", encoding="utf-8", errors="replace") as text:
                counts[tid] = sum(int(x.split()[1]) for x in text if "ctxt_switches" in x)
    return counts


def report(nowake, pids):
    command = [nowake, "report", "--json", "--all", "--threshold", "200ms"]
    for pid in pids:
        command += ["-p", str(pid)]
    data = json.loads(subprocess.run(command, capture_output=True, text=True, timeout=120,
                                     check=True).stdout)
    return data["threads"] + [t for f in data["findings"] for t in f["threads"]]


def main():
    nowake, name, *pids = sys.argv[1:]
    before = switches(pids)
    threads = report(nowake, pids)
    compared, wrong = 0, []
    for pid in pids:
        stacks, then = check.gdb_stacks([pid])
        for t in threads:
            tid = str(t["tid"])
            if str(t["pid"]) != pid or not t["stack"] or tid not in stacks:
                continue
            if before.get(tid) != then.get(tid):
                continue
            compared += 1
            why = check.compare(t["pid"], check.mappings(t["pid"]), t, stacks[tid], Server)
            if why:
                wrong.append(f"thread {tid}: {why}\n{check.show(t['stack'], stacks[tid])}")
    if wrong or compared < LEAST:
        print(f"not ok {name}: {compared} threads compared with gdb, {len(wrong)} differ")
        print("\n".join(wrong[:3]), file=sys.stderr)
    else:
        print(f"ok {name}: {compared} threads have the stacks that gdb shows")


main()
