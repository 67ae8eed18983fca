#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""check.py - the dashboard and the alerts: as files, and with real Prometheus and node_exporter

usage: check.py [--files] NOWAKE BUILT_TESTS

--files: only what needs no root and no daemon. BUILT_TESTS has the planted programs, stuck/NAME.
"""

import argparse
import os
import sys

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path += [os.path.join(TESTS, "stack"), os.path.join(TESTS, "go")]

import live  # pylint: disable=wrong-import-position
import plants  # pylint: disable=wrong-import-position
import static  # pylint: disable=wrong-import-position


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def say(self, what, wrong):
        self.passed, self.failed = self.passed + (not wrong), self.failed + bool(wrong)
        print(f"not ok {what}: {wrong}" if wrong else f"ok {what}", flush=True)

    def skip(self, what, why):
        self.skipped += 1
        print(f"SKIPPED, NOT RUN: {what}: {why}", flush=True)

    def closing(self):
        return f"{self.passed} passed, {self.failed} failed" + (f", {self.skipped} skipped" if self.skipped else "")


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--files", action="store_true")
    options.add_argument("nowake")
    options.add_argument("built")
    args = options.parse_args()
    plants.setup()
    tally = Tally()
    static.check(tally)
    if os.geteuid() != 0 and not args.files:
        tally.skip("Prometheus and the daemon", "needs root")
    elif not args.files:
        live.check(os.path.abspath(args.nowake), os.path.abspath(args.built), tally)
    print(tally.closing())
    return tally.failed > 0


if __name__ == "__main__":
    sys.exit(main())
