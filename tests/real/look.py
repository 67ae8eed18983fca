# SPDX-License-Identifier: GPL-2.0-only
"""look.py - one look of nowake at the servers of `make check-real`, and what it must not say

    look.py look DIR PHASE HARNESS_PID NOWAKE   one report, judged; lines "ok" or "not ok" on stdout
    look.py table DIR                           all looks so far, a row for each server

DIR/roots says what runs: "server NAME PID" or "plant NAME PID SOURCE" a line. A process belongs
to the root it descends from; orphans, whose parent is now the harness (a subreaper), are known
by the variable NOWAKE_REAL of their environment.
A look is kept in DIR/looks as JSON, for the table; the report itself in DIR/PHASE.report.json.
"""
import collections
import json
import os
import re
import subprocess
import sys

THRESHOLD = 2
HARNESS, ELSEWHERE = "(this harness)", "(rest of the host)"
Root = collections.namedtuple("Root", "kind name pid source")


def read_roots(directory):
    """What run.sh has started, by name."""
    roots = {}
    with open(f"{directory}/roots") as lines:
        for line in lines:
            kind, name, pid, *source = line.split()
            roots[name] = Root(kind, name, int(pid), source[0] if source else None)
    return roots


def read_processes():
    """Parent and number of threads of every process, by pid."""
    processes = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{pid}/stat", errors="replace") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        processes[int(pid)] = (int(fields[1]), int(fields[17]))
    return processes


def marker(pid):
    """The server that an orphan was started for, or None."""
    try:
        with open(f"/proc/{pid}/environ", "rb") as environ:
            found = re.search(rb"(?:^|\0)NOWAKE_REAL=([^\0]*)", environ.read())
    except OSError:
        return None
    return found[1].decode() if found else None


def census(roots, harness):
    """Whose each process is: {pid: (name, threads)}; processes of nobody here are left out."""
    processes = read_processes()
    by_pid = {root.pid: root.name for root in roots.values()}
    owners = {}
    for pid, (_, threads) in processes.items():
        line, at = [pid], pid
        while at not in by_pid and at != harness and at in processes:
            at = processes[at][0]
            line.append(at)
        if at in by_pid:
            owners[pid] = (by_pid[at], threads)
        elif at == harness:
            top = line[-2] if len(line) > 1 else pid
            name = marker(top) if top != harness else None
            owners[pid] = (name if name in roots else HARNESS, threads)
    return owners


def run_nowake(nowake):
    """The report as an object; raises ValueError with what is wrong about it."""
    command = [nowake, "report", "--json", "--all", "--threshold", f"{THRESHOLD}s"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=90)
    words = done.stderr.decode(errors="replace").strip()
    if done.returncode != 0:
        raise ValueError(f"{' '.join(command)} ended with {done.returncode}: {words}")
    report = json.loads(done.stdout)
    if report["schema"] != 1 or report["threshold_seconds"] != THRESHOLD:
        raise ValueError("another schema or threshold than asked for")
    if words:
        print(f"      nowake says: {words}", file=sys.stderr)
    return report


def finding_pids(finding):
    """Every process that a finding names as stuck."""
    return {finding["pid"]} | {thread["pid"] for thread in finding.get("threads", [])}


def finding_text(finding):
    """One line for people."""
    return (f"{finding['class']} ({finding['confidence']}) in {finding.get('comm', '?')}"
            f"[{finding['pid']}], {finding['count']} waiting: {finding['reason']}")


def rows(report, owners):
    """Numbers and findings for each name."""
    table = {}
    for name, threads in owners.values():
        row = table.setdefault(name, collections.Counter())
        row["processes"] += 1
        row["threads"] += threads
    for thread in report["threads"]:
        name = owners.get(thread["pid"], (ELSEWHERE,))[0]
        row = table.setdefault(name, collections.Counter())
        row["blocked"] += 1
        row[thread["class"]] += 1
    findings = collections.defaultdict(list)
    for finding in report["findings"]:
        for name in {owners.get(pid, (ELSEWHERE,))[0] for pid in finding_pids(finding)}:
            findings[name].append(finding)
    return table, findings


def expectation(source):
    """The first line of a planted program: classes, confidences, number of threads (0: any)."""
    with open(source) as text:
        line = text.readline()
    classes, confidences = re.search(r"/\* expect: +(\S+) +(\S+)", line).groups()
    number = re.search(r"threads=(\d+)", line)
    return classes.split("|"), confidences.split("|"), int(number[1]) if number else 0


