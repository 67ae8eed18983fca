# SPDX-License-Identifier: GPL-2.0-only
"""spoil.py - the comparison can fail: a right stack, with one thing made wrong, must be refused"""

import copy

import compare


def change(key, value):
    def spoil(record):
        record["stack"][-3][key] = value
    return spoil


def one_line_on(record):
    for frame in record["stack"]:
        frame["line"] = frame["line"] and frame["line"] + 1


def without_inlined(record):
    record["stack"] = [frame for frame in record["stack"] if not frame["inlined"]]


def swapped(record):
    stack = record["stack"]
    stack[0]["function"], stack[-1]["function"] = stack[-1]["function"], stack[0]["function"]


def stopped(record):
    record["stack_stop"] = "no unwind information"


SPOILS = {
    "a frame is missing": lambda record: record["stack"].pop(-3),
    "a frame is made up": lambda record: record["stack"].append(dict(record["stack"][-1])),
    "the outer frames are missing": lambda record: record.update(stack=record["stack"][:-2]),
    "there is no stack": lambda record: record.update(stack=[]),
    "it says that it ends early": stopped,
    "an address is wrong": change("address", "0x7"),
    "a name is wrong": change("function", "another"),
    "a name is missing": change("function", None),
    "names are swapped": swapped,
    "a module is wrong": change("module", "/lib/another.so"),
    "an offset is wrong": change("offset", "0x1"),
    "lines are wrong": one_line_on,
    "inlined calls are missing": without_inlined,
}


def unseen(maps, right, theirs, mark):
    """What could be wrong with this thread's stack, which is right, and would not be seen."""
    for what, spoil in SPOILS.items():
        record = copy.deepcopy(right)
        spoil(record)
        if record != right and not compare.check_stack(maps, record, theirs, mark):
            return f"the comparison does not see it if {what}"
    return None
