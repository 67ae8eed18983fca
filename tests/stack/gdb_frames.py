# SPDX-License-Identifier: GPL-2.0-only
"""gdb_frames.py - what gdb says of the stacks of some processes, as JSON.

For check.py: PIDS="1 2 3" gdb -batch -nx -x gdb_frames.py. Runs in gdb's own python; attaches to
one after the other and lets each go. Prints for each process two lines:
SWITCHES {"TID": context switches right before, ...}
STACKS {"TID": [[pc, name or null, is inlined, is a signal frame], ...]}, innermost first."""
import json
import os

import gdb

FRAMES_MOST = 520


def frames_of(thread):
    thread.switch()
    frames, frame = [], gdb.newest_frame()
    while frame is not None and len(frames) < FRAMES_MOST:
        # A frame that gdb infers from a jump at a function's end is on no stack.
        if frame.type() != gdb.TAILCALL_FRAME:
            frames.append([frame.pc(), frame.name(), frame.type() == gdb.INLINE_FRAME,
                           frame.type() == gdb.SIGTRAMP_FRAME])
        try:
            frame = frame.older()
        except gdb.error:
            break
    return frames


def switches_of(pid):
    counts = {}
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/status", encoding="utf-8", errors="replace") as status:
            counts[tid] = sum(int(line.split()[1]) for line in status if "ctxt_switches" in line)
    return counts


def main():
    for setting in ("backtrace past-main on", "backtrace past-entry on", "debuginfod enabled off",
                    "auto-load off", "confirm off", "pagination off"):
        try:
            gdb.execute("set " + setting)
        except gdb.error:
            pass  # an older gdb has fewer settings
    for pid in os.environ["PIDS"].split():
        try:
            print("\nSWITCHES " + json.dumps(switches_of(pid)), flush=True)
            gdb.execute("attach " + pid, to_string=True)
            stacks = {str(t.ptid[1]): frames_of(t) for t in gdb.selected_inferior().threads()}
            gdb.execute("detach", to_string=True)
        except (gdb.error, OSError):
            stacks = {}
        gdb.execute("file", to_string=True)
        print("\nSTACKS " + json.dumps(stacks), flush=True)


main()