def complaint_of_plant(name, source, findings, owners):
    """Why what was found is not what was planted, or None."""
    classes, confidences, number = expectation(source)
    planted = f"planted: {'|'.join(classes)} ({'|'.join(confidences)}, {number} threads)"
    if not findings:
        return f"not found; {planted}"
    tids = set()
    for finding in findings:
        if finding["class"] not in classes or not {"any", finding["confidence"]} & set(confidences):
            return f"{planted}; found: {finding_text(finding)}"
        tids |= {thread["tid"] for thread in finding["threads"]
                 if owners.get(thread["pid"], (ELSEWHERE,))[0] == name}
    if number and len(tids) != number:
        return f"{planted}; found: {len(tids)} threads, {finding_text(findings[0])}"
    return None


def complaint_of_server(phase, row, findings):
    """Why a server's row is not as it must be, or None."""
    if findings:
        return "; ".join(map(finding_text, findings))
    if not row["processes"]:
        return "no process of it was there to look at"
    if not row["blocked"] and not phase.startswith("load"):
        return "no blocked thread was seen in it: the look proves nothing"
    return None


def judge(phase, roots, owners, table, findings):
    """Prints a line for each server and each planted program."""
    for name, root in roots.items():
        row = table.get(name, collections.Counter())
        if root.kind == "plant":
            complaint = complaint_of_plant(name, root.source, findings[name], owners)
        else:
            complaint = complaint_of_server(phase, row, findings[name])
        print(f"not ok {phase} {name}: {complaint}" if complaint else f"ok {phase} {name}")
    if findings[HARNESS]:
        print(f"not ok {phase} {HARNESS}: {'; '.join(map(finding_text, findings[HARNESS]))}")
    for finding in findings[ELSEWHERE][:3]:
        print(f"note {phase} elsewhere on this host: {finding_text(finding)}")
    if len(findings[ELSEWHERE]) > 3:
        print(f"note {phase} elsewhere on this host: {len(findings[ELSEWHERE]) - 3} more")


def look(directory, phase, harness, nowake):
    """One look: who is there before and after, the report between, the judgement."""
    roots = read_roots(directory)
    owners = census(roots, harness)
    try:
        report = run_nowake(nowake)
        with open(f"{directory}/{phase}.report.json", "w") as file:
            json.dump(report, file)
        owners = {**census(roots, harness), **owners}
        table, findings = rows(report, owners)
    except (ValueError, KeyError, TypeError, AttributeError, OSError,
            subprocess.TimeoutExpired) as error:
        print(f"not ok {phase} report: {type(error).__name__}: {error}".replace("\n", " / "))
        return
    scan = report["scan"]
    print(f"note {phase} {scan['threads']} threads in {scan['seconds']:.3f} s; "
          f"blind: {', '.join(map(str, scan['blind'])) or 'nothing'}")
    judge(phase, roots, owners, table, findings)
    counts = {name: len(found) for name, found in findings.items()}
    with open(f"{directory}/looks/{len(os.listdir(f'{directory}/looks')):02}.json", "w") as file:
        json.dump({"phase": phase, "table": table, "findings": counts}, file)


def read_looks(directory):
    """All looks so far, in order."""
    looks = []
    for name in sorted(os.listdir(f"{directory}/looks")):
        with open(f"{directory}/looks/{name}") as file:
            looks.append(json.load(file))
    return looks


def show_table(directory):
    """A row for each server; the numbers of threads are those of the first look."""
    looks = read_looks(directory)
    if not looks:
        print("no report could be judged")
        return
    columns = ["processes", "threads", "blocked", "idle", "unknown"]
    phases = [entry["phase"] for entry in looks]
    head = "".join(f"{word:>10}" for word in columns)
    print(f"{'server':20}{head}  findings: {' '.join(phases)}")
    for name, root in read_roots(directory).items():
        if root.kind == "plant":
            continue
        numbers = looks[0]["table"].get(name, {})
        line = "".join(f"{numbers.get(word, 0):>10}" for word in columns) + " " * 11
        for entry in looks:
            line += f" {entry['findings'].get(name, 0):>{len(entry['phase'])}}"
        print(f"{name:20}{line}")


def main(arguments):
    """Dispatch."""
    if arguments[:1] == ["look"] and len(arguments) == 5:
        look(arguments[1], arguments[2], int(arguments[3]), arguments[4])
    elif arguments[:1] == ["table"] and len(arguments) == 2:
        show_table(arguments[1])
    else:
        sys.exit(__doc__)


main(sys.argv[1:])
