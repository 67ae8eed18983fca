# SPDX-License-Identifier: GPL-2.0-only
"""live.py - the daemon writes, node_exporter serves, Prometheus scrapes: dashboard and alerts (root)

One run of the chain: a planted leak of threads and one of goroutines, a planted deadlock and a likely one,
stuck goroutines, then all gone; the daemon killed, started blind, given a storm that it must lose, and
stopped. After each step the alert that is made for it fires and the one before has resolved. Every query
of the dashboard has data while the deadlock stands, but for those of EMPTY, which say why, and in which
later step they have some.
"""

import os
import re
import shutil
import signal
import subprocess
import sys

import dashboard
import plants
import programs
import services
import static

PATIENCE = 60
LEAK_PATIENCE = 90

# (panel, query): why it is empty while a deadlock stands, and in which step it must not be
EMPTY = {
    ("Fastest growing groups", "A"): ("no group needs to grow", "leak"),
    ("Goroutines", "A"): ("that group has no Go program", "goroutines"),
    ("Stuck goroutines", "A"): ("that group has no Go program", "goroutines"),
    ("Growth", "B"): ("only while threads accumulate", "leak"),
    ("Time until the host's thread limit", "A"): ("only while threads accumulate", "leak"),
    ("Not seen", "A"): ("nowake may see all", "blind"),
}
# a name here: what is planted, the alert, and its class
GO_GROWS, GO_GROWS_ALERT = "ticker_range", "NowakeAccumulatingGoroutines"
GO_STUCK = {
    "go-stuck": ("jobs_never_closed", "NowakeStuckGoroutines", "unreachable"),
    "go-locks": ("lock_order_deferred", "NowakeGoroutineDeadlock", "deadlock"),
    "go-likely": ("unmeasured", "NowakeStuckGoroutinesLikely", "unreachable"),
}
GROWTH = {"leak": "nowake_accumulating_growth_per_second",
          "go-grows": "nowake_accumulating_goroutines_growth_per_second"}
GO_ALERTS = {GO_GROWS_ALERT, *(alert for _, alert, _ in GO_STUCK.values())}
STORM = """
import threading
for _ in range(6000):
    threading.Thread(target=int).start()
"""


