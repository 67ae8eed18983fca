# SPDX-License-Identifier: GPL-2.0-only
"""service.py - the daemon as a service: killed and started again, its file, its socket"""

import os
import signal
import socket
import subprocess
import threading
import time

import host
from host import must, until

FAST = ("--interval", "500ms", "--threshold", "2s")
IDLE_PEERS = 100


def case_restart(setting):
    with setting.bed() as bed, setting.daemon(*FAST) as daemon:
        plant = bed.plant("stuck/mutex_cycle2")
        bed.await_all()
        daemon.await_event("finding-opened", host.TIMEOUT, pid=plant.pid)
        refused(setting, daemon)
        daemon.end(signal.SIGKILL)
        setting.ok("a killed daemon leaves its socket and its file",
                   "" if os.path.exists(daemon.socket) and os.path.exists(daemon.textfile) else "they are gone")
        os.truncate(daemon.log, 0)
        with open(daemon.path(f".nowake.prom.nowake-{daemon.pid}"), "w", encoding="utf-8"):
            pass
        started = time.monotonic()
        daemon.start()
        wrong = host.age_wrong(daemon, plant)
        setting.say(f"found again after {time.monotonic() - started:.1f} s")
        setting.ok("the next one finds it again, and blocked_seconds go on", wrong)
        daemon.await_passes()
        findings = [one for one in daemon.report("--threshold", "2s")["findings"] if one["pid"] == plant.pid]
        setting.ok("its socket answers", "" if findings else "report does not find the deadlock")
        left = [one for one in os.listdir(daemon.tmp) if one.startswith(".nowake")]
        setting.ok("what the killed one left is removed", f"{left}" if left else "")
        status = daemon.end()
        setting.ok("a clean stop", "" if status == 0 else f"status {status}: {daemon.tail()}")
        left = [one for one in ("socket", "nowake.prom") if os.path.exists(daemon.path(one))]
        setting.ok("it removes its socket and its file", f"{left}" if left else "")


def refused(setting, daemon):
    with setting.daemon(*FAST, socket=daemon.socket) as second:
        status = None
        try:
            status = second.process.wait(host.TIMEOUT)
        except subprocess.TimeoutExpired:
            pass
        clear = second.events("failed") and "another nowake daemon listens" in second.events("failed")[0]["message"]
        setting.ok("a second daemon is refused", "" if status == 3 and clear else f"{status}: {second.tail()}")
    daemon.await_passes()
    setting.ok("the first keeps its socket", "" if os.path.exists(daemon.socket) else "it is gone")


