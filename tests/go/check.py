#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""check.py - are the leaking goroutines found, and only these? (root)

usage: check.py NOWAKE VERSION:BUILD...

Builds the programs of patterns/ with Go's toolchain VERSION (toolchain.sh) as BUILD: plain, stripped
(-s -w), pie, pie-stripped, or cgo; starts each in all its forms, and asks `nowake report` once about
all of them. What patterns/build.sh wrote into its table must be found; nothing else may be, nothing
in what is correct, and no thread. What is not found, or not searched in time, is asked for again: an old word
in a live stack may keep a goroutine alive by chance, which errs to the safe side. Of all goroutines that are lost two in ten
may be missed so in one build, and none in all of them.
"""

import collections
import concurrent.futures
import json
import os
import shutil
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
CLASSES = {"unreachable": "unreachable", "nil-channel": "unreachable", "no-cases": "unreachable",
           "deadlock": "deadlock", "orphaned": "orphaned"}
REPORT_SECONDS = 300
TRIES = 3
UNSEEN = -1  # instead of a number of goroutines missed: it could not be searched, on a host with other work
MISSED_MOST = {"cgo": 0.2}
MISSED_ELSEWHERE = 0.05


def toolchain(version):
    return subprocess.run([os.path.join(HERE, "toolchain.sh"), version], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()


def build(go, kind, out):
    """The lines of the table: NAME FORM KEY CLASS FUNCTION WAIT COUNT."""
    env = dict(os.environ, CGO_ENABLED="1" if kind == "cgo" else "0",
               TOGETHER=os.path.join(os.path.dirname(out), "patterns"))
    subprocess.run([os.path.join(HERE, "patterns/build.sh"), go, out, *BUILDS[kind]], env=env, check=True)
    with open(os.path.join(out, "expect"), encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file]


def start(out, name, *arguments):
    # pylint: disable-next=consider-using-with,subprocess-popen-preexec-fn
    return subprocess.Popen([os.path.join(out, name), *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                            start_new_session=True, preexec_fn=plants.tether)


def await_ready(process):
    """Whether it said "ready"; what a program says before is left out."""
    for line in process.stdout:
        if line.strip() == b"ready":
            return True
    return False


def place(goroutine, program):
    """The innermost function of the program's own package, or else of no package that every program has."""
    names = [frame["function"] or "" for frame in goroutine["stack"]]
    for name in names:
        if name.startswith(f"patterns/{program}."):
            return name.replace(f"patterns/{program}.", "main.")
    return next((name for name in names if not name.startswith(OUTSIDE)), "-")


def found(report, pid, program):
    """{(class, function, wait): count} of goroutines; what no goroutine is found to be as it is."""
    seen = collections.Counter()
    for finding in report["findings"]:
        if finding["pid"] != pid:
            continue
        sure = "proven" if finding["class"] == "unreachable" else "likely"
        if finding["threads"] or finding["class"] not in CLASSES or finding["confidence"] != sure:
            seen[finding["class"], finding["confidence"], finding["reason"]] += finding["count"]
        for goroutine in finding["goroutines"]:
            seen[finding["class"], place(goroutine, program),
                 WAITS.get(goroutine["wait_reason"], goroutine["wait_reason"])] += 1
    return seen


def wanted(table, name, form, key):
    """What must be found in it, or may be: what only time tells is none of these."""
    return {(CLASSES[group], function, wait): int(count) for *which, group, function, wait, count in table
            if which == [name, form, key] and group in CLASSES}


def judge(report, table, name, form, pid):
    """What is wrong with the report about one program, or "", and how many goroutines are missed, or UNSEEN."""
    program = next((one for one in report["go"] if one["pid"] == pid), None)
    if not program:
        return "it was not seen to be a Go program", 0
    if program["trouble"] or program["unsearched"]:
        return f"{program['trouble'] or program['unsearched']}", UNSEEN
    want, have = collections.Counter(wanted(table, name, form, "expect")), found(report, pid, name)
    for kind, *where in wanted(table, name, form, "instead"):
        have[("unreachable", *where)] += have.pop((kind, *where), 0)
    more = have - want
    if more:
        return f"false: found {dict(more)}", 0
    less = want - have
    if not less:
        return "", 0
    return f"missed {dict(less)}", sum(less.values())


