# SPDX-License-Identifier: GPL-2.0-only
"""load.py - more threads than a daemon would like: storms, crowds, and for long"""

import ctypes
import os
import statistics
import time

import host
from host import must, until

CHURN_SECONDS, CHURN_LONG = 60, 3600
BPF_ENABLE_STATS = 32
PLACES = 2000
ALONE_SECONDS = 2
SLOWER = 10  # at most, beside the daemon: both share the host with others


def threads_of(plant):
    """Of all processes of its session, as /proc says."""
    count = 0
    for entry in os.listdir("/proc"):
        try:
            if entry.isdigit() and os.getsid(int(entry)) == plant.pid:
                count += len(os.listdir(f"/proc/{entry}/task"))
        except OSError:
            pass
    return count


def make(bed, seconds, name):
    """A storm, and how many threads it made."""
    storm = bed.plant("daemon/storm", seconds, name=name)
    must(until(seconds + 20, lambda: storm.listen() and b"made" in storm.said, 0.5), storm.words)
    return storm, int(storm.said.split()[-1])


def storm_with(setting, bed, daemon, seconds, alone):
    """The storm's events, and how many of those were lost; alone: how many threads this host makes in a second
    without the daemon."""
    must(until(15, daemon.passes), daemon.tail)
    before = daemon.metrics()
    storm, made = make(bed, seconds, "storm")
    setting.say(f"{made} threads in {seconds} s, {made / seconds:.0f} a second; without the daemon {alone:.0f}")
    setting.ok("it is a storm, beside the daemon too", "" if made > alone * seconds / SLOWER else f"{made} threads")
    daemon.await_passes(2)
    after = daemon.metrics()

    def more(name, **labels):
        key = ("nowake_" + name, frozenset(labels.items()))
        return int(after.get(key, 0) - before.get(key, 0))

    lost, births = more("events_lost_total"), more("events_total", type="birth")
    setting.say(f"{births} births came in, {lost} events were lost, {len(daemon.events('events-lost'))} lines about it")
    setting.ok("the two add up", "" if births + lost >= made else f"{births} + {lost} of {made}")
    return storm, lost


def storm_at(setting, bed, daemon):
    """The same at a daemon that is not started yet, with a deadlock that is there before."""
    bed.plant("stuck/mutex_cycle2", name="early")
    _, made = make(bed, ALONE_SECONDS, "alone")
    daemon.start()
    bed.await_all()
    return storm_with(setting, bed, daemon, 60 if setting.long else 10, made / ALONE_SECONDS)


def truth(setting, bed, daemon, storm):
    """What the passes after the storm say."""
    count, real = daemon.metric("threads", group=storm.group), threads_of(storm)
    setting.ok("the threads are those of /proc", "" if count == real else f"{count}, {real} in /proc")
    late = bed.plant("stuck/mutex_cycle2", name="late")
    bed.await_all()
    for plant in (late, bed.plants[0]):
        found = until(15, lambda pid=plant.pid: daemon.events("finding-opened", pid=pid, confidence="proven"))
        setting.ok(f"the deadlock {plant.group.split('-', maxsplit=1)[0]} is found", "" if found else daemon.tail())
    stuck = daemon.metric("stuck_threads", group=bed.plants[0].group)
    setting.ok("it is still there in the metrics", "" if stuck == 2 else f"{stuck} threads")


def case_storm_small_buffer(setting):
    with setting.bed() as bed, \
            setting.daemon("--interval", "1s", "--threshold", "2s", "--buffer", "4K", start=False) as daemon:
        storm, lost = storm_at(setting, bed, daemon)
        setting.ok("loss is counted", "" if lost > 0 else "nothing was lost")
        lines = len(daemon.events("events-lost"))
        setting.ok("loss is logged, but does not flood", "" if 0 < lines <= daemon.passes() + 1 else
                   f"{lines} lines in {daemon.passes():.0f} passes")
        truth(setting, bed, daemon, storm)


def case_storm_default_buffer(setting):
    with setting.bed() as bed, setting.daemon("--interval", "1s", "--threshold", "2s", start=False) as daemon:
        storm, lost = storm_at(setting, bed, daemon)
        said = len(daemon.events("events-lost"))
        setting.ok(f"loss: {'none' if not lost else f'{lost} events, counted and logged'}",
                   "" if bool(lost) == bool(said) else f"{lost} lost, {said} lines")
        truth(setting, bed, daemon, storm)


def case_stacks_dropped(setting):
    """More places than stacks are kept for in one interval: no larger buffer would help."""
    with setting.bed() as bed, setting.daemon("--interval", "5s", "--buffer", "512K") as daemon:
        must(until(15, daemon.passes), daemon.tail)
        daemon.await_passes(1)
        bed.plant("daemon/sites", PLACES)
        bed.await_all()
        daemon.await_passes(2)
        dropped, lost = daemon.metric("stacks_dropped_total"), daemon.metric("events_lost_total")
        setting.say(f"{daemon.metric('events_total', type='stack'):.0f} stacks came, {dropped:.0f} were dropped")
        setting.ok("they are counted", "" if dropped else "none was dropped")
        setting.ok("they are no events that were lost", "" if not lost and not daemon.events("events-lost") else
                   f"{lost}: {daemon.tail()}")


def count_costs():
    """A descriptor as long as which the kernel counts what all BPF programs cost."""
    attr = ctypes.create_string_buffer(128)  # zeros: BPF_STATS_RUN_TIME
    number = {"x86_64": 321, "aarch64": 280}[os.uname().machine]
    return ctypes.CDLL(None, use_errno=True).syscall(number, BPF_ENABLE_STATS, attr, len(attr))


