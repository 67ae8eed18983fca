#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only
"""record.py - makes a golden snapshot from one planted program (root).

Usage: record.py NOWAKE PLANT FILE [SECONDS]. Runs PLANT (build/tests/stuck/NAME), takes a snapshot
of the host, keeps only what belongs to the plant's processes, and writes that to FILE; with SECONDS,
after so long beside a daemon with windows of a second, whose history it has. All is ended. Run it
when the snapshot format changes, then look at what golden.sh says of it."""
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

THREADS_MAX = 20 # of a crowd that are kept


def session_members(sid):
    pids = set()
    for name in os.listdir("/proc"):
        try:
            if name.isdigit() and os.getsid(int(name)) == sid:
                pids.add(int(name))
        except ProcessLookupError:
            pass
    return pids


def belongs(record, pids, mms):
    if record.get("kind") in ("nowake-snapshot", "look", "end", "frame", "trace", "site"):
        return True
    if record.get("kind") == "blind":
        return False
    if "tid" in record:
        return record["tid"] in pids
    if "tgid" in record:
        return record["tgid"] in pids
    return record.get("mm") in mms


def renumber(records, pids):
    """Drops the sites of others, then the frames and traces of a look that nothing in it uses, and
    counts the rest anew. A birth's site, the trace of a site and those of a goroutine are numbers + 1."""
    sites = [r for r in records if r["kind"] == "site"]
    ours = [i for i, r in enumerate(sites) if r["tgid"] in pids]
    for record in records:
        if record["kind"] == "birth" and record.get("site"):
            record["site"] = ours.index(record["site"] - 1) + 1
    records = [r for r in records if r["kind"] != "site" or r["tgid"] in pids]
    stacks = [r for r in records if r["kind"] == "stack"]
    traces = [r for r in records if r["kind"] == "trace"]
    made = [(r, key) for r in records if r["kind"] in ("site", "go_wait") for key in ("trace", "created") if r.get(key)]
    kept = sorted({s.get("trace", 0) for s in stacks} | {r[key] - 1 for r, key in made})
    used = sorted({f for t in kept for f in traces[t].get("frames", [])})
    for stack in stacks:
        stack["trace"] = kept.index(stack.get("trace", 0))
    for record, key in made:
        record[key] = kept.index(record[key] - 1) + 1
    for trace in kept:
        traces[trace]["frames"] = [used.index(f) for f in traces[trace].get("frames", [])]
    frame = trace = -1
    for record in records:
        frame += record["kind"] == "frame"
        trace += record["kind"] == "trace"
        if record["kind"] == "frame" and frame not in used:
            continue
        if record["kind"] == "trace" and trace not in kept:
            continue
        yield record


def looks(records):
    """Cuts before each look."""
    look = []
    for record in records:
        if record["kind"] == "look":
            yield look
            look = []
        look.append(record)
    yield look


def keep(path, pids, out):
    with open(path, encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    threads = [r for r in records if r.get("kind") == "thread" and r["tgid"] in pids]
    everyone = pids | set(sorted({t["tid"] for t in threads})[:THREADS_MAX])
    mms = {t["mm"] for t in threads if t.get("mm")}
    kept = [r for r in records if belongs(r, everyone, mms)]
    kept = [r for look in looks(kept) for r in renumber(look, pids)]
    with open(out, "w", encoding="utf-8") as file:
        for record in kept:
            if record.get("kind") == "look":
                record["host"], record["kernel"] = "golden", "6.1.0"
            if record.get("kind") == "process" and record.get("exe"):
                record["exe"] = "/usr/bin/" + os.path.basename(record["exe"])
                record["unit"] = "golden.service"
            json.dump(record, file, separators=(",", ":"), ensure_ascii=False)
            file.write("\n")


def begin_daemon(nowake, tmp):
    with open(tmp + "/conf", "w", encoding="utf-8") as conf:
        conf.write("interval = 0.5s\nwindow = 1s\ngo-rest = 1\n")
    daemon = subprocess.Popen(
        [nowake, "daemon", "--config", tmp + "/conf", "--socket", tmp + "/socket"], stderr=subprocess.DEVNULL)
    time.sleep(1)
    return daemon


def record(nowake, plant, out, seconds, tmp):
    daemon = begin_daemon(nowake, tmp) if seconds else None
    child = subprocess.Popen([plant], stdout=subprocess.PIPE, start_new_session=True)
    try:
        if child.stdout.readline() != b"ready\n":
            sys.exit("record: the plant did not get ready")
        time.sleep(seconds or 3)
        socket = tmp + "/socket" if seconds else "none"
        subprocess.run([nowake, "snapshot", "--socket", socket, tmp + "/all"], check=True)
        keep(tmp + "/all", session_members(child.pid), out)
    finally:
        for pid in session_members(child.pid):
            os.kill(pid, signal.SIGKILL)
        child.wait()
        if daemon:
            daemon.terminate()
            daemon.wait()


def main():
    with tempfile.TemporaryDirectory() as tmp:
        record(*sys.argv[1:4], int(sys.argv[4]) if len(sys.argv) > 4 else 0, tmp)


main()
