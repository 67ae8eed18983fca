#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""check.py - does the daemon survive what happens to a daemon? (root)

usage: check.py [--long] [--only WORD] NOWAKE BUILT_TESTS

--long: storms of 60 s, 100,000 threads, a soak of an hour, which asks for PLANT_LIFETIME=4000 in the
environment. --only: cases whose name has the word.
BUILT_TESTS has the planted programs, daemon/NAME and stuck/NAME.
"""

import argparse
import inspect
import os
import sys
import time
import traceback

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path += [os.path.join(TESTS, "stack"), os.path.join(TESTS, "go")]

import host  # pylint: disable=wrong-import-position
import plants  # pylint: disable=wrong-import-position

import history  # pylint: disable=wrong-import-position
import limits  # pylint: disable=wrong-import-position
import load  # pylint: disable=wrong-import-position
import service  # pylint: disable=wrong-import-position

MODULES = (history, service, limits, load)


class Setting:
    """What every case is given."""

    def __init__(self, nowake, built, long):
        self.nowake, self.built, self.long = nowake, built, long
        self.name, self.failed, self.passed, self.skipped = "", 0, 0, 0

    def daemon(self, *more, **how):
        return host.Daemon(self.nowake, *more, **how)

    def bed(self):
        return host.Bed(self.built)

    def ok(self, what, wrong=""):
        """One line; cases that go on after a failure say it themselves."""
        name = f"{self.name}: {what}"
        self.passed, self.failed = self.passed + (not wrong), self.failed + bool(wrong)
        print(f"not ok {name}: {wrong}" if wrong else f"ok {name}", flush=True)

    def skip(self, what, why):
        self.skipped += 1
        print(f"SKIPPED, NOT RUN: {self.name}: {what}: {why}", flush=True)

    def say(self, words):
        print(f"   {self.name}: {words}", flush=True)


def cases():
    for module in MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if name.startswith("case_") and function.__module__ == module.__name__:
                yield name[5:], function


def run(setting, name, function):
    setting.name, began = name, time.monotonic()
    try:
        function(setting)
    except host.Wrong as wrong:
        setting.ok("all of it", str(wrong))
    except Exception:  # pylint: disable=broad-exception-caught
        setting.ok("all of it", traceback.format_exc())
    setting.say(f"took {time.monotonic() - began:.1f} s")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--long", action="store_true")
    options.add_argument("--only", default="")
    options.add_argument("nowake")
    options.add_argument("built")
    args = options.parse_args()
    plants.setup()
    setting = Setting(os.path.abspath(args.nowake), os.path.abspath(args.built), args.long)
    for name, function in cases():
        if args.only in name:
            run(setting, name, function)
    if setting.skipped:
        print(f"NOT EVERYTHING RAN: {setting.skipped} skipped, see above")
    print(f"{setting.passed} passed, {setting.failed} failed")
    return setting.failed > 0


if __name__ == "__main__":
    sys.exit(main())
