# SPDX-License-Identifier: GPL-2.0-only
"""history.py - what only a daemon can know: populations that grow, and who used to wake a word"""

import os
import signal
import subprocess
import time

import host
import programs
from host import must, until

# healthy, and a word of the evidence for those that may be suspects
POPULATIONS = {"breathes": "", "at_once": "", "one_condition": "pool", "connections": "sockets", "replaced": ""}
GO_PATTERNS, GO_LEAK = ("poller", "load_rises", "http_accept"), "jobs_never_closed"
SIGNALLERS = ("falls_silent", "taken_over", "one_of_two")


def of(findings, plant):
    return [one for one in findings if one["pid"] == plant.pid]


def words(findings):
    return "; ".join(f"{one['class']} {one['confidence']}: {one['reason']} {one['evidence']}" for one in findings)


def opened(daemon, plant):
    return daemon.events("finding-opened", pid=plant.pid)


def case_accumulating(setting):
    with setting.bed() as bed:
        leak = bed.plant("daemon/leak_threads")
        healthy = {name: bed.plant("daemon/populations", name, name=name) for name in POPULATIONS}
        bed.await_all()
        with setting.daemon("--interval", "500ms", "--threshold", "2s", "--window", "1s") as daemon:
            began = time.monotonic()
            found = until(30, lambda: opened(daemon, leak))
            setting.ok("a leak is found", "" if found else f"not within 30 s: {daemon.tail()}")
            setting.say(f"found after {time.monotonic() - began:.1f} s")
            if found:
                right = found[0]["class"] == "accumulating" and "open_session" in found[0]["message"]
                setting.ok("it names the creation function", "" if right else found[0]["message"])
            # those that are healthy have had as many windows by now
            seen, began = {}, time.monotonic()
            suspects = {plant.pid for name, plant in healthy.items() if POPULATIONS[name]}
            while time.monotonic() < began + (40 if suspects - seen.keys() else 10):
                for one in daemon.report("--suspects", "--threshold", "2s")["findings"]:
                    if one["class"] == "accumulating":
                        seen.setdefault(one["pid"], []).append(one)
                time.sleep(1)
            must(daemon.runs(), daemon.tail)
            for name, plant in healthy.items():
                population(setting, name, opened(daemon, plant), seen.get(plant.pid, []))


def population(setting, name, loud, seen):
    loud += [one for one in seen if one["confidence"] != "suspect"]
    setting.ok(f"{name} is no finding", loud and f"{loud[0]}")
    if not POPULATIONS[name]:
        setting.ok(f"{name} is no suspect", words(seen[:1]))
    else:
        right = any(POPULATIONS[name] in words([one]) for one in seen)
        setting.ok(f"{name} is a suspect, and why it is no more", "" if right else f"{seen[:1]}")


def build_go(setting, out, patterns):
    """Whether these programs are there."""
    built = programs.build(out, *patterns)
    if not built:
        setting.skip("all of it", f"there is no Go {programs.VERSION}")
    return built


def case_goroutines(setting):
    with setting.bed() as bed:
        if not build_go(setting, bed.tmp, GO_PATTERNS):
            return
        # a request every 100 ms, for ten minutes; garbage is collected at first
        env = ("EVERY=100ms", "REQUESTS=6000", "GC=1")
        leak = bed.plant(os.path.join(bed.tmp, "poller"), "leak", name="leaks", env=env)
        healthy = [bed.plant(os.path.join(bed.tmp, name), "correct", name=f"good_{name}", env=env)
                   for name in GO_PATTERNS]
        bed.await_all()
        with setting.daemon("--interval", "500ms", "--threshold", "2s", "--window", "1s", "--go-rest", "1") as daemon:
            began = time.monotonic()
            # of 256 of them; other Go programs of this host want their turn, too
            found = until(240, lambda: opened(daemon, leak))
            setting.ok("goroutines that accumulate are found", "" if found else f"not within 240 s: {daemon.tail()}")
            setting.say(f"found after {time.monotonic() - began:.1f} s")
            if found:
                goroutines(setting, daemon, leak, found[0])
            time.sleep(max(0.0, began + 60 - time.monotonic()))
            findings = daemon.report("--threshold", "2s")["findings"]
            for plant in healthy:
                loud = opened(daemon, plant) or of(findings, plant)
                setting.ok(f"{plant.group.split('-')[0]} is no finding", loud and f"{loud[0]}")


