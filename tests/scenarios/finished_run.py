#!/usr/bin/python3
"""Runs a scenario with the built program and reads what the run left."""
import csv
import json
import tempfile
import unittest
from pathlib import Path

from tests.cli.program import ROOT, numasim

SCENARIOS = ROOT / "configs/scenarios"


class FinishedRun:
    """A run directory."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.summary = json.loads((self.folder / "summary.json").read_text())

    def stat(self, path):
        """A number of the summary: stat("numa.hit")."""
        value = self.summary
        for key in path.split("."):
            value = value[key]
        return value

    def table(self, name):
        """The rows of a table, numbers as integers."""
        with (self.folder / name).open(newline="") as file:
            return [{key: int(cell) if cell.lstrip("-").isdigit() else cell
                     for key, cell in row.items()} for row in csv.DictReader(file)]

    def events(self, kind, **like):
        """Rows of events.csv of one kind whose cells are as given."""
        return [row for row in self.table("events.csv")
                if row["kind"] == kind and all(row[key] == cell for key, cell in like.items())]

    def zone(self, node, zone):
        """A zone's part of the summary."""
        return self.summary["nodes"][str(node)]["zones"][zone]

    def first_date_below(self, node, zone, pages):
        """When a sample first saw fewer free pages in a zone."""
        return next(row["time_ns"] for row in self.table("series.csv")
                    if (row["node"], row["zone"]) == (node, zone) and row["free_pages"] < pages)


class ScenarioTest(unittest.TestCase):
    """Tests of one shipped scenario: a subclass names it."""

    scenario = None

    @classmethod
    def setUpClass(cls):
        if cls.scenario is None:
            raise unittest.SkipTest("not a test itself")
        folder = tempfile.TemporaryDirectory(prefix="numasim-scenario-")
        cls.addClassCleanup(folder.cleanup)
        cls.done = numasim("run", SCENARIOS / f"{cls.scenario}.json", "--no-figure",
                           "--out", Path(folder.name) / "run")
        if cls.done.returncode != 0:
            raise AssertionError(cls.done.stderr)
        cls.run_ = FinishedRun(Path(folder.name) / "run")
