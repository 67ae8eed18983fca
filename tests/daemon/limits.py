# SPDX-License-Identifier: GPL-2.0-only
"""limits.py - clocks that jump, and limits of the daemon: descriptors, address space, memory"""

import os
import resource
import subprocess
import time

import host
from host import must, until

FAST = ("--interval", "500ms", "--threshold", "2s")
DAY = 86400
CGROUPS = {  # of version 2, and of version 1: the files of the limit, and of the most that was used
    "/sys/fs/cgroup": ("memory.max", "memory.peak"),
    "/sys/fs/cgroup/unified": ("memory.max", "memory.peak"),
    "/sys/fs/cgroup/memory": ("memory.limit_in_bytes", "memory.max_usage_in_bytes"),
}
MEMORY = 64 << 20


def case_clock_jumps(setting):
    library = os.path.join(setting.built, "daemon/clock")
    with setting.bed() as bed, setting.daemon(*FAST, start=False) as daemon:
        daemon.prefix = ("env", f"LD_PRELOAD={library}", f"CLOCK_JUMP={daemon.path('jump')}")
        daemon.start()
        must(until(15, daemon.passes), daemon.tail)
        for seconds in (30 * DAY, -30 * DAY):
            with open(daemon.path("jump.new"), "w", encoding="utf-8") as file:
                file.write(str(seconds))
            os.rename(daemon.path("jump.new"), daemon.path("jump"))
            plant = bed.plant("stuck/mutex_cycle2")
            bed.await_all()
            wrong = host.age_wrong(daemon, plant)
            daemon.await_passes()
            jumped = daemon.metric("last_scan_timestamp_seconds") - time.time()
            name = f"{seconds // DAY:+d} days"
            setting.ok(f"{name}: the clock did jump", "" if abs(jumped - seconds) < 10 else f"by {jumped}")
            setting.ok(f"{name}: ages are right", wrong)
        setting.ok("no pass failed", "" if daemon.metric("passes_failed_total") == 0 else daemon.tail())
        setting.ok("nothing is resolved", f"{daemon.events('finding-resolved', comm=plant.group[:15])}"
                   if daemon.events("finding-resolved", pid=plant.pid) else "")


def case_time_namespace(setting):
    """A host that has slept for a day has such a difference between its clocks."""
    prefix = ("unshare", "--time", "--boottime", str(DAY), "--monotonic", str(DAY // 2))
    if subprocess.run([*prefix, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        setting.skip("other clocks", "no time namespaces here")
        return
    with setting.bed() as bed, setting.daemon(*FAST, "--window", "1s", prefix=prefix) as daemon:
        must(until(15, daemon.passes), daemon.tail)
        plant = bed.plant("stuck/mutex_cycle2")
        leak = bed.plant("daemon/leak_threads")
        bed.await_all()
        setting.ok("ages are right", host.age_wrong(daemon, plant))
        found = until(20, lambda: daemon.events("finding-opened", pid=leak.pid))
        setting.ok("a leak is found", "" if found else daemon.tail())


def case_few_descriptors(setting):
    prefix = ("bash", "-c", 'ulimit -n 64; exec "$@"', "bash")
    with setting.bed() as bed, setting.daemon(*FAST, prefix=prefix) as daemon:
        plant = bed.plant("stuck/mutex_cycle2")
        bed.await_all()
        must(until(15, lambda: daemon.passes() or not daemon.runs()) and daemon.runs(), daemon.tail)
        setting.ok("64 descriptors are enough", host.age_wrong(daemon, plant))
        setting.ok("no pass failed", "" if daemon.metric("passes_failed_total") == 0 else daemon.tail())
        peers = [host.connect(daemon.socket) for _ in range(80)]
        daemon.await_passes(3)
        setting.ok("and 80 peers: it goes on")
        for one in peers:
            one.close()
        setting.say(f"{daemon.descriptors()} descriptors")


def case_no_memory(setting):
    """malloc() fails: passes fail, are counted and said, and go on when there is memory again."""
    with setting.bed() as bed, setting.daemon(*FAST) as daemon:
        must(until(15, daemon.passes), daemon.tail)
        unlimited = resource.prlimit(daemon.pid, resource.RLIMIT_AS)
        size = int(host.read(f"/proc/{daemon.pid}/statm").split()[0]) * resource.getpagesize()
        resource.prlimit(daemon.pid, resource.RLIMIT_AS, (size + (2 << 20), unlimited[1]))
        bed.plant("daemon/crowd", 8000)
        bed.await_all()
        found = until(15, lambda: daemon.events("trouble"))
        time.sleep(2)
        said = daemon.events("trouble")
        setting.say(f"{[one['message'] for one in said]}, {daemon.metric('passes_failed_total')} passes failed")
        setting.ok("it says so and goes on", "" if found and daemon.runs() and len(said) <= 3 else daemon.tail())
        resource.prlimit(daemon.pid, resource.RLIMIT_AS, unlimited)
        plant = bed.plant("stuck/mutex_cycle2")
        bed.await_all()
        wrong = host.age_wrong(daemon, plant)
        setting.ok("it recovers", "" if daemon.events("recovered") else daemon.tail())
        setting.ok("and is right again", wrong)


def memory_cgroup():
    """A new cgroup with a memory limit, and the name of its file of the most that was used; or None."""
    for root, (limit, peak) in CGROUPS.items():
        if not os.path.exists(os.path.join(root, "cgroup.procs")):
            continue
        path = os.path.join(root, f"nowake-daemon-{os.getpid()}")
        try:
            os.mkdir(path)
            with open(os.path.join(path, limit), "w", encoding="ascii") as file:
                file.write(str(MEMORY))
            return path, peak
        except OSError:
            if os.path.isdir(path):
                os.rmdir(path)
    return None, None


def case_memory_cgroup(setting):
    path, peak = memory_cgroup()
    if not path:
        setting.skip("a memory limit of 64 MB", "no cgroup with a memory controller can be made here")
        return
    prefix = ("bash", "-c", f'echo $$ >{path}/cgroup.procs; exec "$@"', "bash")
    try:
        with setting.bed() as bed, setting.daemon(*FAST, prefix=prefix) as daemon:
            plant = bed.plant("stuck/mutex_cycle2")
            bed.plant("daemon/crowd", 5000)
            bed.await_all()
            setting.ok("64 MB are enough for 5,000 threads", host.age_wrong(daemon, plant))
            daemon.await_passes(3)
            setting.say(f"memory: {host.read(os.path.join(path, peak)).strip() or '?'} bytes at most")
    finally:
        os.rmdir(path)
