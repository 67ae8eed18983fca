#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""check.py - the stacks of planted programs, as nowake prints them and as gdb does (root)

usage: check.py [--only GLOB] [--batch N] [-v] NOWAKE BINDIR

BINDIR holds VARIANT/NAME, built from tests/stuck/NAME.c, and special/NAME, from tests/stack/NAME.*.
In batches: start, wait until all are stuck, one report of the whole host, then gdb on every
process. marker.py explains what a source may ask for; compare.py, what must be equal; spoil.py
shows that a wrong stack is seen.
"""

import argparse
import collections
import fnmatch
import glob
import os
import subprocess
import sys
import time

import look
import marker
import plants

HERE = os.path.dirname(os.path.abspath(__file__))
VARIANTS = ("debug", "omit", "stripped", "static", "special")
SETTLE = 2.5  # seconds: more than the report's threshold
DEBUG_DIR = "/usr/lib/debug/.build-id"


class Case:
    """A program, and what is expected of its stacks."""

    def __init__(self, variant, source, name, bindir):
        self.name = f"{variant}/{name}"
        self.binary = os.path.join(bindir, variant, name)
        self.stuck = variant != "special"
        self.wrong, self.skip, self.plant = None, None, None
        self.threads = []
        self.mark = marker.read(source)
        self.mark.spoil = self.name == "special/plain"
        with open(source, encoding="utf-8") as file:
            if any("cflags:" in line and "-m32" in line for line in list(file)[:4]):
                # 32-bit code need not be unwound, but its trace has to say so
                self.mark.may_stop = self.mark.may_be_empty = self.mark.gdb_prefix = True
        if os.path.exists(self.binary + ".skip"):
            with open(self.binary + ".skip", encoding="utf-8") as file:
                self.skip = file.read().strip()
        elif not os.access(self.binary, os.X_OK):
            self.wrong = "its binary is missing"

    def judge(self):
        """After the comparison: the first thing that is wrong, or None."""
        compared = [thread for thread in self.threads if not thread.moved]
        for thread in compared:
            if thread.wrong:
                return thread.wrong
        if not compared:
            return "the report shows no thread of it that stands still"
        if self.stuck and not any(thread.in_finding for thread in compared):
            return "none of its threads is in a finding"
        return self.mark.wrong([thread.record for thread in compared])


def all_cases(bindir):
    """One for every source and variant, and for every special binary of another HOW."""
    for variant in VARIANTS:
        special = variant == "special"
        for source in sorted(glob.glob(os.path.join(HERE, "*.*" if special else "../stuck/*.c"))):
            name, suffix = os.path.splitext(os.path.basename(source))
            if suffix not in (".c", ".cc", ".rs"):
                continue
            yield Case(variant, source, name, bindir)
            if special:
                others = glob.glob(os.path.join(bindir, variant, name + "+*"))
                hows = {os.path.basename(other).split(".")[0] for other in others}
                for how in sorted(hows):
                    yield Case(variant, source, how, bindir)


def start(bed, case):
    try:
        case.plant = bed.start(case.binary)
    except OSError as error:  # a kernel that runs no 32-bit programs
        case.skip = f"cannot be started: {error.strerror}"


def listen(case):
    if case.plant.skipped():
        case.skip = case.plant.said.decode(errors="replace").strip()
    elif not case.plant.ready():
        case.wrong = case.plant.words()


def run_batch(nowake, cases):
    """Fills in what is wrong with the cases of a batch."""
    with plants.Bed() as bed:
        for case in cases:
            start(bed, case)
        cases = [case for case in cases if case.plant]
        bed.await_all()
        for case in cases:
            listen(case)
        time.sleep(SETTLE)
        sessions = plants.processes()
        mine = [pid for case in cases for pid in sessions.get(case.plant.pid, [])]
        before = look.counts(mine)
        found = look.report(nowake)
        by_session = collections.defaultdict(list)
        for thread in look.threads_of(found) if found else []:
            by_session[plants.session_of(thread.pid)].append(thread)
        jobs = []
        for case in cases:
            case.threads = by_session[case.plant.pid]
            by_pid = collections.defaultdict(list)
            for thread in case.threads:
                by_pid[thread.pid].append(thread)
            jobs += [(pid, threads, case.mark, case.binary) for pid, threads in by_pid.items()]
        look.compare_all(jobs, before)
    for case in cases:
        case.wrong = case.wrong or (not case.skip and case.judge()) or None


class BuildId:
    """A debug file where the build id leads, for as long as the check runs."""

    def __init__(self, binary):
        self.binary, self.path = binary, None

    def __enter__(self):
        if not os.path.exists(self.binary + ".debug"):
            return
        notes = subprocess.run(["readelf", "-n", self.binary], capture_output=True, check=True,
                               text=True).stdout
        build_id = notes.split("Build ID: ")[1].split()[0]
        self.path = f"{DEBUG_DIR}/{build_id[:2]}/{build_id[2:]}.debug"
        os.makedirs(os.path.dirname(self.path), exist_ok=True)
        if os.path.lexists(self.path):
            os.unlink(self.path)
        os.symlink(os.path.abspath(self.binary) + ".debug", self.path)

    def __exit__(self, *_):
        if self.path:
            os.unlink(self.path)
            try:
                os.rmdir(os.path.dirname(self.path))
            except OSError:  # others keep debug files there
                pass


def say(case, verbose):
    if case.skip:
        print(f"SKIPPED {case.name}: {case.skip}")
    elif case.wrong:
        print(f"not ok {case.name}: {case.wrong}")
    elif verbose:
        moved = sum(thread.moved for thread in case.threads)
        print(f"ok {case.name}: {len(case.threads) - moved} threads" +
              (f", {moved} moved" if moved else ""))
    sys.stdout.flush()


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="*", metavar="GLOB", help="VARIANT/NAME")
    parser.add_argument("--batch", type=int, default=40, metavar="N")
    parser.add_argument("-v", "--verbose", action="store_true")
    parser.add_argument("nowake")
    parser.add_argument("bindir")
    return parser.parse_args()


def main():
    args = parse()
    if os.geteuid() != 0:
        sys.exit("check.py: must be root")
    plants.setup()
    cases = [case for case in all_cases(args.bindir) if fnmatch.fnmatch(case.name, args.only)]
    ready = [case for case in cases if not case.skip and not case.wrong]
    with BuildId(os.path.join(args.bindir, "special", "plain+buildid")):
        for at in range(0, len(ready), args.batch):
            batch = ready[at:at + args.batch]
            run_batch(args.nowake, batch)
            for case in batch:
                say(case, args.verbose)
    for case in cases:
        if case not in ready:
            say(case, args.verbose)
    failed = sum(case.wrong is not None for case in cases)
    skipped = sum(case.skip is not None for case in cases)
    closing = f"{len(cases) - failed - skipped} passed, {failed} failed"
    print(closing + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed or not cases else 0)


if __name__ == "__main__":
    main()
