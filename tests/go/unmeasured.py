#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""unmeasured.py - programs of a Go that the table of layouts does not know: read as their DWARF says. (root)

usage: unmeasured.py NOWAKE VERSION:SAYS...

Builds one pattern with Go's toolchain VERSION, and has each program say that it was made with SAYS, a
version of the same length that has no row: in its build info and in all copies of the string. With DWARF,
whichever way it was linked, what leaks must be found as likely, never as proven, and nothing in what is
correct; without, or where the DWARF lacks what nowake needs, the program must be refused with a
sentence that says so.
"""

import os
import subprocess
import sys
import tempfile
import time

import check

PATTERN, LEAKING = "jobs_never_closed", 3
MEASURED = "its version of Go is not one of those that were measured"
OWN = "was read from its own DWARF"
# what go build is given, what is changed in the file (both of one length), and what nowake says against it
BUILDS = {
    "plain": ([], None, None),
    "pie": (["-buildmode=pie"], None, None),
    "cgo": ([], None, None),
    "stripped": (["-ldflags=-s -w"], None, MEASURED),
    "lacking": (["-ldflags=-compressdwarf=false"], (b"waitreason\0", b"waitreasom\0"),
                MEASURED + ", and its DWARF has no g.waitreason (runtime.g: waitreason)"),
    "renamed": (["-ldflags=-compressdwarf=false"], (b"runtime.hchan\0", b"runtime.hchaN\0"),
                MEASURED + ", and its DWARF has no hchan.size (runtime.hchan)"),
}
TRIES, PATIENCE = 3, 20


def replace(data, old, new):
    if len(old) != len(new) or old not in data:
        raise SystemExit(f"unmeasured: {old} cannot become {new}")
    return data.replace(old, new)


def build(version, says, kind, out):
    flags, change, _ = BUILDS[kind]
    go = subprocess.run([os.path.join(check.HERE, "toolchain.sh"), version], stdout=subprocess.PIPE, text=True,
                        check=True).stdout.strip()
    env = dict(os.environ, CGO_ENABLED=str(int(kind == "cgo")), GO111MODULE="on")
    if os.path.exists(out):
        os.unlink(out)  # else go build takes what was changed for its own, and leaves it
    is_version = subprocess.run([go, "env", "GOVERSION"], stdout=subprocess.PIPE, check=True).stdout.split()[0]
    subprocess.run([go, "build", "-o", out, *flags, "./" + PATTERN], env=env, check=True,
                   cwd=os.path.join(check.HERE, "patterns"))
    with open(out, "rb") as file:
        data = file.read()
    data = replace(data, is_version, is_version.replace(f"go{version}".encode(), f"go{says}".encode()))
    if change:
        data = replace(data, *change)
    with open(out, "wb") as file:
        file.write(data)


def see(nowake, program, form, trouble):
    """What is wrong with the report about one form of it, or "", once it has been looked at for long enough."""
    over = time.monotonic() + PATIENCE
    process = check.start(os.path.dirname(program), os.path.basename(program), form)
    try:
        if not check.await_ready(process):
            raise SystemExit(f"unmeasured: {program} {form} is not ready")
        while True:
            wrong = judge(check.look(nowake, [process.pid]), process.pid, form, trouble)
            if not wrong or time.monotonic() > over:
                return wrong
            time.sleep(0.5)
    finally:
        process.kill()
        process.wait()


def judge(report, pid, form, trouble):
    """What is wrong, or ""."""
    about = next((one for one in report["go"] if one["pid"] == pid), None)
    findings = [one for one in report["findings"] if one["pid"] == pid]
    if not about:
        return "it was not seen to be a Go program"
    if trouble or about["trouble"]:
        return "" if about["trouble"] == trouble and not findings else f"its trouble is {about['trouble']}"
    if not about["own_layout"] or about["unsearched"] or not about["goroutines"]:
        return f"it was not read as its DWARF says, and searched: {about}"
    if form == "correct":
        return f"found {findings}" if findings else ""
    if sum(one["count"] for one in findings) != LEAKING:
        return f"found {findings}"
    for one in findings:
        if one["class"] != "unreachable" or one["confidence"] != "likely":
            return f"found as {one['class']}, {one['confidence']}"
        if not any(OWN in fact for fact in one["evidence"]):
            return f"the evidence does not say so: {one['evidence']}"
        if any(goroutine["wait_reason"] != "chan receive" for goroutine in one["goroutines"]):
            return f"they wait in {[goroutine['wait_reason'] for goroutine in one['goroutines']]}"
    return ""


def run(nowake, version, says, kind, program):
    """(passed, failed)"""
    passed = failed = 0
    build(version, says, kind, program)
    for form in ("leak",) if BUILDS[kind][2] else ("leak", "correct"):
        for _ in range(TRIES):  # an old word may keep a goroutine alive by chance
            wrong = see(nowake, program, form, BUILDS[kind][2])
            if not wrong:
                break
        passed, failed = passed + (not wrong), failed + bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {version} as {says} {kind} {form}{wrong and ': ' + wrong}", flush=True)
    return passed, failed


def main():
    nowake, *versions = sys.argv[1:]
    if not versions:
        print(__doc__.split("\n\n")[1])
        return 2
    check.plants.setup()
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="nowake-go.") as top:
        for one in versions:
            version, says = one.split(":")
            for kind in BUILDS:
                more = run(os.path.abspath(nowake), version, says, kind, os.path.join(top, PATTERN))
                passed, failed = passed + more[0], failed + more[1]
    print(f"{passed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
