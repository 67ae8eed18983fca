#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""check.py - nowake's stacks of planted programs against gdb's, in the same run (root).

Usage: check.py NOWAKE DIR SOURCES PROGRAM... PROGRAM is below DIR (VARIANT/NAME). They are started
in batches and get stuck; one report is taken, then gdb attaches to each. Every thread of a finding
must have gdb's addresses, frame for frame, and gdb's names; in stripped programs module and offset
are checked against the program headers of the file. The first lines of a source in SOURCES may say
more, "stack: KEY=VALUE ...", of one thread that is blocked:
  in=NAME         the function that it blocks in stands somewhere above the callers
  by=NAME,...     the functions that follow the C library's and the runtime's, one after the other
  below=NAME,...  functions further out, in this order
  stop=TEXT       why the stack ends early ("_" is a blank); without it the stack must be whole
  kind=, primitive=  of the wait (a part of the word will do)
  frames=N        so many calls are shown
  gdb=N|prefix|none  only the first N frames, or as many as nowake shows, are compared with gdb;
                  none where gdb, which looks for files by their names, reads the wrong ones
Rust's names differ between its symbols and its DWARF: there gdb's addresses count, and the marker."""
import errno
import json
import os
import re
import shutil
import signal
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

BATCH = 60
WORKERS = 2
RUNTIME = re.compile(r"lib(c|pthread|stdc\+\+|gcc_s|m)[.-]|ld-linux|vdso")
here = os.path.dirname(os.path.abspath(__file__))


def bare(name):
    """The last part of a function's name, without arguments, and as all of libc's aliases."""
    if name is None:
        return None
    name = re.sub(r"^(void|bool|int) (?=[\w:]+<)", "", name)
    name = name.replace("(anonymous namespace)", "anonymous").replace("operator()", "call")
    depth, out = 0, ""
    for c in re.sub(r"operator(<<|>>|<=>|<|>|->)", "operator", name):
        depth += (c in "<([") - (c in ">)]")
        if depth == 0 and c not in ">)]":
            out += c
    out = out.split("::")[-1].split(" const")[0].strip()
    out = re.sub(r"^_*(GI_+)?(libc_)?", "", out)
    out = re.sub(r"(_impl|64)$", "", out)
    return re.sub(r"(\.(constprop|isra|part|cold|lto_priv)\.?\d*)+$", "", out)


class Elf:
    """The executable segments of a file, to turn addresses of a process into the file's."""
    cache = {}

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read(65536)
        wide = data[4] == 2
        offset, = struct.unpack_from("<Q" if wide else "<I", data, 32 if wide else 28)
        size, count = struct.unpack_from("<HH", data, 54 if wide else 42)
        self.loads = []
        for i in range(count):
            at = offset + i * size
            if wide:
                kind, flags, off, vaddr, _, filesz = struct.unpack_from("<IIQQQQ", data, at)
            else:
                kind, off, vaddr, _, filesz, _, flags = struct.unpack_from("<IIIIIII", data, at)
            if kind == 1 and flags & 1:
                self.loads.append((off, vaddr, filesz))

    def address(self, offset):
        for off, vaddr, size in self.loads:
            if off <= offset < off + size:
                return vaddr + offset - off
        return None


def mappings(pid):
    rows = []
    with open(f"/proc/{pid}/maps", encoding="utf-8", errors="replace") as maps:
        for line in maps:
            part = line.rstrip("\n").split(None, 5)
            start, end = (int(x, 16) for x in part[0].split("-"))
            rows.append((start, end, int(part[2], 16), part[5] if len(part) > 5 else ""))
    return rows


def own_address(pid, rows, pc):
    """Module and address in it, as the file that is mapped there counts; None if there is no file."""
    for start, end, offset, name in rows:
        if start <= pc < end and name.startswith("/"):
            path = f"/proc/{pid}/map_files/{start:x}-{end:x}"
            key = os.stat(path).st_dev, os.stat(path).st_ino
            if key not in Elf.cache:
                Elf.cache[key] = Elf(path)
            return name, Elf.cache[key].address(pc - 1 - start + offset) + 1
    return None


