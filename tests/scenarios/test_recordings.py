#!/usr/bin/python3
"""Recordings of a booted Linux 2.6.24 replay on the simulated machine, to the page."""
import csv
import gzip
import json
import os
import tempfile
import unittest
from collections import Counter
from pathlib import Path

from tests.cli.program import ROOT, numasim
from tests.scenarios.finished_run import FinishedRun

SHARED = Path(os.environ.get("NUMASIM_RECORDINGS", ROOT.parent / "shared"))
KERNEL = SHARED / "kernel2624"
ZONES = {0: (0, "DMA"), 1: (0, "DMA32"), 5: (1, "DMA32")}


def recorded_allocations(recording):
    """Requests served, by the zone that served them and the first zone of their list."""
    counts = Counter()
    with gzip.open(recording / "stream.tsv.gz", "rt") as file:
        for row in csv.reader(file, delimiter="\t"):
            if row[5] == "ALLOC":
                counts[int(row[10]), int(row[12])] += 1
    return counts


def recorded_free_lists(dump):
    """The blocks of each free list, head first, by zone code, order and type."""
    lists = {}
    with gzip.open(dump, "rt") as file:
        for row in csv.reader(file, delimiter="\t"):
            if row[1] == "DFREE":
                code, order, kind, pfn = map(int, row[2:6])
                lists.setdefault((code, order, kind), []).append(pfn)
    return lists


def free_lists(state):
    """The same of a state file."""
    index = {"DMA": 0, "DMA32": 1, "Normal": 2, "Movable": 3}
    return {(zone["node"] * 4 + index[zone["zone"]], blocks["order"], blocks["type"]):
            blocks["pfns"]
            for zone in json.loads(state.read_text())["zones"] for blocks in zone["free_lists"]}


class ReplayTest(unittest.TestCase):
    """A recording imported and run: a subclass says which."""

    kind, recording = None, None

    @classmethod
    def setUpClass(cls):
        if cls.recording is None or not cls.recording.exists():
            raise unittest.SkipTest("skipped: no recordings")
        folder = tempfile.TemporaryDirectory(prefix="numasim-recording-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)
        imported, out = cls.folder / "imported", cls.folder / "run"
        for args in (("import", cls.kind, cls.recording, "--out", imported),
                     ("run", imported / "scenario.json", "--no-figure", "--out", out,
                      "--save-state", cls.folder / "end.json")):
            done = numasim(*args)
            if done.returncode != 0:
                raise AssertionError(done.stderr)
        cls.run_ = FinishedRun(out)


class Anon2(ReplayTest):
    """90,000 page faults on a machine of two nodes, from its recorded state."""

    kind, recording = "kernel2624", KERNEL / "anon2"

    def test_each_zone_serves_the_recorded_requests(self):
        """As the recording's own summary counts them."""
        recorded = json.loads((self.recording / "summary.json").read_text())["alloc_by_zone"]
        served = {code: self.run_.zone(*ZONES[int(code)])["requests_served"] for code in recorded}
        self.assertEqual(served, recorded)

    def test_numa_counters_are_the_recorded_ones(self):
        """A hit is served by the node of the first zone of its list, a miss by another."""
        allocations = recorded_allocations(self.recording)
        hit = sum(count for (served, first), count in allocations.items()
                  if served // 4 == first // 4)
        miss = sum(allocations.values()) - hit
        self.assertEqual([self.run_.stat(f"numa.{name}") for name in ("hit", "miss", "foreign")],
                         [hit, miss, miss])

    def test_nodes_run_dry_in_the_recorded_order(self):
        """Node 0 DMA32, then its DMA down to its reserve, then node 1."""
        first_below = self.run_.first_date_below
        self.assertLess(first_below(0, "DMA32", 430), first_below(0, "DMA", 260))
        self.assertLess(first_below(0, "DMA", 2_700), first_below(1, "DMA32", 63_000))


class ReplayGen1(ReplayTest):
    """60,000 operations of all orders and many masks on one CPU, then everything freed."""

    kind, recording = "kernel2624", KERNEL / "replay_gen1"

    def test_every_free_list_ends_as_recorded(self):
        """The same blocks in the same order."""
        recorded = recorded_free_lists(self.recording / "dump2.tsv.gz")
        self.assertGreater(len(recorded), 50)
        self.assertEqual(free_lists(self.folder / "end.json"), recorded)


class FtraceOfANewerKernel(ReplayTest):
    """kmem events of a Linux 6.1, told in text."""

    kind, recording = "ftrace", SHARED / "realkernel/T1_main/a.trace.gz"

    def test_runs_as_many_requests_as_the_file_tells(self):
        """None fails."""
        with gzip.open(self.recording, "rt") as file:
            recorded = sum(" mm_page_alloc: " in line for line in file)
        self.assertEqual(self.run_.stat("requests.total"), recorded)
        self.assertEqual(self.run_.stat("requests.failed"), 0)


if __name__ == "__main__":
    unittest.main()
