# SPDX-License-Identifier: GPL-2.0-only
"""static.py - the dashboard and the alert rules, as files: no root, no daemon, only promtool"""

import json
import os
import re
import shutil
import subprocess
import tempfile

import dashboard

ALERTS = os.path.join(dashboard.DASHBOARDS, "alerts.yml")
TABLE = os.path.join(dashboard.TOP, "dashboards", "README.md")
EXPORT = os.path.join(dashboard.TOP, "tests", "golden", "metrics.prom")
CASES = os.path.join(dashboard.DASHBOARDS, "alerts_test.yml")


def read(path):
    with open(path, encoding="utf-8") as file:
        return file.read()


def read_if(path):
    """Empty if it is not there."""
    return read(path) if os.path.exists(path) else ""


def write(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def promtool(*words, text=None):
    """What promtool objects to; empty if it is content."""
    done = subprocess.run(["promtool", *words], input=text, capture_output=True, text=True, timeout=60,
                          check=False)
    return "" if done.returncode == 0 else (done.stdout + done.stderr).strip() or "promtool failed"


def alerts():
    """{name: its text in alerts.yml}"""
    parts = re.split(r"^ +- alert: (\w+)\n", read(ALERTS), flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def mutant(name, expression):
    """alerts.yml with another expression for one alert."""
    head, tail = re.split(rf"(?<=- alert: {name}\n)", read(ALERTS))
    tail = re.sub(r"^( +expr: ).*?(?=^ +(for|labels):)", rf"\g<1>{expression}\n", tail, count=1,
                  flags=re.M | re.S)
    return head + tail


def mutants_wrong():
    """Alerts whose cases would not see that they never fire, or always."""
    with tempfile.TemporaryDirectory(prefix="nowake-prom.") as tmp:
        shutil.copy(CASES, tmp)
        for name in alerts():
            for word, expression in (("never", "vector(1) < 0"), ("always", "vector(1)")):
                text = mutant(name, expression)
                write(os.path.join(tmp, "alerts.yml"), text)
                if promtool("check", "rules", os.path.join(tmp, "alerts.yml")):
                    yield f"{name}: the mutant is no rule"
                elif not promtool("test", "rules", os.path.join(tmp, os.path.basename(CASES))):
                    yield f"{name} could {word} fire, and no case would see it"


def annotations_wrong():
    for name, text in alerts().items():
        for word in ("summary:", "description:", "runbook:", "severity:", "nowake report", "$labels."):
            if word not in text and (name, word) != ("NowakeAbsent", "$labels."):
                yield f"{name} does not say {word}"


def queries_wrong():
    """All queries of the dashboard as one file of rules."""
    rules = [{"record": f"panel:{at}", "expr": query.fill("host", "group")}
             for at, query in enumerate(dashboard.Dashboard().queries())]
    with tempfile.TemporaryDirectory(prefix="nowake-prom.") as tmp:
        path = os.path.join(tmp, "queries.yml")
        write(path, json.dumps({"groups": [{"name": "queries", "rules": rules}]}))
        return promtool("check", "rules", path)


def unused_wrong():
    """Metrics that nowake exports for nobody (make lint sees to it that it exports what is used)."""
    used = dashboard.Dashboard().text + read(ALERTS)
    for name in re.findall(r"^# TYPE (\w+)", read(EXPORT), flags=re.M):
        if not re.search(rf"\b{name}\b", used):
            yield f"{name} is in no panel and no alert"


def untold_wrong():
    """The table of metrics has every metric, in the words of the export."""
    table = read(TABLE)
    for name, text in re.findall(r"^# HELP (\w+) (.*)$", read(EXPORT), flags=re.M):
        if not re.search(rf"^\| `{name}` \|.*\| {re.escape(text)} \|$", table, flags=re.M):
            yield f"{name} is not in {os.path.basename(TABLE)}, or in other words"


def check(tally):
    tally.say("the dashboard's layout", "; ".join(dashboard.Dashboard().wrong()))
    tally.say("the dashboard's queries parse", queries_wrong())
    tally.say("every metric is shown somewhere", "; ".join(unused_wrong()))
    tally.say("every metric is in the table", "; ".join(untold_wrong()))
    tally.say("promtool check rules", promtool("check", "rules", ALERTS))
    tally.say("promtool test rules", promtool("test", "rules", CASES))
    tally.say("every alert has cases, firing and not", "; ".join(mutants_wrong()))
    tally.say("every alert says what to do", "; ".join(annotations_wrong()))