class Plant:
    def __init__(self, directory, sources, name):
        self.name, self.variant = name, name.split("/")[0]
        self.path = os.path.join(directory, name)
        self.wants, self.error, self.child = {}, None, None
        self.debug = None
        self.stripped = self.variant == "stripped" or name.endswith("+minidebug")
        source = name.split("/")[-1].split("+")[0]
        for ending in ".c", ".cc", ".rs":
            file = os.path.join(sources, source + ending)
            if os.path.exists(file) and self.variant == "special":
                with open(file, encoding="utf-8") as text:
                    for line in list(text)[:4]:
                        match = re.search(r"stack: ([^*\n]*)", line)
                        if match:
                            self.wants = dict(w.split("=", 1) for w in match[1].split())
        if name.endswith("+minidebug"):  # symbols know nothing of what is inlined
            self.wants["by"] = "cross"

    def skipped(self):
        if os.path.exists(self.path + ".skip"):
            with open(self.path + ".skip", encoding="utf-8") as text:
                return text.read().strip()
        return None

    def start(self):
        if self.name.endswith("+buildid"):
            self.install_debug()
        try:
            self.child = subprocess.Popen([self.path], stdout=subprocess.PIPE, start_new_session=True,
                                          env=dict(os.environ, PLANT_RUNNER=str(os.getpid())))
        except OSError as error:
            if error.errno != errno.ENOEXEC:  # of 32 bits, for a kernel that runs none
                raise

    def await_ready(self):
        if not self.child:
            return "this kernel does not run such programs"
        line = self.child.stdout.readline().decode(errors="replace").strip()
        if line.startswith("skip: "):
            return line[6:]
        if line != "ready":
            self.error = f"did not get stuck, said {line!r}"
        return None

    def members(self):
        pids = []
        for name in os.listdir("/proc"):
            try:
                if name.isdigit() and os.getsid(int(name)) == self.child.pid:
                    pids.append(int(name))
            except ProcessLookupError:
                pass
        return pids

    def install_debug(self):
        """The debug file goes where its build id says; end() removes it."""
        note = subprocess.run(["readelf", "-n", self.path], capture_output=True, text=True,
                              check=True).stdout
        build_id = re.search(r"Build ID: ([0-9a-f]+)", note)[1]
        self.debug = f"/usr/lib/debug/.build-id/{build_id[:2]}/{build_id[2:]}.debug"
        os.makedirs(os.path.dirname(self.debug), exist_ok=True)
        shutil.copy(self.path + ".debug", self.debug)

    def end(self):
        if self.debug:
            os.unlink(self.debug)
        for _ in range(100):
            pids = self.members() if self.child else []
            for pid in pids:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
            if not pids or self.child.poll() is not None and pids == [self.child.pid]:
                break
            self.child.poll()
            time.sleep(0.01)


def gdb_stacks(pids):
    """What gdb says of these processes: the stacks of all threads, and how often each had been
    switched right before gdb came, both by thread."""
    out = subprocess.run(["gdb", "-batch", "-nx", "-x", os.path.join(here, "gdb_frames.py")],
                         env=dict(os.environ, PIDS=" ".join(map(str, pids))), text=True,
                         capture_output=True, timeout=300, check=False).stdout
    stacks, switches = {}, {}
    for line in re.findall(r"^STACKS (.*)$", out, re.M):
        stacks.update(json.loads(line))
    for line in re.findall(r"^SWITCHES (.*)$", out, re.M):
        switches.update(json.loads(line))
    return stacks, switches


def show(stack, theirs):
    lines = ["    nowake:"]
    lines += [f"      {f['address']} {f['function']} ({f['module']} {f['offset']})"
              + (" inlined" if f["inlined"] else "") for f in stack[:30]]
    lines += ["    gdb:"] + [f"      {pc:#x} {name}" + (" inlined" if inl else "")
                             for pc, name, inl, _ in theirs[:30]]
    return "\n".join(lines)


def compare_names(mine, theirs, plant):
    """The functions at one address: gdb's, inlined ones included, and nowake's."""
    ours = [bare(f["function"]) for f in mine]
    names = [bare(name) for _, name, _, _ in theirs]
    if any(signal_frame for _, _, _, signal_frame in theirs):
        return mine[0]["function"] == "<signal handler called>"
    if ours == names or plant.name.startswith("special/rust"):
        return True
    # Of a stripped program gdb takes the next symbol before an address for its name.
    if ours[-1] is None and (plant.stripped or names[-1] is None):
        return True
    if names[-1] is None or ours[-1] == names[-1]:
        # gdb has one level of inlining more or less where a unit's line tables are thin
        return set(ours) <= set(names) or set(names) <= set(ours)
    return False


def compare(pid, rows, thread, theirs, plant):
    """None, or what differs between nowake's stack of a thread and gdb's."""
    stack, limit = thread["stack"], plant.wants.get("gdb", "")
    mine, gdb = [], []
    for frame in stack:
        if mine and mine[-1][-1]["inlined"]:
            mine[-1].append(frame)
        else:
            mine.append([frame])
    for frame in theirs:
        if gdb and gdb[-1][-1][2]:
            gdb[-1].append(frame)
        else:
            gdb.append([frame])
    if limit == "prefix":
        gdb = gdb[:len(mine)]
    elif limit:
        mine, gdb = mine[:int(limit)], gdb[:int(limit)]
    if thread["stack_stop"] and "500" in thread["stack_stop"]:
        gdb = gdb[:len(mine)]
    for i, (a, b) in enumerate(zip(mine, gdb)):
        pc = int(a[-1]["address"], 16)
        if pc != b[-1][0]:
            return f"frame {i}: {pc:#x} is not gdb's {b[-1][0]:#x}"
        if not compare_names(a, b, plant):
            return f"frame {i}: {[f['function'] for f in a]} is not gdb's {[f[1] for f in b]}"
        own = own_address(pid, rows, pc)
        if own and (own[0] != a[-1]["module"] or own[1] != int(a[-1]["offset"], 16)):
            return f"frame {i}: {a[-1]['module']} {a[-1]['offset']} is not {own[0]} {own[1]:#x}"
    if len(mine) != len(gdb):
        return f"{len(mine)} frames are not gdb's {len(gdb)}"
    return None


