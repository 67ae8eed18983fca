#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""check.py - are the leaking goroutines found, and only these? (root)

usage: check.py NOWAKE VERSION:BUILD...

Builds the programs of patterns/ with Go's toolchain VERSION (toolchain.sh) as BUILD: plain, stripped
(-s -w), pie, pie-stripped, or cgo; starts each in all its forms, and asks `nowake report` once about
all of them. What patterns/build.sh wrote into its table must be found; nothing else may be, nothing
in what is correct, and no thread.
"""

import collections
import json
import os
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "stack"))

import plants  # pylint: disable=wrong-import-position

BUILDS = {
    "plain": [],
    "stripped": ["-ldflags=-s -w"],
    "pie": ["-buildmode=pie"],
    "pie-stripped": ["-buildmode=pie", "-ldflags=-s -w"],
    "cgo": [],
}
WAITS = {
    "chan receive": "chan-receive", "chan send": "chan-send", "chan receive (nil chan)": "nil-receive",
    "chan send (nil chan)": "nil-send", "select (no cases)": "no-cases", "semacquire": "semaphore",
    "sync.Mutex.Lock": "mutex", "sync.RWMutex.RLock": "rwmutex-read", "sync.RWMutex.Lock": "rwmutex-write",
    "sync.WaitGroup.Wait": "wait-group", "sync.Cond.Wait": "cond",
}
OUTSIDE = ("runtime.", "runtime/", "internal/", "sync.", "sync/", "time.", "syscall.")
READY_SECONDS, REPORT_SECONDS = 60, 300


def build(version, kind, out):
    """The lines of the table: NAME FORM KEY CLASS FUNCTION WAIT COUNT."""
    go = subprocess.run([os.path.join(HERE, "toolchain.sh"), version], stdout=subprocess.PIPE, text=True,
                        check=True).stdout.strip()
    env = dict(os.environ, CGO_ENABLED="1" if kind == "cgo" else "0")
    subprocess.run([os.path.join(HERE, "patterns/build.sh"), go, out, *BUILDS[kind]], env=env, check=True)
    with open(os.path.join(out, "expect"), encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def start(out, name, form):
    # pylint: disable-next=consider-using-with,subprocess-popen-preexec-fn
    return subprocess.Popen([os.path.join(out, name), form], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            start_new_session=True, preexec_fn=plants.tether)


def await_ready(process):
    """Whether it said "ready"; what a program says before is left out."""
    for line in process.stdout:
        if line.strip() == b"ready":
            return True
    return False


def place(goroutine):
    """The innermost function of package main, or else of no package that every program has."""
    names = [frame["function"] or "" for frame in goroutine["stack"]]
    for name in names:
        if name.startswith("main."):
            return name
    return next((name for name in names if not name.startswith(OUTSIDE)), "-")


def found(report, pid):
    """{(function, wait): count} of goroutines; findings of threads as they are."""
    seen = collections.Counter()
    for finding in report["findings"]:
        if finding["pid"] != pid:
            continue
        if finding["threads"] or finding["class"] != "unreachable" or finding["confidence"] != "proven":
            seen[finding["class"], finding["confidence"] + " " + finding["reason"]] += finding["count"]
        for goroutine in finding["goroutines"]:
            seen[place(goroutine), WAITS.get(goroutine["wait_reason"], goroutine["wait_reason"])] += 1
    return seen


def wanted(table, name, form):
    """What must be found in it: what only time tells is none of these."""
    return {(function, wait): int(count) for other, kind, key, group, function, wait, count in table
            if (other, kind, key) == (name, form, "expect")
            and group in ("unreachable", "nil-channel", "no-cases")}


def judge(report, table, name, form, pid):
    """What is wrong with the report about one program, or ""."""
    program = next((one for one in report["go"] if one["pid"] == pid), None)
    if not program:
        return "it was not seen to be a Go program"
    if program["trouble"] or program["unsearched"]:
        return f"{program['trouble'] or program['unsearched']}"
    want, have = wanted(table, name, form), found(report, pid)
    if want == have:
        return ""
    return f"found {dict(have)}, not {want}"


def look(nowake, pids):
    asked = [word for pid in pids for word in ("-p", str(pid))]
    done = subprocess.run([nowake, "report", "--json", *asked], capture_output=True, timeout=REPORT_SECONDS,
                          check=False)
    if done.returncode:
        raise SystemExit(f"not ok: status {done.returncode}: {done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout)


def check(nowake, version, kind):
    """(passed, failed) of one toolchain and way to build."""
    running, failed = {}, 0
    with tempfile.TemporaryDirectory(prefix="nowake-go.") as out:
        table = build(version, kind, out)
        forms = sorted({(name, form) for name, form, *_ in table})
        try:
            for name, form in forms:
                running[name, form] = start(out, name, form)
            ready = {key for key, process in running.items() if await_ready(process)}
            time.sleep(1)
            report = look(nowake, [process.pid for process in running.values()])
            for (name, form), process in running.items():
                wrong = judge(report, table, name, form, process.pid) if (name, form) in ready else "it is not ready"
                if wrong:
                    failed += 1
                    print(f"not ok {version} {kind} {name} {form}: {wrong}", flush=True)
        finally:
            for process in running.values():
                process.kill()
            for process in running.values():
                process.wait()
    print(f"ok {version} {kind}: {len(forms) - failed} of {len(forms)} programs", flush=True)
    return len(forms) - failed, failed


def main():
    nowake, *matrix = sys.argv[1:]
    if not matrix:
        print(__doc__.split("\n\n")[1])
        return 2
    plants.setup()
    passed = failed = 0
    for one in matrix:
        more = check(os.path.abspath(nowake), *one.split(":"))
        passed, failed = passed + more[0], failed + more[1]
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
