#!/usr/bin/python3
"""What the metrics make of the tables of a run."""
import random
import tempfile
import unittest

import pandas as pd

import analysis
from analysis import metrics
from tests.analysis import synthetic
from tests.analysis.synthetic import MS, event, write_run, zone


def intervals(*pairs):
    """A table of intervals."""
    return pd.DataFrame(pairs, columns=["begin_ns", "end_ns"], dtype="int64")


def pairs(table):
    """The rows of a table of intervals as tuples."""
    return list(table[["begin_ns", "end_ns"]].itertuples(index=False, name=None))


class Union(unittest.TestCase):
    """The time covered by intervals."""

    def test_joins_what_overlaps_or_touches_and_keeps_gaps(self):
        covered = metrics.union(intervals((5, 9), (0, 2), (8, 12), (2, 3), (20, 21)))
        self.assertEqual(pairs(covered), [(0, 3), (5, 12), (20, 21)])

    def test_an_interval_within_an_earlier_one_adds_nothing(self):
        self.assertEqual(pairs(metrics.union(intervals((0, 10), (1, 2), (5, 6)))), [(0, 10)])

    def test_points_and_nothing_cover_nothing(self):
        self.assertEqual(pairs(metrics.union(intervals((4, 4)))), [])
        self.assertEqual(pairs(metrics.union(intervals())), [])

    def test_covers_the_same_instants_as_the_intervals_themselves(self):
        draw = random.Random(7)
        for _ in range(200):
            some = [(begin, begin + draw.randrange(6)) for begin in
                    (draw.randrange(40) for _ in range(draw.randrange(8)))]
            covered = pairs(metrics.union(intervals(*some)))
            instants = {t for begin, end in some for t in range(begin, end)}
            self.assertEqual({t for begin, end in covered for t in range(begin, end)}, instants)
            self.assertTrue(all(a[1] < b[0] for a, b in zip(covered, covered[1:])), covered)


class OfARun(unittest.TestCase):
    """The metrics of small runs written and read back."""

    def run_with(self, events, **options):
        """A run of 100 ms on two nodes with these events."""
        with tempfile.TemporaryDirectory() as place:
            zones = [zone(0, "DMA", 4_000, 10, 500), zone(1, "Normal", 8_000, 100)]
            return analysis.load_run(write_run(place, zones, lambda row, t: row[4] * (1 - t), 100,
                                               events, samples=4, **options))

    def test_kswapd_share_counts_each_instant_once_and_every_node(self):
        run = self.run_with([event(0, 20, "kswapd", 1), event(40, 50, "kswapd", 1),
                             event(45, 60, "kswapd", 1), event(0, 99, "direct_reclaim", 1)])
        awake = metrics.kswapd_awake(run.events, [0, 1], run.end_ns)
        self.assertEqual(awake.to_dict("records"), [
            {"node": 0, "intervals": 0, "awake_ns": 0, "share": 0.0},
            {"node": 1, "intervals": 3, "awake_ns": 40 * MS, "share": 0.4}])

    def test_waits_of_several_tasks_at_once_count_several_times(self):
        run = self.run_with([event(0, 20, "direct_reclaim", 0), event(10, 30, "direct_reclaim", 0),
                             event(5, 6, "congestion_wait", 0)])
        waits = metrics.waits(run.events, "direct_reclaim", [0, 1])
        self.assertEqual(waits.values.tolist(), [[0, 2, 40 * MS], [1, 0, 0]])

    def test_congested_names_device_and_direction_of_closed_and_open_intervals(self):
        run = self.run_with([event(1, 2, "congested", detail="a:b:write"),
                             event(3, 100, "congested", detail="sda:read:open")])
        self.assertEqual(metrics.congested(run.events).values.tolist(), [
            ["a:b", "write", MS, 2 * MS], ["sda", "read", 3 * MS, 100 * MS]])

    def test_free_stands_beside_the_marks_of_its_own_zone(self):
        run = self.run_with([])
        free = metrics.free_against_marks(run.series, run.zones)
        self.assertEqual(len(free), 10)
        first = free.iloc[1]
        self.assertEqual((first["node"], first["zone"]), (1, "Normal"))
        self.assertEqual(first["free_mib"], 8_000 / 256)
        self.assertEqual([first[f"{mark}_mib"] * 256 for mark in metrics.MARKS], [100, 125, 150])
        self.assertEqual(free.iloc[0]["reserve_mib"] * 256, 510)

    def test_a_device_is_active_when_it_had_a_request_or_was_congested(self):
        self.assertEqual(self.active(self.run_with([])), [])
        self.assertEqual(self.active(self.run_with([], queue_at=lambda t: round(t))), ["sda"])
        congested = self.run_with([event(0, 1, "congested", detail="sda:read")])
        self.assertEqual(self.active(congested), ["sda"])

    def active(self, run):
        """The run's active devices."""
        return metrics.active_devices(run.devices, run.events)

    def test_lowest_zones_keep_the_order_of_the_machine(self):
        with tempfile.TemporaryDirectory() as place:
            run = analysis.load_run(synthetic.many_zones(place))
        lowest = metrics.lowest_zones(metrics.free_against_marks(run.series, run.zones), 3)
        self.assertEqual(lowest["node"].tolist(), [6, 7, 8])


if __name__ == "__main__":
    unittest.main()
