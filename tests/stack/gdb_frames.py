# SPDX-License-Identifier: GPL-2.0-only
"""gdb_frames.py - runs inside gdb: the backtrace of every thread, as one line of JSON

The same frames that `thread apply all bt` prints, but for the calls that gdb only concludes to
have jumped on to the next one: they left nothing on the stack. oracle.py starts it.
"""

import json

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


def all_threads():
    threads = {}
    for thread in gdb.selected_inferior().threads():
        thread.switch()
        threads[thread.ptid[1] or thread.ptid[0]] = backtrace()
    return threads


print("FRAMES " + json.dumps(all_threads()))
