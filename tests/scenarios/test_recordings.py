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

from tests.scenarios.finished_run import ROOT, FinishedRun, numasim

RECORDINGS = Path(os.environ.get("NUMASIM_RECORDINGS", ROOT.parent / "shared")) / "kernel2624"
ZONES = {0: (0, "DMA"), 1: (0, "DMA32"), 5: (1, "DMA32")}


def recorded_allocations(recording):
    """Requests served, by the zone that served them and the first zone of their list."""
    counts = Counter()
    with gzip.open(recording / "stream.tsv.gz", "rt") as file:
        for row in csv.reader(file, delimiter="\t"):
            if row[5] == "ALLOC":
                counts[int(row[10]), int(row[12])] += 1
    return counts


@unittest.skipUnless((RECORDINGS / "anon2").is_dir(), "skipped: no recordings")
class Anon2(unittest.TestCase):
    """90,000 page faults on a machine of two nodes, from its recorded state."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="numasim-recording-")
        cls.addClassCleanup(folder.cleanup)
        imported, out = Path(folder.name) / "anon2", Path(folder.name) / "run"
        for done in (numasim("import", "kernel2624", RECORDINGS / "anon2", "--out", imported),
                     numasim("run", imported / "scenario.json", "--no-figure", "--out", out)):
            if done.returncode != 0:
                raise AssertionError(done.stderr)
        cls.run_ = FinishedRun(out)
        cls.allocations = recorded_allocations(RECORDINGS / "anon2")

    def test_each_zone_serves_the_recorded_requests(self):
        """As the recording's own summary counts them."""
        recorded = json.loads((RECORDINGS / "anon2/summary.json").read_text())["alloc_by_zone"]
        served = {code: self.run_.zone(*ZONES[int(code)])["requests_served"] for code in recorded}
        self.assertEqual(served, recorded)

    def test_numa_counters_are_the_recorded_ones(self):
        """A hit is served by the node of the first zone of its list, a miss by another."""
        hit = sum(count for (served, first), count in self.allocations.items()
                  if served // 4 == first // 4)
        miss = sum(self.allocations.values()) - hit
        self.assertEqual([self.run_.stat(f"numa.{name}") for name in ("hit", "miss", "foreign")],
                         [hit, miss, miss])

    def test_nodes_run_dry_in_the_recorded_order(self):
        """Node 0 DMA32, then its DMA down to its reserve, then node 1."""
        first_below = self.run_.first_date_below
        self.assertLess(first_below(0, "DMA32", 430), first_below(0, "DMA", 260))
        self.assertLess(first_below(0, "DMA", 2_700), first_below(1, "DMA32", 63_000))


if __name__ == "__main__":
    unittest.main()
