#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""servers.py - the stacks of real servers' threads, as nowake prints them and as gdb does (root)

usage: servers.py [-v] NOWAKE

Starts PostgreSQL, Redis and MariaDB by tests/real/server.sh, each in its own directory and on ports
of its own, and compares every thread that stands still. `nowake explain` of some must name the
same functions. A server that is not installed is skipped, loudly; with CI=true it is a failure.
"""

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time

import look
import marker
import plants

HERE = os.path.dirname(os.path.abspath(__file__))
SERVER = os.path.join(HERE, "../real/server.sh")
SERVERS = ("postgresql", "redis", "mariadb")
IDLE = 4  # seconds after which it stands still
ENOUGH = 3  # threads of a server that must have been compared
EXPLAINED = 3  # threads of a server that `explain` is asked about


def choose_ports(path):
    """Three free ports of 127.0.0.1 for each server, in the form that server.sh reads."""
    held = []
    with open(path, "w", encoding="utf-8") as file:
        for name in SERVERS:
            for _ in range(3):
                held.append(socket.socket())
                held[-1].bind(("127.0.0.1", 0))
            print(name, *(one.getsockname()[1] for one in held[-3:]), file=file)
    for one in held:
        one.close()


def verb(name, what, tmp, **options):
    env = dict(os.environ, REAL_TMP=tmp, NOWAKE_REAL=name)
    return subprocess.run([SERVER, name, what], env=env, stdin=subprocess.DEVNULL,
                          check=False, **options)


class Server:
    """A server that was started; its session's processes are the ones to look at."""

    def __init__(self, name, tmp):
        self.name, self.tmp = name, tmp
        with open(f"{tmp}/{name}.log", "wb") as log:
            # no session of its own: server.sh makes one, without a fork in between
            self.process = subprocess.Popen([SERVER, name, "start"], stdin=subprocess.DEVNULL,
                                            env=dict(os.environ, REAL_TMP=tmp, NOWAKE_REAL=name),
                                            stdout=log, stderr=log)

    def answers(self):
        deadline = time.monotonic() + 90
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if verb(self.name, "ready", self.tmp, timeout=15, capture_output=True).returncode == 0:
                    return True
            except subprocess.TimeoutExpired:
                pass
            time.sleep(0.3)
        with open(f"{self.tmp}/{self.name}.log", "rb") as log:
            print(log.read()[-2000:].decode(errors="replace"))
        return False


def offspring(pid):
    """All processes below this one, and itself."""
    parents = {}
    for entry in os.listdir("/proc"):
        try:
            with open(f"/proc/{entry}/stat", encoding="utf-8", errors="replace") as file:
                parents[int(entry)] = int(file.read().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            pass
    found = [pid]
    for one in found:
        found += [child for child, parent in parents.items() if parent == one]
    return found


def explain_wrong(nowake, thread):
    """Does `nowake explain` name the functions of this stack, in this order?"""
    done = subprocess.run([nowake, "explain", str(thread.tid)], capture_output=True, text=True,
                          timeout=60, check=False)
    at = 0
    for frame in thread.record["stack"]:
        name = (frame["function"] or "").split("(")[0].split("<")[0]
        at = done.stdout.find(name, at)
        if at < 0:
            return f"explain {thread.tid} does not show {name}:\n{done.stdout}{done.stderr}"
        at += len(name)
    return None


def judge(nowake, server):
    """(what is wrong with the server's stacks or None, how many threads were compared)"""
    pids = offspring(server.process.pid)
    before = look.counts(pids)
    found = look.report(nowake, *(word for pid in pids for word in ("-p", str(pid))))
    threads = [thread for thread in look.threads_of(found or {"findings": []})
               if thread.pid in pids]
    by_pid = {pid: [thread for thread in threads if thread.pid == pid] for pid in pids}
    look.compare_all([(pid, mine, marker.Marker(), None) for pid, mine in by_pid.items() if mine],
                     before)
    still = [thread for thread in threads if not thread.moved]
    for thread in still:
        if thread.wrong:
            return thread.wrong, len(still)
    if len(still) < ENOUGH:
        return f"only {len(still)} threads of {len(threads)} stood still", len(still)
    for thread in still[:EXPLAINED]:
        wrong = explain_wrong(nowake, thread)
        if wrong:
            return wrong, len(still)
    return None, len(still)


def end_all(servers):
    """Politely first; what is left below this process is killed."""
    for server in servers:
        server.process.terminate()
    deadline = time.monotonic() + 8
    while time.monotonic() < deadline and any(s.process.poll() is None for s in servers):
        time.sleep(0.1)
    for _ in range(100):
        left = offspring(os.getpid())[1:]
        for pid in left:
            try:
                os.kill(pid, 9)
            except ProcessLookupError:
                pass
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.05)


def choose_servers(tmp):
    """(the servers that this machine has, how many it lacks)"""
    have = []
    for name in SERVERS:
        lacks = verb(name, "missing", tmp, capture_output=True, text=True).stdout.split()
        if lacks:
            print(f"SKIPPED {name}: not installed: no {' '.join(lacks)}")
        else:
            have.append(name)
    return have, len(SERVERS) - len(have)


def course(nowake, verbose, tmp, servers):
    """The whole course; prints the closing line, and returns the number of failures."""
    passed = failed = 0
    choose_ports(f"{tmp}/ports")
    names, skipped = choose_servers(tmp)
    if os.environ.get("CI") == "true":
        failed, skipped = skipped, 0
    servers += [Server(name, tmp) for name in names]
    answering = [server for server in servers if server.answers()]
    time.sleep(IDLE)
    for server in servers:
        wrong, count = "it did not answer", 0
        if server in answering:
            wrong, count = judge(nowake, server)
        passed, failed = passed + (wrong is None), failed + (wrong is not None)
        if wrong:
            print(f"not ok {server.name}: {wrong}")
        elif verbose:
            print(f"ok {server.name}: {count} threads")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return failed


def main():
    words = [word for word in sys.argv[1:] if word != "-v"]
    if len(words) != 1:
        sys.exit(__doc__.splitlines()[2])
    if os.geteuid() != 0:
        sys.exit("servers.py: must be root, to start the servers as their users")
    plants.setup()
    tmp = tempfile.mkdtemp(prefix="nowake-stack.")
    os.chmod(tmp, 0o711)
    servers = []
    try:
        failed = course(os.path.abspath(words[0]), "-v" in sys.argv, tmp, servers)
    finally:
        end_all(servers)
        shutil.rmtree(tmp, ignore_errors=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
