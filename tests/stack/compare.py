# SPDX-License-Identifier: GPL-2.0-only
"""compare.py - does a stack that nowake prints say the same as gdb, and as the plant's marker?

A stack is split into machine frames: an address, the names of the calls inlined into that
function, innermost first, and the function itself. All addresses must be gdb's, from the first
one on; all names must be gdb's, in order. A stack may end before gdb's only if it says so.
"""

import os
import re

import oracle

# names of the same function: glibc's own ones behind the public one, and what compilers append
ALIAS = re.compile(r"^_*(GI_+|IO_+|libc_+|new_+|old_+)*")
SUFFIX = re.compile(r"(\.(part|constprop|isra|cold|lto_priv|llvm)(\.\d+)?)+$|@.*$|_impl$")
HASH = re.compile(r"::h[0-9a-f]{16}$")


def drop_brackets(name, opening, closing):
    """A name without what stands in such brackets, however deep."""
    out, depth = [], 0
    for i, char in enumerate(name):
        if char == opening:
            depth += 1
        if not depth:
            out.append(char)
        if char == closing and depth and name[i - 1:i] != "-":
            depth -= 1
    return "".join(out)


def base_name(name):
    """What must be the same in all spellings of a function's name."""
    name = HASH.sub("", re.sub(r" ?\[(clone|abi:)[^]]*\]|(::)?\{+(vtable|shim)[^}]*\}+", "", name))
    name = name.replace("operator()", "operator").replace("(anonymous namespace)", "")
    name = drop_brackets(drop_brackets(name, "<", ">"), "(", ")").rstrip(":")
    name = name.replace(" const", "").strip().rsplit("::", 1)[-1].rsplit(" ", 1)[-1]
    if name.startswith(("{closure", "{{closure")):
        return "{closure}"
    return ALIAS.sub("", SUFFIX.sub("", name)) or name


def same_name(mine, theirs):
    """glibc has functions of times of 64 bits under two names."""
    return base_name(mine) == base_name(theirs) or \
        re.sub("64$", "", base_name(mine)) == re.sub("64$", "", base_name(theirs))


def number(value):
    return int(value, 16) if isinstance(value, str) else value


def machine_frames(frames):
    """[(address, [frame, ...])]: the inlined ones first, the function last."""
    machine, inlined = [], []
    for frame in frames:
        inlined.append(frame)
        if not frame["inlined"]:
            machine.append((number(frame["address"]), inlined))
            inlined = []
    return machine


def trimmed(frames):
    """gdb's machine frames without those beyond the first function: return addresses of 0."""
    machine = machine_frames(frames)
    while machine and machine[-1][0] < 4096:
        machine.pop()
    return machine


def check_addresses(mine, theirs, stop, mark):
    limit = mark.gdb_frames if mark.gdb_frames is not None else len(theirs)
    for i, (address, _) in enumerate(mine[:limit]):
        if i >= len(theirs):
            if not mark.gdb_prefix:
                return f"machine frame {i} at {address:#x} is none of gdb's: made up?"
        elif address != theirs[i][0]:
            return f"machine frame {i} is at {address:#x}, gdb has {theirs[i][0]:#x}"
    if len(mine) > len(theirs) and mark.gdb_frames is None:
        return f"{len(mine)} machine frames, gdb has only {len(theirs)}"
    if len(mine) < min(limit, len(theirs)) and stop is None:
        return f"ends after {len(mine)} machine frames without a word, gdb has {len(theirs)}"
    return None


def check_names(i, mine, theirs):
    """The calls of one machine frame, inlined ones first."""
    if theirs[-1].get("signal") or theirs[-1]["function"] is None:
        return None
    if mine[-1]["function"] is None and not theirs[-1]["file"] and not oracle.covers(
            mine[-1]["module"], number(mine[-1]["offset"]), theirs[-1]["function"]):
        return None  # gdb took the nearest symbol, though it says that it ends before
    names = [frame["function"] for frame in mine]
    gdb_names = [frame["function"] for frame in theirs]
    for name, gdb_name in zip(names, gdb_names):
        if name is None or (gdb_name is not None and not same_name(name, gdb_name)):
            return f"machine frame {i} is named {names}, gdb has {gdb_names}"
    if len(names) != len(gdb_names):
        return f"machine frame {i} has the calls {names}, gdb has {gdb_names}"
    return None


