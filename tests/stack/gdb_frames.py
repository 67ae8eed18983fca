# SPDX-License-Identifier: GPL-2.0-only
"""gdb_frames.py - runs inside gdb: attaches, and prints every thread's backtrace in a line of JSON

{TID: {"frames": [innermost first], "switches": lines of /proc right before gdb came}}.
The same frames that `thread apply all bt` prints, but for the calls that gdb only concludes to
have jumped on to the next one: they left nothing on the stack. oracle.py starts it.
"""

import json
import os

import gdb

FRAMES_MAX = 2000


def frame_record(frame):
    sal = frame.find_sal()
    return {
        "address": frame.pc(),
        "function": frame.name(),
        "file": sal.symtab.filename if sal.symtab else None,
        "line": sal.line or None,
        "inlined": frame.type() == gdb.INLINE_FRAME,
        "signal": frame.type() == gdb.SIGTRAMP_FRAME,
    }


def backtrace():
    frames = []
    frame = gdb.newest_frame()
    while frame is not None and len(frames) < FRAMES_MAX:
        if frame.type() != gdb.TAILCALL_FRAME:
            frames.append(frame_record(frame))
        try:
            frame = frame.older()
        except gdb.error:  # memory that is not there: gdb's own bt ends here too
            break
    return frames


def switches(pid):
    found = {}
    for tid in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{tid}/status", encoding="utf-8", errors="replace") as file:
            found[int(tid)] = [line for line in file if "ctxt_switches" in line]
    return found


def look(pid):
    before, threads = switches(pid), {}
    gdb.execute(f"attach {pid}", to_string=True)
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        tid = thread.ptid[1] or thread.ptid[0]
        threads[tid] = {"frames": backtrace(), "switches": before.get(tid)}
    return threads


print("\nTHREADS " + json.dumps(look(int(os.environ["ATTACH"]))))
