# SPDX-License-Identifier: GPL-2.0-only
"""host.py - a daemon under test, and what it says: its metrics, its log, its reports

Everything lies in one temporary directory, dies with this process (plants.tether), and is ended
by its pid. Other sessions of the host go on meanwhile: only what the planted programs do is judged.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import plants

SAMPLE = re.compile(r"^(nowake_\w+)(?:\{(.*)\})? (\S+)$")
LABEL = re.compile(r'(\w+)="((?:[^"\\]|\\.)*)"')
TIMEOUT = 20
AGE_SLACK = 1


def until(seconds, true, pause=0.1):
    """Asks until it is true; what it said last."""
    deadline = time.monotonic() + seconds
    while True:
        said = true()
        if said or time.monotonic() > deadline:
            return said
        time.sleep(pause)


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def connect(path):
    """A peer that says nothing; it may have to wait in the kernel's queue."""
    one = socket.socket(socket.AF_UNIX)
    one.setblocking(False)
    try:
        one.connect(path)
    except BlockingIOError:
        pass
    return one


class Wrong(Exception):
    """What a case found; its words go behind "not ok"."""


def must(true, words):
    if not true:
        raise Wrong(words() if callable(words) else words)


class Daemon:
    """`with Daemon(nowake, "--interval", "1s") as d`"""

    def __init__(self, nowake, *more, prefix=(), socket=None, textfile=None, start=True):
        self.tmp = tempfile.mkdtemp(prefix="nowake-daemon.")
        self.nowake, self.more, self.prefix = nowake, more, prefix
        self.socket = socket or self.path("socket")
        self.textfile = textfile or self.path("nowake.prom")
        self.log, self.process = self.path("log"), None
        self.configure()
        if start:
            self.start()

    def path(self, name):
        return os.path.join(self.tmp, name)

    def __enter__(self):
        return self

    def start(self, *more):
        command = [*self.prefix, self.nowake, "daemon", "--config", self.path("conf"), "--log", "json",
                   "--socket", self.socket, *self.more, *more]
        if "textfile" not in read(self.path("conf")):
            command += ["--textfile", self.textfile]
        with open(self.log, "ab") as log:
            # pylint: disable-next=consider-using-with,subprocess-popen-preexec-fn
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                            start_new_session=True, preexec_fn=plants.tether)

    def configure(self, *lines):
        """What its settings are from the next SIGHUP on; a textfile there is none of the command line."""
        with open(self.path("conf"), "w", encoding="utf-8") as out:
            out.write("".join(f"{line}\n" for line in lines))

    def end(self, number=signal.SIGTERM):
        """Its exit status; None if it had to be killed."""
        if self.process is None:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def __exit__(self, *_):
        self.end()
        shutil.rmtree(self.tmp, ignore_errors=True)

    @property
    def pid(self):
        return self.process.pid

    def runs(self):
        return self.process.poll() is None

    # ---- what it says ----

    def events(self, name=None, **members):
        """The lines of the log, as objects."""
        found = []
        for line in read(self.log).splitlines():
            try:
                one = json.loads(line)
            except ValueError:
                one = {"event": "garbled", "message": line}
            if (not name or one["event"] == name) and members.items() <= one.items():
                found.append(one)
        return found

    def tail(self):
        return read(self.log)[-1500:]

    def metrics(self):
        """{(name, frozenset of labels): number} of the file as it is now; {} if there is none."""
        return parse(read(self.textfile))

    def metric(self, name, **labels):
        """The sum of all samples with these labels; None if there is none."""
        values = [value for (one, has), value in self.metrics().items()
                  if one == "nowake_" + name and labels.items() <= dict(has).items()]
        return sum(values) if values else None

    def passes(self):
        return self.metric("passes_total") or 0

    def await_passes(self, more=1, seconds=30):
        """Until so many passes are over, which were not begun before."""
        goal = self.passes() + more
        must(until(seconds, lambda: self.passes() >= goal or not self.runs()) and self.runs(),
             lambda: f"no {more} more passes within {seconds} s: {self.tail()}")

    def await_event(self, name, seconds, **members):
        found = until(seconds, lambda: self.events(name, **members))
        must(found, lambda: f"no {name} {members} within {seconds} s: {self.tail()}")
        return found[0]

    def report(self, *more):
        """The findings of `nowake report` with this daemon's history."""
        command = [self.nowake, "report", "--json", "--socket", self.socket, *more]
        done = subprocess.run(command, capture_output=True, timeout=120, check=False)
        must(done.returncode == 0, f"{' '.join(command)}: {done.stderr.decode()}")
        return json.loads(done.stdout)

    def descriptors(self, seconds=4):
        """How many it keeps: a pass opens some more, and one in sixty has the kernel count costs."""
        least, over = None, time.monotonic() + seconds
        while least is None or time.monotonic() < over:
            count = len(os.listdir(f"/proc/{self.pid}/fd"))
            least = count if least is None else min(least, count)
            time.sleep(0.05)
        return least


def parse(text):
    found = {}
    for line in text.splitlines():
        match = SAMPLE.match(line)
        if match:
            labels = frozenset(LABEL.findall(match[2] or ""))
            found[match[1], labels] = float(match[3])
    return found


class Bed(plants.Bed):
    """Plants under names of their own, which are the groups that the metrics know them by."""

    def __init__(self, built):
        self.built = built

    def plant(self, source, *arguments, name=None, env=()):
        group = f"{name or os.path.basename(source)}-{os.getpid()}.{len(self.plants)}"
        copy = os.path.join(self.tmp, group)
        shutil.copy(os.path.join(self.built, source), copy)
        began = time.monotonic()
        plant = self.start("/usr/bin/env", *env, copy, *map(str, arguments))
        plant.group, plant.began, plant.stands = group, began, None
        return plant

    def await_all(self):
        super().await_all()
        for plant in self.plants:
            must(plant.ready(), f"{plant.group} {plant.words()}")
            plant.stands = plant.stands or time.monotonic()


def longest_pass(daemon):
    """Of the pass before, and of the one that is about to be published."""
    before, took = daemon.passes(), daemon.metric("pass_duration_seconds") or 0
    until(10, lambda: daemon.passes() != before)
    return max(took, daemon.metric("pass_duration_seconds") or 0)


def age_wrong(daemon, plant, seconds=15):
    """What is wrong with how long a planted deadlock is said to have been blocked, or "". It began between the
    plant's start and its "ready"; the pass that says so ended after the last look that found nothing."""
    last, over = plant.stands, time.monotonic() + seconds
    while True:
        asked = time.monotonic()
        found = daemon.events("finding-opened", pid=plant.pid)
        if found or asked > over:
            break
        last = asked
        time.sleep(0.1)
    if not found:
        return f"it is not found within {seconds} s: {daemon.tail()}"
    age, most = found[0]["blocked_seconds"], time.monotonic() - plant.began
    least = last - plant.stands - longest_pass(daemon) - AGE_SLACK
    return "" if least <= age <= most + 0.1 else f"{age:.1f} s, but it is {least:.1f} to {most:.1f} s"
