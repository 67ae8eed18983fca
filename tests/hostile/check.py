#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""check.py - hostile programs cost nowake names, and nothing more (root)

usage: check.py [--only TEXT] NOWAKE TRAP

Plants every case of cases.py, asks `nowake report` about each, and wants: the finding, in time, with
what can be known; the reason where something cannot; little memory; no file opened, created or
changed that is none of its business; no child left.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.append(os.path.join(os.path.dirname(HERE), "stack"))

import cases  # pylint: disable=wrong-import-position
import craft  # pylint: disable=wrong-import-position
import plants  # pylint: disable=wrong-import-position
import watch  # pylint: disable=wrong-import-position

THRESHOLD = 1
OWN_MB, CHILD_MB = 128, 3072
DEBUG = "/usr/lib/debug"
NAMES = {"good": None, "exploding": craft.exploding_name(60), "deep": craft.deep_name(1900)}


class Seed:
    """The good file, and where its code is."""

    def __init__(self, directory, name, symbol):
        path = os.path.join(directory, name)
        define = [f'-DNAME="{symbol}"'] if symbol else []
        subprocess.run(["gcc", "-O2", "-g", "-fno-omit-frame-pointer", "-fPIC", "-shared", "-nostdlib",
                        "-Wl,--build-id=sha1", "-Wl,-z,separate-code", *define, "-o", path,
                        os.path.join(HERE, "seed.c")], check=True)
        with open(path, "rb") as file:
            self.data = file.read()
        text = craft.Elf(self.data).find(".text")
        self.low, self.size, self.offset = text[3], text[5], text[4]
        notes = craft.Elf(self.data).find(".note.gnu.build-id")
        build_id = self.data[notes[4] + 16:notes[4] + 36].hex()
        self.debug_name = f".build-id/{build_id[:2]}/{build_id[2:]}.debug"


class Planted:
    """A case that is stuck, or is not."""

    def __init__(self, case, seed, bed, trap):
        self.case = case
        self.home = tempfile.mkdtemp(dir=bed.tmp)
        self.file = os.path.join(self.home, "code")
        data = case.make(seed.data, seed.low, seed.size) if case.make else seed.data
        with open(self.file, "wb") as file:
            file.write(data)
        command = [trap, case.how, self.file, str(seed.offset)]
        if case.prefix:
            command = case.prefix(seed.debug_name) + command
        self.plant = bed.start(*command)
        self.perf_map = f"/tmp/perf-{self.plant.pid}.map"

    def set_traps(self, files):
        """Files that must stay unread; files that must stay as they are."""
        secret = os.path.join(self.home, "hidden")
        shutil.copy(self.file if os.path.exists(self.file) else "/bin/true", secret)
        files.trap(secret)
        if callable(self.case.traps):
            self.case.traps(self.perf_map, secret)
            if self.case.traps in (cases.as_fifo, cases.as_device):
                files.trap(self.perf_map)
        elif self.case.traps == "fifo":
            os.mkfifo(os.path.join(self.home, "fifo"))
            files.trap(os.path.join(self.home, "fifo"))
        elif self.case.traps == "secret":
            os.symlink("/etc/shadow", os.path.join(self.home, "secret"))
        if self.case.how != "shrinking":
            files.still(self.home)

    def clear(self):
        if os.path.isdir(self.perf_map):
            os.rmdir(self.perf_map)
        elif os.path.lexists(self.perf_map):
            os.unlink(self.perf_map)


def threads_of(report, pid):
    return [thread for finding in report["findings"] if finding["pid"] == pid
            for thread in finding["threads"]]


def wrong_stack(case, thread, file):
    stack = thread["stack"]
    names = " ".join(frame["function"] or "" for frame in stack)
    modules = [frame["module"] or "" for frame in stack]
    for name in case.named:
        if name not in names:
            return f"no {name} in the stack"
    if not stack or not all(frame["address"].startswith("0x") for frame in stack):
        return "no address in the stack"
    if case.entry and not any(os.path.basename(file) in m or "memfd" in m or m == "" for m in modules):
        return "the call in the hostile file is missing"
    if case.stop and not thread["stack_stop"]:
        return "the stack does not say why it ends"
    return None


