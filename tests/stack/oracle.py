# SPDX-License-Identifier: GPL-2.0-only
"""oracle.py - what gdb, /proc and the ELF files say of a process's threads

gdb gives the frames. Which module an address lies in, and where in that module's ELF file, is
worked out here from /proc/PID/maps and the program headers of what is mapped, so that neither
gdb nor nowake is believed in that.
"""

import functools
import json
import os
import struct
import subprocess

GDB_SECONDS = 90
HERE = os.path.dirname(os.path.abspath(__file__))
SETTINGS = [
    "set debuginfod enabled off",
    "set auto-load off",
    "set libthread-db-search-path /nonexistent",
    "set backtrace past-main on",
    "set backtrace limit unlimited",
    "set print thread-events off",
]


def same_file(a, b):
    try:
        return os.path.samefile(a, b)
    except OSError:
        return False


def is_zombie(pid):
    with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
        return file.read().rpartition(")")[2].split()[0] == "Z"


def gdb_threads(pid, tids, binary):
    """What gdb_frames.py says of these threads (and others) of a process, by tid.

    Threads that gdb cannot look at are missing. Where the leader is a zombie, gdb knows of the
    one thread only that it attaches to. `binary` is given to gdb where the process's own name
    for it leads elsewhere.
    """
    try:
        if not is_zombie(pid):
            return run_gdb(pid, binary)
        found = {}
        for tid in tids:
            found.update(run_gdb(tid, binary))
        return found
    except OSError:  # it is gone
        return {}


def run_gdb(tid, binary):
    exe = f"/proc/{tid}/exe"
    command = ["gdb", "-batch", "-nx", "-iex", "set auto-load off"]
    for setting in SETTINGS:
        command += ["-iex", setting]
    if not same_file(os.readlink(exe), exe):
        command.append(binary or exe)
    command += ["-x", os.path.join(HERE, "gdb_frames.py")]
    env = dict(os.environ, ATTACH=str(tid), DEBUGINFOD_URLS="")
    try:
        done = subprocess.run(command, capture_output=True, timeout=GDB_SECONDS, check=False,
                              stdin=subprocess.DEVNULL, env=env)
    except subprocess.TimeoutExpired:
        return {}
    for line in done.stdout.decode(errors="replace").splitlines():
        if line.startswith("THREADS "):
            return {int(key): thread for key, thread in json.loads(line[8:]).items()}
    return {}


@functools.lru_cache(maxsize=4096)
def load_segments(data):
    """[(file offset, size, address)] of the segments that an ELF header's table loads."""
    if data[:4] != b"\x7fELF":
        return []
    wide = data[4] == 2
    phoff, = struct.unpack_from("<Q" if wide else "<I", data, 32 if wide else 28)
    size, count = struct.unpack_from("<HH", data, 54 if wide else 42)
    segments = []
    for i in range(count):
        at = phoff + i * size
        if wide:
            kind, _, offset, address, _, filesz = struct.unpack_from("<IIQQQQ", data, at)
        else:
            kind, offset, address, _, filesz = struct.unpack_from("<IIIII", data, at)
        if kind == 1:
            segments.append((offset, filesz, address))
    return segments


class Mapping:
    """A line of /proc/PID/maps; the ELF file behind it is read at once: gdb may wake the process,
    which then ends."""

    def __init__(self, tid, line):
        fields = line.rstrip("\n").split(None, 5)
        self.start, self.end = (int(part, 16) for part in fields[0].split("-"))
        self.may_run = "x" in fields[1]
        self.offset = int(fields[2], 16)
        self.path = fields[5] if len(fields) > 5 else ""
        self.segments = []
        if self.may_run and self.path.startswith("/"):
            name = f"/proc/{tid}/map_files/{self.start:x}-{self.end:x}"
            with open(name, "rb") as file:
                self.segments = load_segments(file.read(4096))


def read_maps(tid):
    """All mappings of a process."""
    with open(f"/proc/{tid}/maps", encoding="utf-8", errors="replace") as file:
        return [Mapping(tid, line) for line in file]


def module_at(maps, address):
    """(path, address as the ELF file counts) of what is mapped there; (None, None): no file."""
    for at in maps:
        if not at.start <= address < at.end:
            continue
        if at.path == "[vdso]":
            return at.path, address - at.start
        if not at.path.startswith("/"):
            return None, None
        in_file = address - at.start + at.offset
        for segment, size, base in at.segments:
            if segment <= in_file < segment + size:
                return at.path, in_file - segment + base
        return at.path, None
    return None, None


def may_run(maps, address):
    return any(at.start <= address < at.end for at in maps if at.may_run)


@functools.lru_cache(maxsize=4096)
def source_lines(path, offset):
    """[(base name of the file, line)] by binutils: of the function and what is inlined in it."""
    done = subprocess.run(["addr2line", "-i", "-e", path, hex(offset)], capture_output=True,
                          timeout=60, check=False)
    found = []
    for line in done.stdout.decode(errors="replace").splitlines():
        name, _, number = line.split(" (")[0].rpartition(":")
        if number.isdigit():
            found.append((os.path.basename(name), int(number)))
    return found


@functools.lru_cache(maxsize=256)
def symbols(path):
    """[(start, end, name)] of the symbols of a file that have a size."""
    found = []
    for option in ("-S", "-DS"):
        done = subprocess.run(["nm", option, path], capture_output=True, timeout=60, check=False)
        for line in done.stdout.decode(errors="replace").splitlines():
            fields = line.split()
            if len(fields) == 4:
                start = int(fields[0], 16)
                found.append((start, start + int(fields[1], 16), fields[3].split("@")[0]))
    return found


def covers(path, offset, name):
    """Does a symbol of this name cover the address before `offset`?"""
    return any(start < offset <= end for start, end, symbol in symbols(path) if symbol == name)


def switches(pid, tid):
    """How often a thread has been switched away; None: it is gone."""
    try:
        with open(f"/proc/{pid}/task/{tid}/status", encoding="utf-8", errors="replace") as file:
            return [line for line in file if "ctxt_switches" in line]
    except OSError:
        return None
