# SPDX-License-Identifier: GPL-2.0-only
"""marker.py - what a source says in its first lines of the stacks it makes

    stack: in=NAME by=NAME,NAME below=NAME,NAME stop=WORDS frames=N kind=KIND primitive=WORDS
           start=NAME threads=N gdb=prefix|N others=stop

`in` blocks, called by the first of `by`, and so on; each of `below` stands further out, in that
order. A thread whose stack has all this must have a stop that contains WORDS ("_" stands for a
space; "any" for some reason), so many machine frames, this kind of wait, this primitive and this
start routine. There must be so many such threads (1). Without `stop` no thread may have one, but
for the threads that are not like that with `others=stop`.
All threads are compared with gdb. `gdb=prefix`: gdb guesses where it has no unwind information;
what it guesses beyond nowake's end is not asked for. `gdb=N`: only its first N frames are right.
"""

import re

import compare

KEYS = ("in", "by", "below", "stop", "frames", "kind", "primitive", "start", "threads", "gdb",
        "others")


class Marker:
    def __init__(self, text=""):
        self.words = dict(word.split("=", 1) for word in text.split())
        unknown = set(self.words) - set(KEYS)
        if unknown:
            raise ValueError(f"the marker has unknown words: {' '.join(sorted(unknown))}")
        gdb = self.words.get("gdb", "all")
        self.gdb_prefix = gdb == "prefix"
        self.gdb_frames = int(gdb) if gdb.isdigit() else None
        self.stop = self.words.get("stop", "none").replace("_", " ")
        self.may_stop = self.stop != "none" or self.words.get("others") == "stop"
        self.may_be_empty = False
        self.spoil = False  # its threads prove that the comparison can fail

    def names(self, key):
        return [name for name in self.words.get(key, "").split(",") if name]

    def shape(self, names):
        """Do the names of a stack, innermost first, have the shape that the marker asks for?"""
        want = self.names("in") + self.names("by")
        for at in range(len(names) - len(want) + 1):
            if all(compare.same_name(names[at + i], name) for i, name in enumerate(want)):
                rest = iter(names[at + len(want):])
                if all(any(compare.same_name(found, name) for found in rest)
                       for name in self.names("below")):
                    return True
        return False

    def wrong_thread(self, thread):
        """What is wrong with a thread that has the shape, or None."""
        stop, wait = thread.get("stack_stop"), thread.get("wait", {})
        if self.stop == "none" and stop is not None:
            return f"stack_stop is {stop!r}"
        if self.stop != "none" and (stop is None or self.stop not in stop + " any"):
            return f"stack_stop is {stop!r}, not {self.stop!r}"
        machine = sum(not frame["inlined"] for frame in thread["stack"])
        if machine != int(self.words.get("frames", machine)):
            return f"{machine} machine frames, not {self.words['frames']}"
        kind = self.words.get("kind", wait.get("kind"))
        if wait.get("kind") != kind:
            return f"its wait is {wait.get('kind')!r}, not {kind!r}"
        primitive = self.words.get("primitive", "").replace("_", " ")
        if primitive.lower() not in (wait.get("primitive") or "").lower():
            return f"its primitive is {wait.get('primitive')!r}, not {primitive!r}"
        start = (thread.get("created") or {}).get("start_routine")
        if "start" in self.words and not compare.same_name(start or "?", self.words["start"]):
            return f"its start routine is {start!r}, not {self.words['start']!r}"
        return None

    def wrong(self, threads):
        """What is wrong with the threads of a plant, or None."""
        found = [thread for thread in threads
                 if self.shape([frame["function"] or "??" for frame in thread.get("stack") or []])]
        asked = int(self.words.get("threads", bool(self.words)))
        if len(found) < asked:
            return f"{len(found)} threads, not {asked}, with the calls that its marker names"
        for thread in found if self.names("in") or asked else []:
            wrong = self.wrong_thread(thread)
            if wrong:
                return f"thread {thread['tid']}: {wrong}"
        return None


def read(path):
    """The marker of a source file; without one, nothing but gdb is asked."""
    with open(path, encoding="utf-8") as file:
        for line in list(file)[:4]:
            found = re.search(r"stack: *(.*?)\s*(\*/|$)", line)
            if found:
                return Marker(found.group(1))
    return Marker()