def wrong_run(run, case, seen):
    """What is wrong with how nowake ran, whatever it says."""
    if run.status != 0:
        return f"exit status {run.status}: {run.err.decode(errors='replace')[:300]}"
    if run.seconds >= case.seconds:
        return f"took {run.seconds:.1f} s"
    if run.rss > OWN_MB << 10 or run.child_rss > CHILD_MB << 10:
        return f"took {run.rss >> 10} MB, its symbolizer {run.child_rss >> 10} MB"
    if run.left():
        return f"its children {run.left()} are left"
    if seen:
        return f"touched {seen}"
    return None


def judge(run, planted, seen):
    case, pid = planted.case, planted.plant.pid
    wrong = wrong_run(run, case, seen)
    if wrong:
        return wrong
    report = json.loads(run.out)
    threads = threads_of(report, pid)
    if not threads:
        return "there is no finding"
    wrong = list(filter(None, (wrong_stack(case, thread, planted.file) for thread in threads)))
    scan = report["scan"]
    if wrong:
        shown = [(f["address"], f["function"], f["module"]) for f in threads[0]["stack"][:8]]
        return f"{wrong[0]}: {shown} {threads[0]['stack_stop']} {scan['blind']}"
    if case.lost and not (scan["symbolizer_restarts"] and scan["blind"]):
        return "the lost symbolizer is not mentioned"
    return None if planted.plant.process.poll() is None else "the plant is gone"


def look(nowake, planted):
    files = watch.Files()
    try:
        planted.set_traps(files)
        files.seen()
        run = watch.Run([nowake, "report", "--json", "--all", "--threshold", f"{THRESHOLD}s", "-p",
                         str(planted.plant.pid)], planted.home, 3 * planted.case.seconds,
                        planted.case.disturb, planted.case.after)
        return run, judge(run, planted, files.seen())
    finally:
        files.close()
        planted.clear()


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def say(self, case, wrong, run=None):
        self.passed, self.failed = self.passed + (not wrong), self.failed + bool(wrong)
        print(f"{'not ok' if wrong else 'ok'} {case.name}" + (f": {wrong}" if wrong else "")
              + (f" [{run.seconds:.1f} s, {run.rss >> 10} + {run.child_rss >> 10} MB]" if run else ""),
              flush=True)

    def skip(self, case, why):
        self.skipped += 1
        print(f"skipped {case.name}: {why}")

    def closing(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def check(nowake, trap, group, tally):
    with plants.Bed() as bed:
        seeds = {name: Seed(bed.tmp, name, symbol) for name, symbol in NAMES.items()}
        planted = [Planted(case, seeds[case.seed], bed, trap) for case in group]
        bed.await_all()
        time.sleep(THRESHOLD + 0.2)
        for one in planted:
            if one.plant.skipped():
                tally.skip(one.case, one.plant.words())
            elif not one.plant.ready():
                tally.say(one.case, one.plant.words())
            else:
                run, wrong = look(nowake, one)
                tally.say(one.case, wrong, run)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--only", default="")
    options.add_argument("nowake")
    options.add_argument("trap")
    args = options.parse_args()
    plants.setup()
    made = not os.path.isdir(DEBUG) and (os.mkdir(DEBUG) or True)
    tally = Tally()
    try:
        for group in cases.GROUPS:
            chosen = [case for case in group if args.only in case.name]
            if chosen:
                check(os.path.abspath(args.nowake), os.path.abspath(args.trap), chosen, tally)
    finally:
        if made:
            os.rmdir(DEBUG)
    print(tally.closing())
    return tally.failed > 0


if __name__ == "__main__":
    sys.exit(main())