def case_costs(setting):
    """A sample of one interval in sixty stands for all, also where the kernel counts all the time."""
    with setting.bed() as bed, setting.daemon("--interval", "500ms", "--threshold", "2s") as daemon:
        stats = count_costs()
        must(stats >= 0, "the kernel does not count")
        bed.plant("daemon/churn")
        bed.await_all()
        daemon.await_passes(3)
        first, before = daemon.metric("probe_seconds_total"), daemon.metric("events_total", type="birth")
        daemon.await_passes(6)
        later, born = daemon.metric("probe_seconds_total"), daemon.metric("events_total", type="birth") - before
        os.close(stats)
        setting.say(f"{first} s; six passes and {born:.0f} births later {later} s")
        setting.ok("a sample is taken", "" if first else "nothing was counted")
        setting.ok("between samples nothing is added", "" if born and first == later else f"{first}, {later}; {born}")


def room_for_threads():
    def number(path):
        return int(host.read(path).split()[0])

    in_use = int(host.read("/proc/loadavg").split()[3].split("/")[1])
    return min(number("/proc/sys/kernel/pid_max"), number("/proc/sys/kernel/threads-max")) - in_use - 2000


def case_crowd(setting):
    wanted = 100000 if setting.long else 20000
    count = min(wanted, room_for_threads())
    if count < wanted:
        setting.skip(f"{wanted} threads", f"this host has room for {count} (kernel.pid_max, threads-max)")
    with setting.bed() as bed, setting.daemon("--interval", "2s", "--threshold", "2s") as daemon:
        must(until(15, daemon.passes), daemon.tail)
        empty = daemon.metric("resident_memory_bytes")
        crowd = bed.plant("daemon/crowd", count)
        must(until(60, lambda: crowd.listen(), 0.5) and crowd.ready(), crowd.words)
        stuck = bed.plant("stuck/mutex_cycle2")
        bed.await_all()
        daemon.await_passes(2, 60)
        before = daemon.descriptors()
        seen = daemon.metric("threads", group=crowd.group)
        setting.ok("all threads are seen", "" if seen == count else f"{seen} of {count}")
        daemon.await_passes(3, 60)
        after = daemon.descriptors()
        setting.ok("descriptors stay", "" if after == before else f"{before}, then {after}")
        found = until(20, lambda: daemon.events("finding-opened", pid=stuck.pid))
        setting.ok("a deadlock in a crowd is found", "" if found else daemon.tail())
        size = daemon.metric("resident_memory_bytes")
        setting.say(f"{count} threads: a pass takes {daemon.metric('pass_duration_seconds'):.2f} s, "
                    f"of which the scan {daemon.metric('scan_duration_seconds'):.3f} s; memory {size / 1e6:.1f} MB, "
                    f"{empty / 1e6:.1f} MB before: {(size - empty) / count:.0f} bytes a thread; "
                    f"{after} descriptors")


def case_soak(setting):
    seconds = CHURN_LONG if setting.long else CHURN_SECONDS
    with setting.bed() as bed, setting.daemon("--interval", "500ms", "--threshold", "2s", "--window", "2s") as daemon:
        leak = bed.plant("daemon/leak_threads", 3000 if setting.long else 100)
        stuck = bed.plant("stuck/mutex_cycle2")
        churn = bed.plant("daemon/churn")
        bed.await_all()
        must(until(15, daemon.passes), daemon.tail)
        grows(setting, daemon, seconds)
        for plant, name in ((leak, "accumulating"), (stuck, "deadlock")):
            opened = daemon.events("finding-opened", pid=plant.pid)
            right = [one["class"] for one in opened] == [name]
            setting.ok(f"the {name} is found, once", "" if right else f"{opened}")
            resolved = daemon.events("finding-resolved", pid=plant.pid)
            setting.ok(f"the {name} stays", f"{resolved}" if resolved else "")
        wrong = daemon.events("finding-opened", pid=churn.pid)
        setting.ok("churn is no finding", f"{wrong}" if wrong else "")
        setting.ok("no pass failed", "" if daemon.metric("passes_failed_total") == 0 else daemon.tail())


def grows(setting, daemon, seconds):
    """Memory and descriptors: the first third of the time is for what is cached."""
    sizes, descriptors, over = [], [], time.monotonic() + seconds
    while time.monotonic() < over:
        must(daemon.runs(), daemon.tail)
        sizes.append(daemon.metric("resident_memory_bytes") or sizes[-1])
        descriptors.append(daemon.descriptors(0.5))
    middle, last = (statistics.median(third(sizes, number)) for number in (1, 2))
    setting.say(f"memory: {middle / 1e6:.2f} MB, then {last / 1e6:.2f} MB; most {max(sizes) / 1e6:.2f} MB; "
                f"{min(descriptors)} to {max(descriptors)} descriptors; {daemon.passes():.0f} passes, "
                f"{daemon.metric('events_total', type='birth'):.0f} births, "
                f"{daemon.metric('events_lost_total'):.0f} events lost")
    setting.ok("memory is flat", "" if last <= middle * 1.1 + 1e6 else f"{middle} bytes, then {last}")
    before, after = (min(third(descriptors, number)) for number in (1, 2))
    setting.ok("descriptors stay", "" if before == after else f"{before}, then {after}")


def third(values, number):
    size = len(values) // 3
    return values[number * size:(number + 1) * size]