class Chain:
    """The steps, in order; each says what it found to the tally."""

    def __init__(self, host, built, bed, tally):
        self.host, self.built, self.bed, self.tally = host, built, bed, tally
        self.queries = dashboard.Dashboard().queries()
        assert EMPTY.keys() <= {(query.panel, query.ref) for query in self.queries}
        self.groups, self.daemon, self.asked = {}, None, set()

    def plant(self, name, source, *arguments, env=()):
        """A plant under a name that is a group of its own on this host; whether it is there."""
        binary = os.path.join(self.built, source)
        if not os.path.exists(binary):
            return False
        self.groups[name] = f"{name}-{os.getpid()}"
        copy = os.path.join(self.bed.tmp, self.groups[name])
        shutil.copy(binary, copy)
        self.bed.start("/usr/bin/env", *env, copy, *arguments)
        return True

    def go(self, source):
        return os.path.join(self.bed.tmp, "go", source)

    def grow(self):
        """What accumulates, until the daemon says so. Prometheus runs later: it is a Go program, too, takes long
        to read, and would have every other turn."""
        self.daemon = self.host.start("--futex-events", "tracepoint", "--go-rest", "1")
        self.plant("leak", "daemon/leak_threads")
        patterns = [source for source, *_ in GO_STUCK.values() if source != "unmeasured"]
        if programs.build(self.go(""), GO_GROWS, *patterns):
            programs.unmeasured(self.go("jobs_never_closed"), self.go("unmeasured"))
            self.plant("go-grows", self.go(GO_GROWS), "leak", env=("EVERY=60ms", "REQUESTS=1000000", "GC=1"))
        self.bed.await_all()
        wanted = [f'{metric}{{group="{self.groups[name]}"' for name, metric in GROWTH.items() if name in self.groups]
        services.until(PATIENCE, lambda: all(one in static.read_if(self.host.textfile) for one in wanted))

    def fires(self, alert, seconds=PATIENCE, **labels):
        self.asked.add(alert)
        found = services.until(seconds, lambda: self.host.firing(alert, **labels))
        words = found and " ".join(found["annotations"].values())
        wrong = f"did not fire within {seconds} s" if not found else ""
        if found and ("nowake report" not in words or labels.get("group", "") not in words):
            wrong = f"its words do not help: {words}"
        self.tally.say(f"{alert} fires", wrong and f"{wrong}; {self.daemon.tail()}")

    def resolves(self, alert, seconds=PATIENCE, **labels):
        gone = services.until(seconds, lambda: not self.host.firing(alert, **labels))
        self.tally.say(f"{alert} resolves", "" if gone else f"still fires after {seconds} s")

    def silent(self, *alerts):
        found = [one for one in alerts if self.host.firing(one)]
        self.tally.say("no other alert about nowake", f"{found}" if found else "")

    def empty(self, step, group):
        """The queries that have no data now and must have some in this step."""
        for query in self.queries:
            _, when = EMPTY.get((query.panel, query.ref), ("", "deadlock"))
            text = query.fill(self.host.instance, group)
            if when == step and not self.host.query(text):
                yield f"{query.where}: {text}"

    def data(self, step, group):
        """Time for a second sample, which a rate needs."""
        services.until(PATIENCE, lambda: not list(self.empty(step, group)))
        wrong = list(self.empty(step, group))
        self.tally.say(f"all panels that must have data have some: {step}", "; ".join(wrong))

    def up(self):
        """The first file is scraped."""
        self.host.serve()
        services.until(PATIENCE, lambda: self.host.query("nowake_up") or self.daemon.process.poll() is not None)
        seen = self.host.query("nowake_up == 1")
        self.tally.say("the daemon's file reaches Prometheus", "" if seen else self.daemon.tail())
        return bool(seen)

    def file(self):
        """The file itself, as the collector and promtool see it."""
        error = self.host.query("node_textfile_scrape_error != 0")
        self.tally.say("node_exporter reads the file without an error", f"{error}" if error else "")
        text = static.read(self.host.textfile)
        self.tally.say("promtool check metrics", static.promtool("check", "metrics", text=text))
        mode = os.stat(self.host.textfile).st_mode & 0o777
        self.tally.say("the file is for all to read", "" if mode == 0o644 else f"mode {mode:o}")
        pid = re.search(r'[{,](pid|tid|comm|address|stack)="|="0x', text)
        self.tally.say("no label is a number that never ends", f"{pid}" if pid else "")

    def variables(self):
        """What Grafana would offer to choose from."""
        for name, query in dashboard.Dashboard().variables().items():
            selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", query).groups()
            selector = selector.replace("$instance", ".+")
            values = self.host.ask(f"label/{label}/values", **{"match[]": selector})
            wants = self.groups["deadlock"] if name == "group" else self.host.instance
            self.tally.say(f"variable {name}", "" if wants in values else f"{wants} is not in {values}")

    def deadlock(self):
        self.plant("deadlock", "stuck/mutex_cycle2")
        self.plant("likely", "stuck/mutex_self")
        self.bed.await_all()
        self.fires("NowakeStuckProven", group=self.groups["deadlock"], **{"class": "deadlock"})
        self.fires("NowakeStuckLikely", group=self.groups["likely"])
        self.data("deadlock", self.groups["deadlock"])
        self.variables()
        self.file()
        self.silent("NowakeDown", "NowakeAbsent", "NowakeStale", "NowakeEventsLost")

    def leak(self):
        if "leak" not in self.groups:
            self.tally.skip("the leak", "there is no tests/daemon/leak_threads")
            self.asked |= {"NowakeAccumulating", "NowakeThreadLimit"}
            return
        self.fires("NowakeAccumulating", LEAK_PATIENCE, group=self.groups["leak"])
        self.fires("NowakeThreadLimit")
        self.data("leak", self.groups["leak"])
        text = f'sum(nowake_stuck_threads{{group="{self.groups["leak"]}", class="accumulating"}})'
        first = services.until(PATIENCE, lambda: self.host.query(text))
        first = first[0]["value"][1] if first else "none"
        more = first != "none" and services.until(PATIENCE, lambda: self.host.query(f"{text} > {first}"))
        self.tally.say("the finding grows with the leak", "" if more else f"still {first} after {PATIENCE} s")

    def goroutines(self):
        if "go-grows" not in self.groups:
            self.tally.skip("goroutines", f"there is no Go {programs.VERSION}")
            self.asked |= GO_ALERTS
            return
        self.fires(GO_GROWS_ALERT, LEAK_PATIENCE, group=self.groups["go-grows"])
        for name, (source, *_) in GO_STUCK.items():
            self.plant(name, self.go(source), "leak")
        self.bed.await_all()
        for name, (_, alert, kind) in GO_STUCK.items():
            self.fires(alert, group=self.groups[name], **{"class": kind})
        self.data("goroutines", self.groups["go-stuck"])

    def gone(self):
        """The plants end, the daemon goes on."""
        self.bed.kill()
        self.resolves("NowakeStuckProven", group=self.groups["deadlock"])
        self.resolves("NowakeStuckLikely", group=self.groups["likely"])
        if "leak" in self.groups:
            self.resolves("NowakeAccumulating", group=self.groups["leak"])
            self.resolves("NowakeThreadLimit")
        if "go-grows" in self.groups:
            self.resolves(GO_GROWS_ALERT, group=self.groups["go-grows"])
            for name, (_, alert, _) in GO_STUCK.items():
                self.resolves(alert, group=self.groups[name])

    def killed(self):
        """The file stays, and must be seen to be old."""
        self.daemon.end(signal.SIGKILL)
        self.tally.say("a killed daemon leaves its file", "" if os.path.exists(self.host.textfile) else "gone")
        self.fires("NowakeStale", instance=self.host.instance)

    def storm(self):
        """Once may not be enough: a daemon that has a processor to itself may keep up."""
        subprocess.run([sys.executable, "-c", STORM], check=True, timeout=60)
        return self.host.firing("NowakeEventsLost", instance=self.host.instance)

    def blind(self):
        """Another daemon takes over, without a hook and with hardly a buffer."""
        self.daemon = self.host.start("--futex-events", "off", "--buffer", "4096")
        self.resolves("NowakeStale")
        self.fires("NowakeBlind", reason="futex_events")
        self.data("blind", "other")
        services.until(PATIENCE, self.storm)
        self.fires("NowakeEventsLost", instance=self.host.instance)

    def stopped(self):
        status = self.daemon.end()
        self.tally.say("a clean stop", "" if status == 0 else f"status {status}: {self.daemon.tail()}")
        left = os.listdir(os.path.dirname(self.host.textfile))
        self.tally.say("a clean stop removes the file", f"{left}" if left else "")
        self.fires("NowakeDown", instance=self.host.instance)
        self.fires("NowakeAbsent")
        self.resolves("NowakeBlind")


def check(nowake, built, tally):
    with plants.Bed() as bed, services.Services(nowake) as host:
        chain = Chain(host, built, bed, tally)
        chain.grow()
        if chain.up():
            for step in (chain.deadlock, chain.leak, chain.goroutines, chain.gone, chain.killed, chain.blind,
                         chain.stopped):
                step()
            left = static.alerts().keys() - chain.asked
            tally.say("every alert was seen", f"{left} is in no step" if left else "")
