# SPDX-License-Identifier: GPL-2.0-only
"""look.py - one report of nowake, and then gdb at the same threads

Threads that ran between the two are left out: their switch counts tell.
"""

import concurrent.futures
import json
import os
import subprocess

import compare
import oracle
import spoil

NOWAKE_SECONDS = 120


class Thread:
    """A thread of the report, and what became of the comparison."""

    def __init__(self, record, in_finding):
        self.record = record
        self.tid, self.pid = record["tid"], record["pid"]
        self.in_finding = in_finding
        self.moved = False
        self.wrong = None  # what differs, with both stacks


def counts(pids):
    """{(pid, tid): its switch counts}"""
    found = {}
    for pid in pids:
        try:
            tids = os.listdir(f"/proc/{pid}/task")
        except OSError:
            continue
        for tid in map(int, tids):
            found[pid, tid] = oracle.switches(pid, tid)
    return found


def report(nowake, *options):
    """The report's JSON; None if there is none, which is said on standard output."""
    command = [nowake, "report", "--json", "--all", "--threshold", "1s", *options]
    try:
        done = subprocess.run(command, capture_output=True, timeout=NOWAKE_SECONDS, check=False)
        return json.loads(done.stdout)
    except subprocess.TimeoutExpired:
        print(f"not ok: {' '.join(command)}: no answer in {NOWAKE_SECONDS} s")
    except ValueError as error:
        print(f"not ok: {' '.join(command)}: status {done.returncode}, no JSON: {error}, "
              f"{done.stderr.decode(errors='replace')}")
    return None


def threads_of(found):
    """All threads of a report."""
    threads = [Thread(record, False) for record in found.get("threads", [])]
    for finding in found["findings"]:
        threads += [Thread(record, True) for record in finding["threads"]]
    return threads


def compare_process(pid, threads, before, mark, binary):
    """Compares the threads of one process with gdb, which stops it meanwhile."""
    try:
        maps = oracle.read_maps(threads[0].tid)
    except OSError:
        maps = []
    seen = oracle.gdb_threads(pid, [thread.tid for thread in threads], binary)
    for thread in threads:
        gdb = seen.get(thread.tid)
        if gdb is None:
            thread.wrong = f"thread {thread.tid} of {pid}: gdb does not show it"
            continue
        thread.moved = gdb["switches"] != before.get((pid, thread.tid))
        if thread.moved:
            continue
        wrong = compare.check_stack(maps, thread.record, gdb["frames"], mark)
        if not wrong and mark.spoil:
            wrong = spoil.unseen(maps, thread.record, gdb["frames"], mark)
        if wrong:
            thread.wrong = (f"thread {thread.tid} of {pid}: {wrong}\n" +
                            compare.show(thread.record, gdb["frames"]))


def compare_all(jobs, before):
    """jobs: (pid, threads, mark, binary) each; as many at a time as there are processors."""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        running = [pool.submit(compare_process, pid, threads, before, mark, binary)
                   for pid, threads, mark, binary in jobs]
        for one in running:
            one.result()