def goroutines(setting, daemon, leak, found):
    right = (found["class"], found["confidence"]) == ("accumulating", "likely") and "in main.leak" in found["message"]
    setting.ok("likely, and it names the function that makes them", "" if right else f"{found}")
    count = until(10, lambda: daemon.metric("stuck_goroutines", group=leak.group, **{"class": "accumulating"}))
    setting.ok("the metrics count them", "" if count and count >= 8 else f"{count}")
    growth = daemon.metric("accumulating_goroutines_growth_per_second", group=leak.group) or 0
    # some of them may move at every look of a window
    setting.ok("and say how fast", "" if 3 < growth < 15 else f"{growth} a second")
    seen = of(daemon.report("--threshold", "2s", "-p", str(leak.pid))["findings"], leak)
    right = len(seen) == 1 and seen[0]["count"] >= count and seen[0]["goroutines"] and "main.poll" in seen[0]["place"]
    setting.ok("a report shows some of them", "" if right else f"{seen}")
    if right:
        one = f"{leak.pid}:{seen[0]['goroutines'][0]['id']}"
        done = subprocess.run([setting.nowake, "explain", "--socket", daemon.socket, one],
                              capture_output=True, text=True, timeout=60, check=False)
        setting.ok("explain tells of one", "" if "accumulating (likely)" in done.stdout else done.stdout + done.stderr)


def case_goroutines_exec(setting):
    """What was read of a program is not told of the one that its process runs next."""
    with setting.bed() as bed:
        if not build_go(setting, bed.tmp, (GO_LEAK,)):
            return
        with setting.daemon("--interval", "500ms", "--threshold", "1s", start=False) as daemon:
            daemon.configure("go-rest = 1")
            daemon.start()
            leak = bed.plant(os.path.join(bed.tmp, GO_LEAK), "leak", name="becomes")
            bed.await_all()
            # other Go programs of this host have their turn, too
            found = until(60, lambda: opened(daemon, leak))
            must(found, lambda: f"its goroutines are not found within 60 s: {daemon.tail()}")
            # one more is read, and then none for hours: what is said of it from then on was read before
            daemon.configure("go-rest = 999999")
            daemon.process.send_signal(signal.SIGHUP)
            daemon.await_event("reloaded", 10)
            daemon.await_passes(4)
            stays = not daemon.events("finding-resolved", pid=leak.pid)
            setting.ok("its goroutines stay", "" if stays else daemon.tail())
            os.kill(leak.pid, signal.SIGUSR1)
            began = time.monotonic()
            resolved = until(30, lambda: daemon.events("finding-resolved", pid=leak.pid))
            setting.ok("not once it is another program", "" if resolved else f"{of(daemon.report()['findings'], leak)}")
            setting.say(f"resolved after {time.monotonic() - began:.1f} s: {resolved and resolved[0]['message']}")
            words = host.read(f"/proc/{leak.pid}/cmdline").split("\0")
            setting.ok("which it is", "" if "correct" in words else f"{words}")


def case_wakes(setting):
    with setting.bed() as bed, \
            setting.daemon("--interval", "500ms", "--threshold", "1s", "--futex-events", "tracepoint") as daemon:
        until(10, daemon.passes)
        dies = bed.plant("daemon/signallers", "dies", 10, name="dies")
        healthy = {name: bed.plant("daemon/signallers", name, 10, name=name) for name in SIGNALLERS}
        bed.await_all()
        began = time.monotonic()
        # likely after a silence of thirty thresholds
        found = until(70, lambda: opened(daemon, dies))
        setting.ok("the only signaller ended", "" if found else f"not found within 70 s: {daemon.tail()}")
        if found:
            setting.say(f"found after {time.monotonic() - began:.1f} s: {found[0]['message']}")
            right = (found[0]["class"], found[0]["confidence"]) == ("orphaned", "likely")
            setting.ok("it is orphaned, likely", "" if right else f"{found[0]}")
            right = "the only thread that ever did it" in found[0]["message"]
            setting.ok("the reason names the signaller", "" if right else found[0]["message"])
        time.sleep(max(0.0, began + 20 - time.monotonic()))
        findings = daemon.report("--threshold", "1s")["findings"]
        for name, plant in healthy.items():
            loud = opened(daemon, plant) or of(findings, plant)
            setting.ok(f"{name} is no finding", loud and f"{loud[0]}")
        explain(setting, daemon, dies)


def explain(setting, daemon, plant):
    """The thread that waits is the only one beside the first."""
    tid = max(int(one) for one in os.listdir(f"/proc/{plant.pid}/task"))
    done = subprocess.run([setting.nowake, "explain", "--socket", daemon.socket, str(tid)],
                          capture_output=True, text=True, timeout=60, check=False)
    line = [one.strip() for one in done.stdout.splitlines() if one.strip().startswith("wakes")]
    setting.ok("explain says who woke it", "" if line else done.stdout + done.stderr)
    setting.say(f"{line}")


def case_stitched(setting):
    with setting.bed() as bed, \
            setting.daemon("--interval", "500ms", "--threshold", "4s", "--futex-events", "tracepoint") as daemon:
        plant = bed.plant("daemon/interrupted", 300)
        bed.await_all()
        began = time.monotonic()
        found = until(25, lambda: opened(daemon, plant))
        setting.ok("a deadlock under signals is found", "" if found else f"not within 25 s: {daemon.tail()}")
        if found:
            took, age = time.monotonic() - began, found[0]["blocked_seconds"]
            setting.say(f"found after {took:.1f} s: blocked for {age:.1f} s")
            setting.ok("its age is that of all its waits", "" if 4 <= age <= took + 1 else f"{age} s after {took} s")
