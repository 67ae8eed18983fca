#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""std.py - Go's own tests of its library, looked at while they run: who is called stuck never goes on (root)

usage: std.py NOWAKE VERSION PACKAGE...

Builds the tests of each package with Go's toolchain VERSION, and looks again and again while they run, for
SECONDS (60) at most. Nobody planted anything there: goroutines of all kinds come and go, and some are left
behind. One that was called stuck and is gone at a later look, while its program runs on, was a false alarm.
One that is there and no longer called so is none: an old word may reach what it waits on by chance.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

import check

SECONDS = int(os.environ.get("SECONDS_EACH", "60"))
PAUSE = 0.3


def build(go, package, out):
    program = os.path.join(out, package.replace("/", "_"))
    subprocess.run([go, "test", "-c", "-vet=off", "-o", program, package], env=dict(os.environ, CGO_ENABLED="0"), check=True)
    return program


def look(nowake, pid):
    """({id: what was found} of those that are stuck, ids of all that wait); None: it could not be looked at."""
    done = subprocess.run([nowake, "report", "--json", "--all", "--socket", "none", "--threshold", "1s", "-p", str(pid)],
                          capture_output=True, timeout=check.REPORT_SECONDS, check=False)
    report = json.loads(done.stdout) if not done.returncode else {"go": []}
    if not report["go"] or report["go"][0]["trouble"] or report["go"][0]["unsearched"]:
        return None
    stuck = {goroutine["id"]: f"{finding['class']}, {finding['confidence']}: {goroutine['wait_reason']} in "
                              f"{check.place(goroutine, '-')}"
             for finding in report["findings"] for goroutine in finding["goroutines"]}
    return stuck, set(stuck) | {goroutine["id"] for goroutine in report["goroutines"]}


def watch(nowake, process):
    """(looks, {id: what was found} of those that were ever stuck, and of those of them that went on)."""
    looks, known, false, until = 0, {}, {}, time.monotonic() + SECONDS
    while process.poll() is None and time.monotonic() < until:
        time.sleep(PAUSE)
        seen = look(nowake, process.pid)
        again = look(nowake, process.pid) if seen and set(known) - seen[1] else seen
        if not again or process.poll() is not None:
            continue
        looks += 1
        false |= {one: known.pop(one) for one in set(known) - again[1] - seen[1]}
        known |= again[0]
    return looks, known, false


def play(nowake, program, directory):
    with open(program + ".out", "wb") as said:
        # pylint: disable-next=subprocess-popen-preexec-fn
        with subprocess.Popen([program, "-test.count=1000"], cwd=directory, stdin=subprocess.DEVNULL, stdout=said, stderr=said,
                              start_new_session=True, preexec_fn=check.plants.tether) as process:
            try:
                return watch(nowake, process)
            finally:
                process.kill()


def main():
    if len(sys.argv) < 4:
        print(__doc__.split("\n\n")[1])
        return 2
    nowake, version, *packages = sys.argv[1:]
    check.plants.setup()
    go = check.toolchain(version)
    root = subprocess.run([go, "env", "GOROOT"], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()
    failed = 0
    with tempfile.TemporaryDirectory(prefix="nowake-std.") as out:
        os.environ["TMPDIR"] = out
        for package in packages:
            looks, known, false = play(os.path.abspath(nowake), build(go, package, out),
                                       os.path.join(os.path.realpath(root), "src", package))
            for one, what in false.items():
                print(f"not ok {version} {package}: goroutine {one} went on: {what}")
            failed += bool(false) or not looks
            print(f"{'ok' if looks else 'not ok'} {version} {package}: {looks} looks, {len(known)} goroutines stuck", flush=True)
    print(f"{len(packages) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
