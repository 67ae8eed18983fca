#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""process.py - the stacks of running servers, as nowake prints them and as gdb does (root)

usage: process.py NOWAKE NAME PID...

Compares all threads of the processes that stand still, at least LEAST; those that ran between the
two looks are left out. `nowake explain` of some must name the same functions: it is asked between
the two looks, because a thread that gdb has stopped runs on afterwards. A server that is too busy
is looked at again. Prints "ok NAME: ..." or "not ok NAME: ...", and what differs on standard error,
for tests/real/run.sh.
"""

import subprocess
import sys
import time

import look
import marker

LEAST = 3
EXPLAINED = 3  # threads that `explain` is asked about
LOOKS = 8  # at a server whose threads do not stand still


def explain_wrong(nowake, thread):
    """Does `nowake explain` name the functions of this stack, in this order?"""
    done = subprocess.run([nowake, "explain", str(thread.tid)], capture_output=True, text=True,
                          timeout=60, check=False)
    at = 0
    for frame in thread.record["stack"]:
        name = (frame["function"] or "").split("(")[0].split("<")[0]
        at = done.stdout.find(name, at)
        if at < 0:
            return f"explain {thread.tid} does not show {name}:\n{done.stdout}{done.stderr}"
        at += len(name)
    return None


def compare(nowake, pids):
    """(threads that stood still, what is wrong with them)"""
    before = look.counts(pids)
    found = look.report(nowake, *(word for pid in pids for word in ("-p", str(pid))))
    threads = look.threads_of(found or {"findings": []})
    explained = [(one, explain_wrong(nowake, one)) for one in threads[:EXPLAINED]]
    jobs = [(pid, [thread for thread in threads if thread.pid == pid], marker.Marker(), None)
            for pid in pids]
    look.compare_all([job for job in jobs if job[1]], before)
    still = [thread for thread in threads if not thread.moved]
    wrong = [thread.wrong for thread in still if thread.wrong]
    wrong += [text for thread, text in explained if text and not thread.moved]
    return still, wrong


def main():
    nowake, name, *pids = sys.argv[1:]
    for _ in range(LOOKS):
        still, wrong = compare(nowake, [int(pid) for pid in pids])
        if wrong or len(still) >= LEAST:
            break
        time.sleep(1)
    if len(still) < LEAST:
        wrong.append(f"only {len(still)} threads stood still")
    if wrong:
        print(f"not ok {name}: {len(wrong)} of {len(still)} threads are wrong")
        print("\n".join(wrong[:3]), file=sys.stderr)
    else:
        print(f"ok {name}: {len(still)} threads have the stacks that gdb shows")


if __name__ == "__main__":
    main()
