# SPDX-License-Identifier: GPL-2.0-only
"""watch.py - what a program does to files and memory, and to its children, seen from outside"""

import ctypes
import os
import resource
import select
import signal
import struct
import subprocess
import threading
import time

LIBC = ctypes.CDLL(None, use_errno=True)
OPENED, CHANGED = 0x20 | 0x1, 0x2 | 0x4 | 0x40 | 0x80 | 0x100 | 0x200
NONBLOCK = 0o4000


class Files:
    """Traps that nobody may open, and directories in which nobody may change anything (inotify)."""

    def __init__(self):
        self.fd, self.paths = LIBC.inotify_init1(NONBLOCK), {}

    def add(self, path, mask):
        number = LIBC.inotify_add_watch(self.fd, os.fsencode(path), mask)
        if number < 0:
            raise OSError(ctypes.get_errno(), path)
        self.paths[number] = path

    def trap(self, path):
        self.add(path, OPENED | 0x2)

    def still(self, directory):
        self.add(directory, CHANGED)

    def seen(self):
        """What happened since the last time, in words."""
        words = set()
        while select.select([self.fd], [], [], 0)[0]:
            data, at = os.read(self.fd, 65536), 0
            while at < len(data):
                number, mask, _, size = struct.unpack_from("iIII", data, at)
                name = data[at + 16:at + 16 + size].rstrip(b"\0").decode(errors="replace")
                words.add(f"{self.paths.get(number, '?')} {name} ({mask:#x})")
                at += 16 + size
        return sorted(words)

    def close(self):
        os.close(self.fd)


def status_of(pid, field):
    """A number of /proc/PID/status; 0 when it is gone."""
    try:
        with open(f"/proc/{pid}/status", encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
    except (OSError, ProcessLookupError):
        pass
    return 0


def children_of(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
    except (OSError, ProcessLookupError):
        return []


def command_of(pid):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return file.read()
    except (OSError, ProcessLookupError):
        return b""


def kill(pid):
    os.kill(pid, signal.SIGKILL)


def freeze(pid):
    os.kill(pid, signal.SIGSTOP)


def starve(pid):
    """It has nearly all the memory that it will get."""
    resource.prlimit(pid, resource.RLIMIT_AS, (24 << 20, 24 << 20))


class Run:
    """A program to its end: out, status, seconds, the memory (KB) of it and its children at most,
    and its children. disturb(pid) is called for every child, `after` seconds after it appeared, but
    not before it is a program of its own: until then its parent waits in vfork(), and what holds the
    one holds both."""

    def __init__(self, command, cwd, patience, disturb=None, after=0.0):
        began = time.monotonic()
        self.rss, self.child_rss, self.children = 0, 0, {}
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              cwd=cwd) as process:
            self.process, self.ended = process, threading.Event()
            sampler = threading.Thread(target=self.sample, args=(disturb, after))
            sampler.start()
            try:
                self.out, self.err = process.communicate(timeout=patience)
            except subprocess.TimeoutExpired:
                process.kill()
                self.end_children()
                self.out, self.err = process.communicate()
            finally:
                self.ended.set()
                sampler.join()
        self.status, self.seconds = process.returncode, time.monotonic() - began

    def sample(self, disturb, after):
        disturbed = set()
        while not self.ended.wait(0.002):
            now = time.monotonic()
            self.rss = max(self.rss, status_of(self.process.pid, "VmHWM"))
            for pid in children_of(self.process.pid):
                first = self.children.setdefault(pid, now)
                self.child_rss = max(self.child_rss, status_of(pid, "VmHWM"))
                if disturb and pid not in disturbed and now - first >= after and \
                        command_of(pid) not in (b"", command_of(self.process.pid)):
                    disturbed.add(pid)
                    try:
                        disturb(pid)
                    except OSError:
                        pass

    def end_children(self):
        """They may hold the pipes that communicate() reads to their end."""
        for pid in self.left():
            try:
                kill(pid)
            except ProcessLookupError:
                pass

    def left(self):
        """Children that outlive it."""
        return [pid for pid in self.children if os.path.exists(f"/proc/{pid}")]