def look(nowake, pids):
    asked = [word for pid in pids for word in ("-p", str(pid))]
    done = subprocess.run([nowake, "report", "--json", "--threshold", "1s", *asked], capture_output=True, timeout=REPORT_SECONDS,
                          check=False)
    if done.returncode:
        raise SystemExit(f"not ok: status {done.returncode}: {done.stderr.decode(errors='replace')}")
    return json.loads(done.stdout)


def play(nowake, out, table, forms):
    """{(name, form): (what is wrong with it, goroutines missed)}: starts them all, and looks once."""
    running, wrong = {}, {}
    try:
        for name, form in forms:
            running[name, form] = start(out, name, form)
        ready = {key for key, process in running.items() if await_ready(process)}
        time.sleep(2)
        report = look(nowake, [process.pid for process in running.values()])
        for (name, form), process in running.items():
            words = judge(report, table, name, form, process.pid) if (name, form) in ready else ("it is not ready", 0)
            if words[0]:
                wrong[name, form] = words
    finally:
        for process in running.values():
            process.kill()
        for process in running.values():
            process.wait()
    return wrong


def check(nowake, version, kind, out, table, everywhere):  # pylint: disable=too-many-arguments
    """(passed, failed) of one toolchain and way to build; everywhere says of each program whether it was wrong
    in all of them so far."""
    forms = sorted({(name, form) for name, form, *_ in table})
    wrong = play(nowake, out, table, forms)
    for _ in range(TRIES - 1):
        again = [key for key, (_, missed) in wrong.items() if missed]
        if again:
            wrong = {key: wrong[key] for key in wrong if key not in again} | play(nowake, out, table, again)
    lost = sum(sum(wanted(table, name, form, "expect").values()) for name, form in forms)
    missed = sum(number for _, number in wrong.values() if number != UNSEEN)
    for name, form in forms:
        everywhere[name, form] = everywhere.get((name, form), True) and (name, form) in wrong
    failed = 0
    for (name, form), (words, number) in sorted(wrong.items()):
        fails = number <= 0 or missed > MISSED_MOST.get(kind, MISSED_ELSEWHERE) * lost
        failed += fails
        print(f"{'not ok' if fails else '  '} {version} {kind} {name} {form}: {words}", flush=True)
    print(f"ok {version} {kind}: {len(forms) - failed} of {len(forms)} programs, {lost - missed} of {lost} lost goroutines",
          flush=True)
    return len(forms) - failed, failed


def build_ahead(matrix, top):
    """(version, kind, directory, table) of each: others are built, and toolchains fetched, while one is looked at."""
    with concurrent.futures.ThreadPoolExecutor(1) as fetcher, concurrent.futures.ThreadPoolExecutor(1) as builder:
        fetched = {}

        def start_build(one):
            version, kind = one.split(":")
            go = fetched[version] = fetched.get(version) or fetcher.submit(toolchain, version)
            return builder.submit(lambda: build(go.result(), kind, os.path.join(top, one)))

        try:
            for one, built in [(one, start_build(one)) for one in matrix]:
                table = built.result()
                yield *one.split(":"), os.path.join(top, one), table
                shutil.rmtree(os.path.join(top, one))
        finally:
            fetcher.shutdown(wait=False, cancel_futures=True)
            builder.shutdown(wait=False, cancel_futures=True)


def main():
    nowake, *matrix = sys.argv[1:]
    if not matrix:
        print(__doc__.split("\n\n")[1])
        return 2
    plants.setup()
    passed = failed = 0
    everywhere = {}  # programs of which something was missed wherever they were built
    with tempfile.TemporaryDirectory(prefix="nowake-go.") as top:
        for one in build_ahead(matrix, top):
            more = check(os.path.abspath(nowake), *one, everywhere)
            passed, failed = passed + more[0], failed + more[1]
    for (name, form), missed in sorted(everywhere.items()):
        if missed and len(matrix) > 1:
            failed += 1
            print(f"not ok {name} {form}: not found whole in any of {len(matrix)} builds")
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
