#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""plugin.py - are goroutines that wait in the code of plugins and libraries told apart, and named? (root)

usage: plugin.py NOWAKE VERSION

Builds the programs of plugin/ with Go's toolchain VERSION (toolchain.sh), all stripped: a host and its plugin,
and a library that a C program loads, which has no other Go. In its leaking form each kind must be found, with
the calls of its stack and where it was made, also when the plugin's file is gone; in its correct form nothing
may be. A file that was written to since it was loaded says nothing of its functions: who is only found by a
map of a stack is then missed.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import check

HERE = os.path.dirname(os.path.abspath(__file__))
CALLED = ["held.receive: func receive(c chan int) int { return <-c } // which is inlined",
          "held.blocked: func blocked(c chan int) int { return receive(c) }"]
THROUGH = ["host.wait: <-c // for the plugin"]
LEAKS = sorted([
    [*CALLED, "by held.Take: go blocked(make(chan int))"],
    [*CALLED, "by held.forgets: go blocked(c)"],
    [*THROUGH, "held.through: wait(c) // which is the host's", "by held.Take: go through(wait, make(chan int))"],
])
WRITTEN = [["by held.Take"], [*THROUGH, "by held.Take"]]  # by its symbols
LIBRARY = [["library.blocked: func blocked(c chan int) { <-c }", "by library.forget: go blocked(make(chan int))"]]
PLAYS = {  # each: PROGRAM LIBRARY FORM, and what is to be found
    "leak": ("host held leak", LEAKS), "leak, gone": ("host held leak", LEAKS), "correct": ("host held correct", []),
    "leak, written to": ("host held leak", WRITTEN),
    "library, leak": ("caller library leak", LIBRARY), "library, correct": ("caller library correct", []),
}
TOGETHER = [[name for name in PLAYS if name != "leak, written to"],
            ["leak, written to"]]  # files of one build id are known as one
HEADER = bytes.fromhex("f1ffffff00000108")
TRIES, PATIENCE = 3, 20


def build(version, out):
    go = subprocess.run([os.path.join(HERE, "toolchain.sh"), version], stdout=subprocess.PIPE, text=True,
                        check=True).stdout.strip()
    subprocess.run([os.environ.get("CC", "gcc"), "-o", os.path.join(out, "caller"),
                    os.path.join(HERE, "plugin/caller.c")], check=True)
    for name, mode in ("host", "exe"), ("held", "plugin"), ("library", "c-shared"):
        subprocess.run([go, "build", "-buildvcs=false", f"-buildmode={mode}", "-ldflags=-s -w", "-o",
                        os.path.join(out, name), f"./{name}"], cwd=os.path.join(HERE, "plugin"), check=True,
                       env=dict(os.environ, CGO_ENABLED="1", GO111MODULE="on"))


def write_to(path):
    """Another number of functions, where the loader has made a copy of the page already."""
    with open(path, "r+b") as file:
        at = file.read().rindex(HEADER) + len(HEADER)
        file.seek(at)
        number = file.read(1)[0]
        file.seek(at)
        file.write(bytes([number ^ 1]))


def words(frame):
    """One of ours, with the text of its line; None: another."""
    module = os.path.basename(frame["module"] or "").split(".")[0].rstrip("0123456789")
    function = (frame["function"] or "no name").replace("plugins/", "").replace("main.", module + ".")
    if function.startswith("runtime.") or ".gowrap" in function:
        return None
    if not frame["file"]:
        return function
    with open(frame["file"], encoding="utf-8") as file:
        return f"{function}: {file.readlines()[frame['line'] - 1].strip()}"


def stacks(report, pid):
    """What was found of a process, each once."""
    found = []
    for finding in (finding for finding in report["findings"] if finding["pid"] == pid):
        if (finding["class"], finding["confidence"], len(finding["threads"])) != ("unreachable", "proven", 0):
            found.append([finding["reason"]])
        for goroutine in finding["goroutines"]:
            calls = [words(frame) for frame in goroutine["stack"]]
            makers = ["by " + (words(frame) or "-") for frame in goroutine["created"]["stack"]]
            found.append([call for call in calls if call] + makers)
    return sorted([list(one) for one in set(map(tuple, found))])


def look(nowake, pids):
    """{play: what was found}, once that is what is wanted, or for long enough was not."""
    over = time.monotonic() + PATIENCE
    while True:
        report = check.look(nowake, list(pids.values()))
        trouble = [one["trouble"] or one["unsearched"] for one in report["go"]]
        found = {name: stacks(report, pid) for name, pid in pids.items()}
        late = time.monotonic() > over
        if trouble == [None] * len(pids) and (late or all(found[name] == PLAYS[name][1] for name in pids)):
            return found
        if late:
            raise SystemExit(f"not ok: {len(pids)} Go programs, those that were seen say {trouble}")
        time.sleep(0.5)


def play(nowake, out, plays):
    """{play: what was found}: all run at once, and one report is made of them."""
    running = {}
    try:
        for number, name in enumerate(plays):
            program, library, form = PLAYS[name][0].split()
            plugin = os.path.join(out, f"{library}{number}.so")
            shutil.copy(os.path.join(out, library), plugin)
            running[name] = check.start(out, program, plugin, form)
            if not check.await_ready(running[name]):
                raise SystemExit(f"not ok {name}: it is not ready")
            if name.endswith("gone"):
                os.remove(plugin)
            elif name.endswith("written to"):
                write_to(plugin)
        return look(nowake, {name: process.pid for name, process in running.items()})
    finally:
        for process in running.values():
            process.kill()
        for process in running.values():
            process.wait()


def main():
    nowake, version = sys.argv[1:]
    check.plants.setup()
    with tempfile.TemporaryDirectory(prefix="nowake-plugin.") as out:
        build(version, out)
        found = {}
        for names in TOGETHER * TRIES:  # an old word may keep one alive by chance
            missed = [name for name in names if len(found.get(name, "")) < len(PLAYS[name][1]) or name not in found]
            if missed:
                found |= play(os.path.abspath(nowake), out, missed)
    wrong = [name for name in PLAYS if found[name] != PLAYS[name][1]]
    for name in wrong:
        print(f"not ok {version} plugin, {name}: {json.dumps(found[name], indent=1)}")
    print(f"{len(PLAYS) - len(wrong)} passed, {len(wrong)} failed")
    return len(wrong) > 0


if __name__ == "__main__":
    sys.exit(main())