def wanted(thread, wants):
    """None, or what of the source's marker this thread does not show."""
    names = [bare(f["function"]) for f in thread["stack"]]
    at = 0
    if "in" in wants:
        if bare(wants["in"]) not in names:
            return f"does not block in {wants['in']}"
        at = names.index(bare(wants["in"]))
    if "by" in wants:
        callers = [bare(n) for n in wants["by"].split(",")]
        outer = [n for n in names[at + 1:]]
        while outer and outer[0] != callers[0] and RUNTIME.search(
                thread["stack"][len(names) - len(outer)]["module"] or ""):
            outer.pop(0)
        if outer[:len(callers)] != callers:
            return f"is called by {outer[:4]}"
    for name in filter(None, wants.get("below", "").split(",")):
        if bare(name) not in names[at:]:
            return f"has no {name}"
        at += names[at:].index(bare(name))
    stop, said = wants.get("stop", "").replace("_", " "), thread["stack_stop"] or ""
    if stop != "any" and (bool(stop) != bool(said) or stop not in said):
        return f"ends with {said!r}"
    wait = thread["wait"]
    if wants.get("kind") not in (None, wait["kind"]):
        return f"waits in {wait['kind']}"
    if wants.get("primitive", "").lower() not in (wait["primitive"] or "").lower():
        return f"waits for {wait['primitive']}"
    calls = len({f["address"] + str(i) for i, f in enumerate(thread["stack"]) if not f["inlined"]})
    if "frames" in wants and calls != int(wants["frames"]):
        return f"has {calls} frames"
    return None


def handle(thread):
    """What gdb is to attach to: the process, or a thread of one whose first thread has ended."""
    with open(f"/proc/{thread['pid']}/stat", encoding="utf-8", errors="replace") as stat:
        ended = stat.read().rsplit(")", 1)[1].split()[0] == "Z"
    return thread["tid"] if ended else thread["pid"]


def select(plant, report):
    """The threads of a plant whose stacks count, or what is wrong with them already."""
    pids = set(plant.members())
    stuck = [t for f in report["findings"] for t in f["threads"] if t["pid"] in pids]
    blocked = stuck + [t for t in report["threads"] if t["pid"] in pids]
    if plant.error or not plant.wants:
        return stuck, plant.error or (None if stuck else "no finding")
    why = {t["tid"]: wanted(t, plant.wants) for t in blocked}
    right = [t for t in blocked if not why[t["tid"]]]
    return right, None if right else f"no thread shows {plant.wants}: {why}"


def judge(plant, threads, theirs):
    """What is wrong with nowake's stacks of one plant, or None."""
    for t in threads if plant.wants.get("gdb") != "none" else []:
        if str(t["tid"]) not in theirs:
            return f"gdb shows no thread {t['tid']}"
        if not t["stack"]:
            return f"thread {t['tid']} has no stack: {t['stack_stop']}"
        wrong = compare(t["tid"], mappings(t["tid"]), t, theirs[str(t["tid"])], plant)
        if wrong:
            return f"thread {t['tid']}: {wrong}\n{show(t['stack'], theirs[str(t['tid'])])}"
    return None


def run_batch(nowake, plants, pool):
    passed = failed = skipped = 0
    try:
        for plant in plants:
            plant.start()
        started = []
        for plant in plants:
            why = plant.await_ready()
            if why:
                print(f"skip {plant.name}: {why}")
                skipped += 1
            else:
                started.append(plant)
        time.sleep(1.5)
        out = subprocess.run([nowake, "report", "--json", "--all", "--threshold", "1s"],
                             capture_output=True, text=True, timeout=120, check=True).stdout
        report = json.loads(out)
        chosen = [(plant, *select(plant, report)) for plant in started]
        pids = sorted({handle(t) for _, threads, wrong in chosen if not wrong for t in threads})
        theirs = {}
        for stacks, _ in pool.map(gdb_stacks, (pids[i::WORKERS] for i in range(WORKERS))):
            theirs.update(stacks)
        for plant, threads, wrong in chosen:
            wrong = wrong or judge(plant, threads, theirs)
            passed, failed = passed + (not wrong), failed + bool(wrong)
            print(f"not ok {plant.name}: {wrong}" if wrong else f"ok {plant.name}", flush=True)
    finally:
        for plant in plants:
            plant.end()
    return passed, failed, skipped


def main():
    nowake, directory, sources, *names = sys.argv[1:]
    plants = [Plant(directory, sources, name) for name in names]
    total = [0, 0, 0]
    for plant in plants:
        if plant.skipped():
            print(f"skip {plant.name}: {plant.skipped()}")
            total[2] += 1
    plants = [p for p in plants if not p.skipped()]
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        for i in range(0, len(plants), BATCH):
            total = [a + b for a, b in zip(total, run_batch(nowake, plants[i:i + BATCH], pool))]
    print(f"{total[0]} passed, {total[1]} failed" + (f", {total[2]} skipped" if total[2] else ""))
    sys.exit(total[1] > 0 or total[0] == 0)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
