# SPDX-License-Identifier: GPL-2.0-only
"""plants.py - starts planted programs, and leaves nothing of them behind

Every program is a session of its own, dies with this process (PR_SET_PDEATHSIG), or by an alarm;
what its processes leave is reaped here, as their subreaper.
"""

import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time

LIBC = ctypes.CDLL(None)
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
LIFETIME = int(os.environ.get("PLANT_LIFETIME", "900"))  # plant.h reads it, too
PATIENCE = 15
SKIP_STATUS = 77


def setup():
    """Before the first plant; a polite end then runs the `finally` of whoever started some."""
    LIBC.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: exit(1))


def tether():
    LIBC.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    signal.alarm(LIFETIME)


def session_of(pid):
    try:
        return os.getsid(pid)
    except (OSError, OverflowError):
        return None


def processes():
    """{session: [pid, ...]} of this host."""
    found = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            found.setdefault(session_of(int(entry)), []).append(int(entry))
    return found


class Plant:
    """A program that runs, and what it has said: "ready", or why not."""

    def __init__(self, command, tmp):
        env = dict(os.environ, PLANT_RUNNER=str(os.getpid()), PLANT_TMP=tmp)
        self.said = b""
        # pylint: disable-next=consider-using-with,subprocess-popen-preexec-fn
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, env=env,
                                        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                        start_new_session=True, preexec_fn=tether)
        os.set_blocking(self.process.stdout.fileno(), False)
        self.pid = self.process.pid

    def listen(self):
        self.said += self.process.stdout.read() or b""
        return b"\n" in self.said or self.process.poll() is not None

    def ready(self):
        return self.said.split(b"\n", 1)[0] == b"ready" and self.process.poll() is None

    def skipped(self):
        return self.process.poll() == SKIP_STATUS

    def words(self):
        text = self.said.decode(errors="replace").strip()
        return f"did not get ready, ended with {self.process.poll()}, said {text!r}"


class Bed:
    """A batch of plants: `with Bed() as bed`."""

    def __enter__(self):
        self.tmp = tempfile.mkdtemp(prefix="nowake-stack.")
        self.plants = []
        return self

    def start(self, *command):
        self.plants.append(Plant(command, self.tmp))
        return self.plants[-1]

    def await_all(self):
        deadline = time.monotonic() + PATIENCE
        while not all([plant.listen() for plant in self.plants]):
            if time.monotonic() > deadline:
                break
            time.sleep(0.02)

    def kill(self):
        """Kills all processes of the sessions. Returns their numbers."""
        found, pids = processes(), []
        for plant in self.plants:
            pids += found.get(plant.pid, [])
        for pid in pids:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                pass
        return pids

    def reap(self):
        for plant in self.plants:
            plant.process.poll()
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            pass

    def __exit__(self, *_):
        seen = set()
        for _ in range(500):
            pids = self.kill()
            seen.update(pids)
            self.reap()
            if not pids:
                break
            time.sleep(0.01)
        for pid in seen:
            try:
                os.unlink(f"/tmp/perf-{pid}.map")
            except FileNotFoundError:
                pass
        for plant in self.plants:
            plant.process.stdout.close()
        shutil.rmtree(self.tmp, ignore_errors=True)
