#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""goroutines.py - nowake against Go's own leak detection, on the same running programs (root)

usage: goroutines.py NOWAKE LOOK PROGRAM TURNS

PROGRAM is goroutines/main.go, by a Go that has the profile "goroutineleak"; LOOK is ../go/look_dump.c, which
lists goroutines by the same code as nowake does, and does nothing else. In turns: nothing, a listing, a
report about the program, the profile. Time is by the clock; what the program counts meanwhile is given as a
share of what it counts alone in the same turn. GB/s is what was searched, by the difference of a report to
one about as many goroutines with next to no heap.
"""

import json
import re
import statistics
import subprocess
import sys
import time

ALONE = 2  # seconds
SIZES = [(10000, 1), (100000, 1), (10000, 256), (10000, 1024), (100000, 256), (100000, 1024)]


class Program:
    """It runs, and is asked by lines."""

    def __init__(self, path, goroutines, mib):
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([path, str(goroutines), str(mib)], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True)
        assert self.process.stdout.readline() == "ready\n"

    def ask(self, word):
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().split()

    def rate(self, work):
        """(seconds that work() took, counts a second meanwhile, what it returned)"""
        before, start = int(self.ask("count")[0]), time.monotonic()
        result = work()
        seconds = time.monotonic() - start
        return seconds, (int(self.ask("count")[0]) - before) / seconds, result

    def end(self):
        self.process.kill()
        self.process.wait()


def report(nowake, pid):
    done = subprocess.run([nowake, "report", "--json", "-p", str(pid)], capture_output=True, check=True)
    program = json.loads(done.stdout)["go"][0]
    assert not program["trouble"] and not program["unsearched"], program
    return program["searched_bytes"]


def listing(look, pid):
    """Seconds that reading all goroutines takes."""
    done = subprocess.run([look, "time", str(pid)], capture_output=True, check=True, text=True)
    return int(re.search(r"(\d+) in all", done.stdout).group(1)) / 1e3


def measure(nowake, look, path, size, turns):  # pylint: disable=too-many-locals
    """Medians: seconds of listing, report and profile, share of the count under each, bytes searched."""
    program, rows, profile = Program(path, *size), [], "-"
    try:
        for _ in range(turns):
            _, alone, _ = program.rate(lambda: time.sleep(ALONE))
            listed = listing(look, program.process.pid)
            seconds, under, searched = program.rate(lambda: report(nowake, program.process.pid))
            peer, stopped, (profile, _) = program.rate(lambda: program.ask("leaks"))
            rows.append((listed, seconds, under / alone, peer, stopped / alone, searched))
    finally:
        program.end()
    if profile == "-":
        sys.exit("goroutines.py: this Go has no profile \"goroutineleak\"")
    return [statistics.median(column) for column in zip(*rows)]


def main():
    nowake, look, path, turns = sys.argv[1:]
    bare = {}
    print("| goroutines | heap MiB | listing s | report s | its count | profile s | its count | searched MiB | GB/s |")
    print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    for goroutines, mib in SIZES:
        listed, seconds, under, peer, stopped, searched = measure(nowake, look, path, (goroutines, mib), int(turns))
        speed = "-"
        if mib == 1:
            bare[goroutines] = seconds, searched
        else:
            less, base = bare[goroutines]
            if seconds - less > seconds / 5:  # else it is noise
                speed = f"{(searched - base) / 1e9 / (seconds - less):.2f}"
        print(f"| {goroutines} | {mib} | {listed:.3f} | {seconds:.2f} | {under:.2f} | {peer:.2f} | {stopped:.2f} | "
              f"{searched / 1048576:.0f} | {speed} |", flush=True)


if __name__ == "__main__":
    main()
