# SPDX-License-Identifier: GPL-2.0-only
"""history.py - what only a daemon can know: populations that grow, and who used to wake a word"""

import os
import subprocess
import time

from host import must, until

# healthy, and a word of the evidence for those that may be suspects
POPULATIONS = {"breathes": "", "at_once": "", "one_condition": "pool", "connections": "sockets", "replaced": ""}
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
            seen = {}
            while time.monotonic() < began + 16:
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
