#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""confine.py - runs a program as the unit would, where no systemd is: its mounts, system calls, capabilities

usage: confine.py UNIT WRITABLE FD ARGUMENT...

Called in mount and network namespaces of its own (unshare(1)). WRITABLE is the one directory that can
be written to; FD is the open program. A system call that the unit refuses ends the program: what a
library does politely without would go unseen.
"""

import ctypes
import os
import subprocess
import sys

ALLOW, KILL = 0x7FFF0000, 0x80000000


def settings(unit, name):
    """All words of a setting, of all its lines in the text of a unit."""
    lines = [line.strip().partition("=") for line in unit.splitlines()]
    return [word for key, _, value in lines if key == name for word in value.split()]


def expand(call):
    """The system calls of a set, and of the sets in it."""
    if not call.startswith("@"):
        return {call}
    out = subprocess.run(["systemd-analyze", "syscall-filter", call], check=True, capture_output=True, text=True)
    words = [line.strip() for line in out.stdout.splitlines()[1:]]
    return {one for word in words if word and word[0] != "#" for one in expand(word)}


def filter_calls(unit):
    lib = ctypes.CDLL("libseccomp.so.2")
    lib.seccomp_init.restype = ctypes.c_void_p
    lib.seccomp_rule_add.argtypes = [ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint]
    lib.seccomp_load.argtypes = [ctypes.c_void_p]
    names = {call for word in settings(unit, "SystemCallFilter") for call in expand(word)}
    numbers = {lib.seccomp_syscall_resolve_name(name.encode()) for name in names}
    context = lib.seccomp_init(KILL)
    for number in numbers:
        if number >= 0 and lib.seccomp_rule_add(context, ALLOW, number, 0):
            sys.exit(f"confine: no rule for system call {number}")
    if lib.seccomp_load(context):
        sys.exit("confine: the filter cannot be loaded")


def mount(*args):
    subprocess.run(["mount", *args], check=True)


def mounts(writable):
    """ProtectSystem=strict, ProtectHome, PrivateTmp, PrivateDevices, ProtectKernel*, ProtectControlGroups."""
    mount("--bind", writable, writable)
    for point in ("/tmp", "/var/tmp", "/home", "/root"):
        mount("-t", "tmpfs", "-o", "mode=0700", "tmpfs", point)
    mount("-t", "tmpfs", "-o", "mode=0755", "tmpfs", "/dev")
    for name, minor in (("null", 3), ("zero", 5), ("urandom", 9)):
        os.mknod(f"/dev/{name}", 0o20666, os.makedev(1, minor))
    for path in filter(os.path.exists, ("/proc/kallsyms", "/proc/kcore")):
        mount("--bind", "/dev/null", path)
    for path in ("/proc/sys", "/usr/lib/modules"):
        if os.path.exists(path):
            mount("--bind", path, path)
            mount("-o", "remount,bind,ro", path)
    points = [line.split()[4] for line in open("/proc/self/mountinfo", encoding="utf-8")]
    for point in points:
        if point != writable and not point.startswith(("/proc", "/dev")):
            subprocess.run(["mount", "-o", "remount,bind,ro", point], check=False, stderr=subprocess.DEVNULL)


def main():
    path, writable, fd, *arguments = sys.argv[1:]
    with open(path, encoding="utf-8") as file:
        unit = file.read()  # the tree itself may lie where nothing is to be seen in a moment
    caps = [f"+{cap.lower().removeprefix('cap_')}" for cap in settings(unit, "CapabilityBoundingSet")]
    os.umask(0o077)
    mounts(writable)
    os.chdir("/")
    filter_calls(unit)
    command = ["setpriv", "--inh-caps=-all", f"--bounding-set=-all,{','.join(caps)}", "--no-new-privs"]
    os.execvp(command[0], [*command, f"/proc/self/fd/{fd}", *arguments])


if __name__ == "__main__":
    main()
