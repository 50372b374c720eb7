#!/usr/bin/python3
"""What the simulator is held against: the programs of configs/published, on a few of their rows."""
import os
import tempfile
import unittest
from pathlib import Path

from analysis import published, zone_lock, zonelist_cache
from tests.scenarios.finished_run import ROOT

PROGRAM = os.environ.get("NUMASIM_BINARY", ROOT / "build/numasim")


class ZonelistCache(unittest.TestCase):
    """28 nodes, one page in 64."""

    @classmethod
    def setUpClass(cls):
        rows = [(12, 19), (64, 1), (64, 19)]
        cls.table = zonelist_cache.simulate(PROGRAM, rows, 64, 2)
        cls.gain = zonelist_cache.gain(cls.table)

    def test_saves_nothing_where_the_nodes_hold_what_their_threads_touch(self):
        """12 GiB: no zone is full."""
        self.assertEqual(self.gain[(12, 19)], 0)

    def test_saves_most_where_many_walk_past_full_nodes(self):
        """A single thread has the counters of the full zones in its cache."""
        self.assertGreater(self.gain[(64, 19)], 0.05)
        self.assertGreater(self.gain[(64, 1)], 0)
        self.assertGreater(self.gain[(64, 19)], 2 * self.gain[(64, 1)])

    def test_system_time_is_near_the_published(self):
        """In the rows that are not fitted, too."""
        errors = self.table / zonelist_cache.measured().loc[self.table.index] - 1
        self.assertLess(errors.filter(like="sys").abs().max().max(), zonelist_cache.NEAR)

    def test_every_row_is_told_and_drawn(self):
        """A line a row and one for all; two files."""
        self.assertEqual(len(list(zonelist_cache.verdicts(self.table))), len(self.table) + 1)
        with tempfile.TemporaryDirectory() as place:
            published.write(self.table, zonelist_cache.draw, (8, 5), Path(place) / "cache")
            self.assertEqual({path.name for path in Path(place).iterdir()},
                             {"cache.csv", "cache.png"})


class ZoneLock(unittest.TestCase):
    """One socket; the bulk row."""

    def test_bulk_allocation_waits_for_every_other_core(self):
        """A lock that is never free: time in proportion to cores."""
        bulk = zone_lock.OPERATIONS[0]
        with tempfile.TemporaryDirectory() as place:
            times = [zone_lock.simulated_ns(bulk, cores, PROGRAM, Path(place))
                     for cores in (8, 16)]
        self.assertAlmostEqual(times[1] / times[0], 2, delta=0.04)


if __name__ == "__main__":
    unittest.main()
