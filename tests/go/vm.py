#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""vm.py - are the leaking goroutines found, and only these, on another machine's processor?

usage: vm.py NOWAKE ARCH SERIES VERSION [NAME...]

As check.py, in a virtual machine of tests/vm: NOWAKE is built for ARCH (arm64, x86_64), SERIES one of its
kernels there; the programs of patterns/, or these of them, are built with Go's toolchain VERSION for it.
What is missed is not asked for again. VM_SECONDS (180): what that may take.
"""

import json
import os
import re
import subprocess
import sys
import tempfile

import check

TOP = os.path.dirname(os.path.dirname(check.HERE))
GOARCH = {"arm64": "arm64", "x86_64": "amd64"}
SECONDS = int(os.environ.get("VM_SECONDS", "180"))
AT_ONCE = 12


def collect(nowake, arch, version, names, suite):
    """Puts all that the machine needs into a directory; returns the table."""
    os.environ.update(GOARCH=GOARCH[arch], ONLY=" ".join("./" + name for name in names) or "./...")
    go = check.toolchain(version)
    out = os.path.join(os.path.dirname(suite), "built")
    table = check.build(go, "stripped", out)
    os.rename(os.path.join(out, ".together"), os.path.join(suite, "patterns"))
    subprocess.run([go, "build", "-o", os.path.join(suite, "guest"), os.path.join(check.HERE, "guest/main.go")],
                   env=dict(os.environ, CGO_ENABLED="0", GO111MODULE="off"), check=True)
    strip = "aarch64-linux-gnu-strip" if arch == "arm64" else "strip"
    subprocess.run([strip, "-g", "-o", os.path.join(suite, "nowake"), nowake], check=True)
    return table


def run(nowake, arch, series, suite, forms):
    """What the machine printed."""
    sysroot = os.path.join(os.path.dirname(os.path.abspath(nowake)), "sysroot")
    env = dict(os.environ, ARCH=arch, **({"SYSROOT": sysroot} if os.path.isdir(sysroot) else {}))
    command = ["/suite/guest", "/suite/nowake", "/suite/patterns", str(AT_ONCE), *(":".join(one) for one in forms)]
    done = subprocess.run([os.path.join(TOP, "tests/vm/run.sh"), "--kernel", series, "--timeout", str(SECONDS), "--memory",
                           "4G", "--add", f"{suite}:/suite", "--", *command], env=env, stdout=subprocess.PIPE,
                          text=True, check=False)
    if done.returncode:
        raise SystemExit(f"not ok: {series}: {done.stdout}")
    with open(os.path.join(os.environ.get("VM_DIR", os.path.join(TOP, "build/vm")), "log", series + ".log"),
              encoding="utf-8", errors="replace") as file:
        return file.read()


def judge(said, table):
    """How many programs were judged, how many of them failed, and how many goroutines were missed."""
    running, judged, failed, missed = [], 0, 0, 0
    for kind, rest in re.findall(r"^(program|report) (.*?)\r*$", said, re.MULTILINE):
        if kind == "program":
            pid, name, form = rest.split()
            running.append((int(pid), name, form))
            continue
        report = json.loads(rest)
        for pid, name, form in running:
            wrong, less = check.judge(report, table, name, form, pid)
            missed += less
            if wrong:
                print(f"{'  ' if less else 'not ok'} {name} {form}: {wrong}")
            failed += bool(wrong) and not less
            judged += 1
        running.clear()
    return judged, failed, missed


def main():
    if len(sys.argv) < 5 or sys.argv[2] not in GOARCH:
        print(__doc__.split("\n\n")[1])
        return 2
    nowake, arch, series, version, *names = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="nowake-go.") as top:
        suite = os.path.join(top, "suite")
        os.mkdir(suite, 0o755)
        table = collect(nowake, arch, version, names, suite)
        forms = sorted({(name, form) for name, form, *_ in table})
        judged, failed, missed = judge(run(nowake, arch, series, suite, forms), table)
    lost = sum(sum(check.wanted(table, name, form, "expect").values()) for name, form in forms)
    failed += missed > check.MISSED_ELSEWHERE * lost
    if judged < len(forms) or set(names) - {name for name, _ in forms}:
        failed += 1
        print(f"not ok: of {len(names)} names and {len(forms)} programs {judged} were judged")
    print(f"{'ok' if not failed else 'not ok'} {arch} {version}: {judged} of {len(forms)} programs, "
          f"{lost - missed} of {lost} lost goroutines")
    print(f"{judged - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