class Watcher(threading.Thread):
    """Reads the file all the time: it must be whole each time, or not there."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.path, self.torn, self.read, self.over = path, 0, 0, False

    def run(self):
        while not self.over:
            text = host.read(self.path)
            if text or os.path.exists(self.path) and os.path.getsize(self.path) == 0:
                self.read += 1
                self.torn += not (text.startswith("# HELP nowake_up") and text.endswith("\n")
                                  and "nowake_resident_memory_bytes " in text and "nowake_stuck_threads" in text)
            time.sleep(0.002)


def trouble(setting, daemon, name, break_it, seconds=20):
    """One line when it begins, although passes go on, and nothing half written."""
    before = len(daemon.events("trouble", what="textfile"))
    break_it()
    found = until(seconds, lambda: daemon.events("trouble", what="textfile")[before:])
    time.sleep(2)
    count = len(daemon.events("trouble", what="textfile")) - before
    setting.ok(f"{name}: said once", "" if found and count == 1 and daemon.runs() else
               f"{count} times: {daemon.tail()}")
    setting.say(found[0]["message"] if found else "nothing")


def recovers(setting, daemon, name, mend, seconds=20):
    before = len(daemon.events("recovered", what="textfile"))
    mend()
    fresh = until(seconds, lambda: daemon.events("recovered", what="textfile")[before:])
    there = until(seconds, lambda: os.path.exists(daemon.textfile))
    setting.ok(f"{name}: recovers", "" if fresh and there else daemon.tail())


def mount(path, *options):
    subprocess.run(["mount", *options, path], check=True)


def case_textfile(setting):
    with setting.daemon(*FAST, start=False) as daemon:
        where = daemon.path("textfile")
        os.mkdir(where)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "size=128k", "nowake-daemon", where], check=True)
        try:
            daemon.textfile = os.path.join(where, "metrics/nowake.prom")
            os.mkdir(os.path.dirname(daemon.textfile))
            daemon.start()
            must(until(15, daemon.passes), daemon.tail)
            watcher = Watcher(daemon.textfile)
            watcher.start()
            spoil(setting, daemon, where)
            watcher.over = True
            watcher.join()
            setting.ok("the file is never half written", "" if watcher.read > 100 and not watcher.torn else
                       f"{watcher.torn} of {watcher.read} times")
            status = daemon.end()
            left = os.listdir(os.path.dirname(daemon.textfile))
            setting.ok("a clean stop removes it", f"{status} {left}" if status or left else "")
        finally:
            daemon.end()
            subprocess.run(["umount", where], check=False)


def fill(path):
    try:
        with open(path, "wb", buffering=0) as file:
            while file.write(b"x" * 4096):
                pass
    except OSError:
        pass


def spoil(setting, daemon, where):
    metrics = os.path.dirname(daemon.textfile)
    trouble(setting, daemon, "directory gone", lambda: os.rename(metrics, metrics + ".gone"))
    recovers(setting, daemon, "directory gone", lambda: os.mkdir(metrics))

    trouble(setting, daemon, "read-only", lambda: mount(where, "-o", "remount,ro"))
    recovers(setting, daemon, "read-only", lambda: mount(where, "-o", "remount,rw"))

    before = host.read(daemon.textfile)
    filler = os.path.join(where, "filler")
    trouble(setting, daemon, "disk full", lambda: fill(filler))
    left = [one for one in os.listdir(metrics) if one.startswith(".")]
    setting.ok("disk full: no part of a file is left", f"{left}" if left else "")
    setting.ok("disk full: the old file stays", "" if before and host.read(daemon.textfile) else "it is gone")
    recovers(setting, daemon, "disk full", lambda: os.unlink(filler))


def case_reload(setting):
    """A textfile that cannot be had at a SIGHUP: the old one goes on, and the new one is tried again."""
    with setting.daemon("--threshold", "2s", start=False) as daemon:
        old, new, third = (daemon.path(name) for name in ("nowake.prom", "new.prom", "third.prom"))

        def reload(path, interval):
            daemon.configure(f"textfile = {path}", f"interval = {interval}")
            before = len(daemon.events("reloaded"))
            daemon.process.send_signal(signal.SIGHUP)
            must(until(10, lambda: len(daemon.events("reloaded")) > before), daemon.tail)

        daemon.configure(f"textfile = {old}", "interval = 1h")
        daemon.start()
        must(until(15, daemon.passes), daemon.tail)
        with open(new, "w", encoding="utf-8") as file:
            file.write("# somebody's notes\n")
        reload(new, "500ms")
        said = until(5, lambda: daemon.events("trouble", what="reload"))
        setting.ok("what is in its way is named", "" if said and new in said[0]["message"] else daemon.tail())
        daemon.await_passes(3)
        setting.ok("the old file is written, at the new interval",
                   "" if daemon.metric("interval_seconds") == 0.5 else daemon.metric("interval_seconds"))
        setting.ok("what is not nowake's stays", "" if "notes" in host.read(new) else "it is gone")
        wrong = len(daemon.events("trouble")) != 1 or daemon.events("recovered")
        setting.ok("it is said once, and not called over", daemon.tail() if wrong else "")
        os.unlink(new)
        done = until(5, lambda: "nowake_up 1" in host.read(new) and not os.path.exists(old))
        setting.ok("at the next pass it is tried again", "" if done else daemon.tail())
        setting.ok("and that said", "" if daemon.events("recovered", what="reload") else daemon.tail())
        reload(third, "500ms")
        done = until(5, lambda: "nowake_up 1" in host.read(third) and not os.path.exists(new))
        setting.ok("a new file takes the old one's place", "" if done else daemon.tail())
        status = daemon.end()
        setting.ok("a clean stop removes it", f"{status}" if status or os.path.exists(third) else "")


def garbage():
    yield b"\x00\xff\xfe" * 1000
    yield b"nothing of this kind\n"
    yield b"history" * 100000
    yield b"\n\n\n"
    yield os.urandom(4096)
    yield b"history\nhistory\nhistory\n" * 100
    yield b"top"


def send(path, data):
    with socket.socket(socket.AF_UNIX) as one:
        one.settimeout(5)
        one.connect(path)
        try:
            one.sendall(data)
        except OSError:
            pass


def case_socket(setting):
    with setting.daemon(*FAST) as daemon:
        must(until(15, daemon.passes), daemon.tail)
        count = daemon.descriptors()
        for data in list(garbage()) * 5:
            send(daemon.socket, data)
        daemon.await_passes(2)
        setting.ok("garbage: it goes on")
        peers = [host.connect(daemon.socket) for _ in range(IDLE_PEERS)]
        daemon.await_passes(3)
        setting.ok(f"{IDLE_PEERS} peers that say nothing: it goes on")
        report = until(30, lambda: answers(daemon))
        setting.ok("somebody else is answered meanwhile", "" if report else "not within 30 s")
        for one in peers:
            one.close()
        back = until(20, lambda: daemon.descriptors() <= count)
        setting.ok("no descriptor stays", "" if back else f"{daemon.descriptors()}, {count} before")


def answers(daemon):
    try:
        with socket.socket(socket.AF_UNIX) as one:
            one.settimeout(5)
            one.connect(daemon.socket)
            one.sendall(b"top\n")
            return one.recv(3) == b"ok "
    except OSError:
        return False
