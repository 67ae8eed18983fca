#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-only
"""check.py - the unit file: is it right and tight, and does the daemon do its work with no more than it gives?

usage: check.py NOWAKE BUILT_TESTS
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

UNIT = "user/nowake.service"
FAILED_START = 10  # seconds that a start which fails may take
EXPOSURE = 24  # tenths, of `systemd-analyze security`: may fall, not rise
HERE = os.path.dirname(os.path.abspath(__file__))


class Tally:
    def __init__(self):
        self.passed = self.failed = 0

    def say(self, what, right, detail=""):
        self.passed, self.failed = self.passed + bool(right), self.failed + (not right)
        print(f"ok {what}" if right else f"not ok {what}: {detail}", flush=True)


def wait(what, seconds=30):
    """What it returns, as soon as that is true."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if got := what():
            return got
        time.sleep(0.1)
    return what()


def run(*command):
    return subprocess.run(command, check=False, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def check_files(directory, tally):
    installed = f"{directory}/usr/lib/systemd/system/nowake.service"
    out = run("make", "-s", "install", f"DESTDIR={directory}", "PREFIX=/usr")
    tally.say("make install", out.returncode == 0 and os.path.exists(installed), out.stdout)
    text = open(installed, encoding="utf-8").read()
    tally.say("the path of the program", "\nExecStart=/usr/bin/nowake daemon\n" in text, text)
    tally.say("the sample", os.path.exists(f"{directory}/usr/share/doc/nowake/nowake.conf"))
    local = f"{directory}/nowake.service"
    with open(local, "w", encoding="utf-8") as out:
        out.write(text.replace("/usr/bin/nowake", f"{directory}/usr/bin/nowake"))
    out = run("systemd-analyze", "verify", "--man=no", local)
    tally.say("systemd-analyze verify", out.returncode == 0 and not out.stdout, out.stdout)
    out = run("systemd-analyze", "security", "--no-pager", "--offline=true", f"--threshold={EXPOSURE}", local)
    tally.say("systemd-analyze security", out.returncode == 0, out.stdout)
    print(out.stdout.strip().splitlines()[-1])
    check_limit(text, tally)


def setting(text, name):
    return next(line.partition("=")[2] for line in text.splitlines() if line.startswith(name + "="))


def seconds(text):
    return int(re.search(r"s: (\d+)", run("systemd-analyze", "timespan", text).stdout)[1]) / 1e6


def check_limit(text, tally):
    """With systemd's own limit, five in ten seconds, who rests for five is started for ever."""
    rest, interval = seconds(setting(text, "RestartSec")), seconds(setting(text, "StartLimitIntervalSec"))
    all_of_them = int(setting(text, "StartLimitBurst")) * (rest + FAILED_START)
    tally.say("starts that fail come to an end", all_of_them < interval, f"{all_of_them} s, but {interval} s count")


class Daemon:
    """One that runs, and plays the service manager for it."""

    def __init__(self, nowake, directory, confined):
        self.directory, self.log, self.said = directory, f"{directory}/log", []
        self.conf, self.prom, self.socket = (f"{directory}/{name}" for name in ("conf", "x.prom", "socket"))
        self.manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.manager.bind(f"{directory}/notify")
        self.manager.setblocking(False)
        self.configure("interval = 1s")
        fd = os.open(nowake, os.O_RDONLY)
        arguments = ["daemon", "--config", self.conf, "--log", "json", "--threshold", "2s", "--socket", self.socket]
        command = [f"/proc/self/fd/{fd}", *arguments]
        if confined:
            command = ["unshare", "--mount", "--net", "--propagation", "private", "/usr/bin/python3",
                       f"{HERE}/confine.py", os.path.abspath(UNIT), directory, str(fd), *arguments]
        environment = {"PATH": os.environ["PATH"] + ":/usr/sbin", "NOTIFY_SOCKET": f"{directory}/notify",
                       "WATCHDOG_USEC": "2000000"}
        with open(self.log, "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(command, stderr=log, pass_fds=[fd], env=environment)
        os.close(fd)

    def configure(self, *lines):
        with open(self.conf, "w", encoding="utf-8") as out:
            out.write("\n".join((*lines, f"textfile = {self.prom}", "")))

    def notified(self, word):
        try:
            while True:
                self.said += self.manager.recv(4096).decode().split("\n")
        except BlockingIOError:
            return self.said.count(word)

    def events(self):
        lines = open(self.log, encoding="utf-8").read().splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]

    def event(self, name, **members):
        return [e for e in self.events() if e["event"] == name and all(e.get(k) == v for k, v in members.items())]

    def status(self):
        lines = open(f"/proc/{self.process.pid}/status", encoding="utf-8").read().splitlines()
        return dict(line.split(":\t", 1) for line in lines if ":\t" in line)

    def metrics(self):
        try:
            return open(self.prom, encoding="utf-8").read()
        except FileNotFoundError:
            return ""

    def ask(self, request):
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as s:
            s.connect(self.socket)
            s.sendall(request + b"\n")
            return s.makefile().read().partition("\n")[2]

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


def mask(unit):
    """The capabilities of the unit, as /proc/PID/status has them."""
    numbers = {"DAC_READ_SEARCH": 2, "KILL": 5, "SETGID": 6, "SETUID": 7, "SETPCAP": 8, "SYS_CHROOT": 18,
               "SYS_PTRACE": 19, "SYS_ADMIN": 21, "PERFMON": 38, "BPF": 39}
    words = [w for line in open(unit, encoding="utf-8") if line.startswith("CapabilityBoundingSet=")
             for w in line.strip().partition("=")[2].split()]
    return f"{sum(1 << numbers[word.removeprefix('CAP_')] for word in words):016x}"


def check_privileges(daemon, tally):
    status, wanted = daemon.status(), mask(UNIT)
    got = {key: status[key] for key in ("CapPrm", "CapEff", "CapBnd")}
    tally.say("only the unit's capabilities", set(got.values()) == {wanted}, f"{got}, not {wanted}")
    none = {key: status[key] for key in ("CapInh", "CapAmb")}
    tally.say("none for programs it starts", set(none.values()) == {"0" * 16}, none)
    tally.say("no new privileges", status["NoNewPrivs"] == "1", status["NoNewPrivs"])


def check_findings(daemon, nowake, plants, tally):
    cycle, alone = plants
    found = wait(lambda: daemon.event("finding-opened", pid=cycle.pid))
    tally.say("the log has the deadlock", found and found[0]["class"] == "deadlock", daemon.events()[-5:])
    top = wait(lambda: daemon.event("finding-opened", pid=alone.pid)) and json.loads(daemon.ask(b"top"))
    mine = top and [f["place"] for f in top["findings"] if f["pid"] == alone.pid]
    tally.say("a place in the code", mine == ["twice"], mine)
    report = [nowake, "report", "--json", "--threshold", "2s", "--socket", daemon.socket, "-p", str(cycle.pid)]
    # a daemon in the midst of a long pass answers too late: then report says so, and goes on without it
    out = wait(lambda: not (got := subprocess.run(report, check=False, capture_output=True, text=True)).stderr and got)
    right = out and out.returncode == 0 and json.loads(out.stdout)["findings"]
    tally.say("report asks the daemon", right and right[0]["class"] == "deadlock", out)
    wrong = [e for e in daemon.events() if e["event"] in ("trouble", "failed")
             or (e["event"] == "blind" and str(cycle.pid) in e["message"])]
    tally.say("nothing is missing", not wrong, wrong)


def check_reload(daemon, tally):
    text = wait(daemon.metrics)
    tally.say("metrics", text and "nowake_interval_seconds 1\n" in text, text)
    daemon.configure("interval = 0.5s", "buffer = 4K", "group-by = x-{exe}")
    daemon.process.send_signal(signal.SIGHUP)
    said = wait(lambda: daemon.event("reloaded"))
    tally.say("SIGHUP", said and "only a restart changes: buffer" in said[0]["message"], daemon.events()[-3:])
    tally.say("RELOADING=1, READY=1", wait(lambda: daemon.notified("RELOADING=1") == 1
              and daemon.notified("READY=1") == 2), daemon.said)
    text = wait(lambda: 'group="x-' in daemon.metrics()) and daemon.metrics()
    tally.say("the new settings count", text and "nowake_interval_seconds 0.5\n" in text, text)
    daemon.configure("interval = never")
    daemon.process.send_signal(signal.SIGHUP)
    said = wait(lambda: daemon.event("reload-failed"))
    tally.say("a mistake changes nothing", said and ":1: interval" in said[0]["message"], daemon.events()[-3:])


def check_end(daemon, tally):
    told = [word for word in daemon.said if word.startswith("STATUS=findings: ")]
    tally.say("STATUS= once a pass", len(told) > 3 and "the last pass took" in told[-1], daemon.said)
    tally.say("WATCHDOG=1", wait(lambda: daemon.notified("WATCHDOG=1") > 3), daemon.said)
    status = daemon.end()
    tally.say("SIGTERM", status == 0, status)
    tally.say("STOPPING=1", daemon.notified("STOPPING=1") == 1, daemon.said)
    left = [path for path in (daemon.prom, daemon.socket) if os.path.exists(path)]
    tally.say("nothing is left", not left, left)


def check_run(nowake, built, directory, tally, confined):
    programs = [shutil.copy(f"{built}/stuck/{name}", directory) for name in ("mutex_cycle2", "mutex_self")]
    own = tempfile.mkdtemp(prefix="nowake-check-", dir="/run")
    plants = [subprocess.Popen([program], stdout=subprocess.DEVNULL) for program in programs]
    daemon = Daemon(nowake, own, confined)
    try:
        ready = wait(lambda: daemon.notified("READY=1") or daemon.process.poll() is not None, 60)
        tally.say("READY=1", ready and daemon.process.poll() is None,
                  (daemon.process.poll(), open(daemon.log, encoding="utf-8").read()))
        if daemon.process.poll() is None:
            check_privileges(daemon, tally)
            check_findings(daemon, nowake, plants, tally)
            check_reload(daemon, tally)
            check_end(daemon, tally)
    finally:
        daemon.end()
        for plant in plants:
            plant.kill()
            plant.wait()
        shutil.rmtree(own)


def main():
    nowake, built = (os.path.abspath(path) for path in sys.argv[1:])
    tally = Tally()
    with tempfile.TemporaryDirectory(prefix="nowake-check-", dir="/tmp") as directory:
        check_files(directory, tally)
        for confined in (True, False):
            print("as the unit has it:" if confined else "with all that root may:")
            check_run(nowake, built, directory, tally, confined)
    print(f"{tally.passed} passed, {tally.failed} failed")
    return tally.failed > 0


if __name__ == "__main__":
    sys.exit(main())
