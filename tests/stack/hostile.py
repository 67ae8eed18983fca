#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""hostile.py - a process that keeps traps for who reads its stack costs a name, and no more (root).

Usage: hostile.py NOWAKE JIT. JIT is the planted program of tests/stack/jit.c, whose own perf map is
replaced by a FIFO, a device, a link to a secret, a file of 1 GB; then the symbolizer is killed while
it works. Each time the finding must be there, in time, with the calls that are known otherwise."""
import json
import os
import signal
import subprocess
import sys
import threading
import time

SECONDS_MOST = 30
passed = failed = 0


def check(what, good):
    global passed, failed
    passed += bool(good)
    failed += not good
    print(("ok " if good else "not ok ") + what)


def kill_children(parent, stop):
    """Kills whatever the process starts, as soon as it is there."""
    while not stop.is_set():
        try:
            with open(f"/proc/{parent}/task/{parent}/children", encoding="ascii") as children:
                for pid in children.read().split():
                    os.kill(int(pid), signal.SIGKILL)
        except (FileNotFoundError, ProcessLookupError):
            pass
        time.sleep(0.001)


def report(nowake, pid, killing=False):
    began, stop = time.monotonic(), threading.Event()
    child = subprocess.Popen([nowake, "report", "--json", "--threshold", "1s", "-p", str(pid)],
                             stdout=subprocess.PIPE, text=True)
    if killing:
        threading.Thread(target=kill_children, args=(child.pid, stop), daemon=True).start()
    out = child.communicate(timeout=60)[0]
    stop.set()
    data = json.loads(out) if child.returncode == 0 else {"findings": [], "scan": {}}
    calls = [f for finding in data["findings"] for t in finding["threads"] for f in t["stack"]]
    return data, calls, time.monotonic() - began


def look(nowake, pid, what, named):
    _, calls, seconds = report(nowake, pid)
    names = [f["function"] for f in calls]
    check(f"{what}: the finding is there, in time", calls and seconds < SECONDS_MOST)
    check(f"{what}: what the program itself calls has its names", "from_jit" in names)
    check(f"{what}: the code made at run time has {'its' if named else 'no'} name",
          ("jitted_function" in names) == named)


def run(nowake, plant):
    child = subprocess.Popen([plant], stdout=subprocess.PIPE, start_new_session=True,
                             env=dict(os.environ, PLANT_RUNNER=str(os.getpid())))
    path = f"/tmp/perf-{child.pid}.map"
    try:
        check("the plant is stuck", child.stdout.readline() == b"ready\n")
        time.sleep(1.5)
        look(nowake, child.pid, "as it is", True)
        os.unlink(path)
        os.mkfifo(path)
        look(nowake, child.pid, "a FIFO", False)
        os.unlink(path)
        os.mknod(path, 0o20666, os.makedev(1, 5))
        look(nowake, child.pid, "a device", False)
        os.unlink(path)
        os.symlink("/etc/shadow", path)
        look(nowake, child.pid, "a link", False)
        os.unlink(path)
        with open(path, "wb") as file:
            file.truncate(1 << 30)
        look(nowake, child.pid, "a perf map of 1 GB", False)
        data, calls, seconds = report(nowake, child.pid, killing=True)
        check("the symbolizer killed: the finding is there, in time", calls and seconds < SECONDS_MOST)
        check("the symbolizer killed: that is said",
              data["scan"].get("symbolizer_restarts") and data["scan"]["blind"])
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()
        if os.path.lexists(path):
            os.unlink(path)


run(sys.argv[1], sys.argv[2])
print(f"{passed} passed, {failed} failed")
sys.exit(failed > 0)
