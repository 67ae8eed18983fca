# SPDX-License-Identifier: GPL-2.0-only
"""services.py - nowake daemon, node_exporter and Prometheus on loopback, and how to ask the latter

All that is started dies with this process (plants.tether) and is ended by its pid; every file lies
in one temporary directory.
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
import urllib.error
import urllib.parse
import urllib.request

import plants
import static

TRIES, UP_SECONDS = 3, 60
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))
CONFIG = """
global: {{ scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s }}
rule_files: [ alerts.yml ]
scrape_configs:
  - job_name: node
    static_configs: [ {{ targets: [ "{instance}" ] }} ]
"""


def until(seconds, true):
    """Asks until it is true; what it said last."""
    deadline = time.monotonic() + seconds
    while True:
        said = true()
        if said or time.monotonic() > deadline:
            return said
        time.sleep(0.25)


def free_ports(count):
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [one.getsockname()[1] for one in held]
    for one in held:
        one.close()
    return ports


class Service:
    """A process whose output is in a file."""

    def __init__(self, command, log):
        with open(log, "ab") as file:
            # pylint: disable-next=consider-using-with,subprocess-popen-preexec-fn
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file,
                                            stderr=subprocess.STDOUT, start_new_session=True,
                                            preexec_fn=plants.tether)
        self.log = log

    def end(self, number=signal.SIGTERM, seconds=20):
        """Its exit status; None if it had to be killed."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            return None

    def tail(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()[-1500:]


class Services:
    """`with Services(nowake) as host`: serve() starts a Prometheus that scrapes, and start() the daemon."""

    def __init__(self, nowake):
        self.nowake, self.running = nowake, []

    def __enter__(self):
        self.tmp = tempfile.mkdtemp(prefix="nowake-prom.")
        os.mkdir(self.path("textfile"))
        self.textfile = self.path("textfile/nowake.prom")
        static.write(self.path("alerts.yml"),
                     re.sub(r"^( +for:) .*$", r"\1 2s", static.read(static.ALERTS), flags=re.M))
        static.write(self.path("nowake.conf"), "")
        return self

    def serve(self):
        """Has node_exporter and Prometheus run: until they have a port somebody else may take it."""
        for _ in range(TRIES):
            both = self.attempt()

            def ended(both=both):
                return any(one.process.poll() is not None for one in both)

            if until(UP_SECONDS, lambda: self.query("up == 1") or ended()) and not ended():
                return
            for one in both:
                one.end()
        raise RuntimeError(f"they do not come up: {[one.tail() for one in both]}")

    def attempt(self):
        exporter, self.port = free_ports(2)
        self.instance = f"127.0.0.1:{exporter}"
        static.write(self.path("prometheus.yml"), CONFIG.format(instance=self.instance))
        return (self.run("exporter", "prometheus-node-exporter", "--collector.disable-defaults",
                         "--collector.textfile", f"--collector.textfile.directory={self.path('textfile')}",
                         f"--web.listen-address={self.instance}"),
                self.run("prometheus", "prometheus", f"--config.file={self.path('prometheus.yml')}",
                         f"--storage.tsdb.path={self.path('data')}",
                         f"--web.listen-address=127.0.0.1:{self.port}"))

    def __exit__(self, *_):
        for service in reversed(self.running):
            service.end()
        shutil.rmtree(self.tmp, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.tmp, name)

    def run(self, name, *command):
        self.running.append(Service(command, self.path(f"{name}.log")))
        return self.running[-1]

    def start(self, *more):
        """The daemon, as a host would run it but faster."""
        return self.run("nowake", self.nowake, "daemon", "--config", self.path("nowake.conf"),
                        "--textfile", self.textfile, "--socket", "none", "--interval", "1s",
                        "--threshold", "2s", "--window", "2s", *more)

    def ask(self, what, **arguments):
        """Data of an answer of Prometheus' API; None where it does not answer yet."""
        url = f"http://127.0.0.1:{self.port}/api/v1/{what}?{urllib.parse.urlencode(arguments)}"
        try:
            with DIRECT.open(url, timeout=10) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as error:
            if error.code == 503:  # it has just started
                return None
            raise RuntimeError(f"{what} {arguments}: {error.read().decode()}") from error
        except OSError:
            return None

    def query(self, text):
        data = self.ask("query", query=text)
        return data["result"] if data else []

    def firing(self, alert, **labels):
        """The labels and annotations of an alert that fires and has these labels, or None."""
        for one in (self.ask("alerts") or {"alerts": []})["alerts"]:
            if one["state"] == "firing" and one["labels"]["alertname"] == alert and \
                    labels.items() <= one["labels"].items():
                return one
        return None
