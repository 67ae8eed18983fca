# SPDX-License-Identifier: GPL-2.0-only
"""dashboard.py - the Grafana dashboard as data: its panels, their queries, what is wrong with it

Grafana itself is not in Debian: its JSON is judged here by what Grafana's documents ask of it, its
queries by Prometheus.
"""

import itertools
import json
import os
import re

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
DASHBOARDS = os.path.join(TOP, "dashboards")
TYPES = {"row", "stat", "timeseries", "table", "bargauge"}
WIDTH = 24
SOURCE = {"type": "prometheus", "uid": "${datasource}"}
VARIABLES = {"datasource", "instance", "group", "__rate_interval"}


class Query:
    """One query of a panel; `where` is what a person calls it."""

    def __init__(self, panel, target):
        self.panel, self.ref, self.text = panel["title"], target["refId"], target["expr"]
        self.where = f"{self.panel} ({self.ref})"

    def fill(self, instance, group):
        """The query as Grafana would send it, with a scrape interval of a second."""
        escaped = re.escape(instance).replace("\\", "\\\\")
        text = self.text.replace("$instance", escaped).replace("$group", group)
        return text.replace("$__rate_interval", "15s")


class Dashboard:
    def __init__(self, name="nowake.json"):
        with open(os.path.join(DASHBOARDS, name), encoding="utf-8") as file:
            self.text = file.read()
        self.json = json.loads(self.text)
        self.panels = self.json["panels"]

    def queries(self):
        return [Query(panel, target) for panel in self.panels for target in panel.get("targets", [])]

    def variables(self):
        """{name: query} of those that ask Prometheus."""
        return {one["name"]: one["query"]["query"] for one in self.json["templating"]["list"]
                if one["type"] == "query"}

    def head_wrong(self):
        """What is wrong with it as a whole."""
        names = [one["name"] for one in self.json["templating"]["list"]]
        used = set(re.findall(r"\$\{?(\w+)", self.text)) - {"__all"}
        if self.json["schemaVersion"] not in range(36, 40):
            yield f"schemaVersion {self.json['schemaVersion']} is not of Grafana 9 or 10"
        if names != ["datasource", "instance", "group"]:
            yield f"its variables are {names}"
        if not used <= VARIABLES:
            yield f"there is no variable {used - VARIABLES}"
        if any("\t" in line or len(line) > 400 for line in self.text.splitlines()):
            yield "a line is too long to read, or indented by tabs"

    def layout_wrong(self):
        """Panels with one id or place, or without what a reader needs."""
        ids = [panel["id"] for panel in self.panels]
        if len(set(ids)) != len(ids):
            yield "two panels have one id"
        if len({panel["title"] for panel in self.panels if panel["type"] == "row"}) != 3:
            yield "there are three rows: overview, one group, nowake itself"
        for one, other in itertools.combinations(self.panels, 2):
            if overlap(one["gridPos"], other["gridPos"]):
                yield f"{one['title']} lies on {other['title']}"
        for panel in self.panels:
            for wrong in panel_wrong(panel):
                yield f"{panel['title']}: {wrong}"

    def wrong(self):
        return [*self.head_wrong(), *self.layout_wrong()]


def overlap(one, other):
    return (one["x"] < other["x"] + other["w"] and other["x"] < one["x"] + one["w"]
            and one["y"] < other["y"] + other["h"] and other["y"] < one["y"] + one["h"])


def panel_wrong(panel):
    place = panel["gridPos"]
    if place["x"] < 0 or place["w"] < 1 or place["h"] < 1 or place["x"] + place["w"] > WIDTH:
        yield "is not on the grid"
    if panel["type"] not in TYPES:
        yield f"type {panel['type']}"
    if panel["type"] == "row":
        return
    if not panel.get("description", "").endswith("."):
        yield "no description"
    if panel["fieldConfig"]["defaults"].get("unit") is None:
        yield "no unit"
    if panel["datasource"] != SOURCE or not panel["targets"]:
        yield "no data source, or no query"
    refs = [target["refId"] for target in panel["targets"]]
    if len(set(refs)) != len(refs):
        yield "two queries have one name"
    if panel["type"] == "timeseries" and not all("legendFormat" in one for one in panel["targets"]):
        yield "no legend"