def check_lines(i, mine, theirs, exact):
    """gdb's lines, or binutils': a line of the table that is no statement makes them differ. exact: the frame
    has not called, but was interrupted where it is."""
    for frame, other in zip(mine, theirs):
        if not other["line"] or not other["file"]:
            continue
        if not frame["file"] or not frame["line"]:
            return f"machine frame {i}: no source line, gdb has {other['file']}:{other['line']}"
        line = os.path.basename(frame["file"]), frame["line"]
        if line == (os.path.basename(other["file"]), other["line"]):
            continue
        if line not in oracle.source_lines(frame["module"], number(frame["offset"]) - (not exact)):
            return (f"machine frame {i} is at {frame['file']}:{frame['line']}, "
                    f"gdb has {other['file']}:{other['line']}")
    return None


def check_module(i, maps, address, frame):
    """Where the address lies, by /proc and the ELF file's own table."""
    path, offset = oracle.module_at(maps, address)
    module = frame["module"]
    if not oracle.may_run(maps, address):
        return f"machine frame {i} at {address:#x} lies where nothing can run: made up?"
    if path is None:
        return None if module is None else f"machine frame {i} is in no module, not in {module}"
    if module is None:
        return f"machine frame {i} lies in {path}, not in no module"
    plain = [re.sub(r" \(deleted\)$", "", os.path.basename(name)) for name in (module, path)]
    if plain[0] != plain[1]:
        return f"machine frame {i} lies in {path}, not in {module}"
    if number(frame["offset"]) != offset:
        return f"machine frame {i} is at {offset and hex(offset)} of {path}, not {frame['offset']}"
    return None


def check_stack(maps, thread, gdb_frames, mark):
    """The first thing that is wrong with a thread's stack, or None."""
    stop = thread.get("stack_stop")
    mine, theirs = machine_frames(thread.get("stack") or []), trimmed(gdb_frames)
    if not mine and not (stop and mark.may_be_empty):
        return f"no stack ({stop or 'and no reason'})"
    if stop and not mark.may_stop:
        return f"stops after {len(mine)} machine frames: {stop}"
    wrong = check_addresses(mine, theirs, stop, mark)
    for i, (address, calls) in enumerate(mine):
        for call in calls:
            if number(call["address"]) != address:
                wrong = wrong or f"machine frame {i}: a call inlined into it is elsewhere"
            wrong = wrong or check_module(i, maps, address, call)
    limit = len(theirs) if mark.gdb_frames is None else mark.gdb_frames
    for i, ((_, calls), (_, others)) in enumerate(zip(mine, theirs[:limit])):
        exact = not i or bool(theirs[i - 1][1][-1].get("signal"))
        wrong = wrong or check_names(i, calls, others) or check_lines(i, calls, others, exact)
    return wrong


def show_frame(frame):
    where = f"  {frame['file']}:{frame['line']}" if frame.get("file") else ""
    module = f"  ({frame['module']}+{frame['offset']})" if frame.get("module") else ""
    name = frame["function"] or ("<signal>" if frame.get("signal") else "??")
    return f"{number(frame['address']):#018x} {'| ' if frame['inlined'] else ''}{name}{where}{module}"


def show(thread, gdb_frames, most=40):
    """Both stacks, for the one who looks for the mistake."""
    mine = [show_frame(frame) for frame in thread.get("stack") or []]
    theirs = [show_frame(frame) for frame in gdb_frames]
    return "\n".join(["    nowake:"] + ["      " + line for line in mine[:most]] +
                     [f"      stack_stop: {thread.get('stack_stop')}", "    gdb:"] +
                     ["      " + line for line in theirs[:most]])
