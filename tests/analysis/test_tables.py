#!/usr/bin/python3
"""The tables that figures are drawn from, against the files of a run."""
import tempfile
import unittest
from pathlib import Path

import numpy as np
import pandas as pd

import analysis
from analysis import against, metrics_reclaim, metrics_requests, metrics_tasks
from analysis.load_sweeps import Sweep
from tests.cli.program import ROOT, numasim

FOLDER = tempfile.TemporaryDirectory()
PLACE = Path(FOLDER.name)


def setUpModule():
    """Runs of three kinds."""
    for name in ("quickstart", "remote_spill", "cpuset_hardwall"):
        numasim("run", ROOT / f"configs/scenarios/{name}.json", "--out", PLACE / name,
                "--no-figure", "--quiet")


def tearDownModule():
    """Nothing stays."""
    FOLDER.cleanup()


def run_of(name):
    """One of them, loaded."""
    return analysis.load_run(PLACE / name)


class Requests(unittest.TestCase):
    """How fast, how long, from where."""

    def test_the_rate_adds_up_to_the_pages_handed_out(self):
        for name in ("quickstart", "remote_spill"):
            run = run_of(name)
            rate = metrics_requests.allocation_rate(run.requests)
            mib = (rate["mib_per_s"] * (rate["end_ns"] - rate["begin_ns"]) / 1e9).sum()
            self.assertAlmostEqual(mib * 256, run.summary["pages"]["served"], places=3)

    def test_fewer_bins_than_samples_lose_nothing(self):
        run = run_of("quickstart")
        for most in (1, 7, 160, 10**6):
            rate = metrics_requests.allocation_rate(run.requests, most)
            self.assertLessEqual(len(rate), most)
            mib = (rate["mib_per_s"] * (rate["end_ns"] - rate["begin_ns"]) / 1e9).sum()
            self.assertAlmostEqual(mib * 256, run.summary["pages"]["served"], places=3)

    def test_percentiles_are_those_of_the_summary(self):
        run = run_of("quickstart")
        table = metrics_requests.percentiles(run.request_waits)
        wait = run.summary["waits"]["request"]
        self.assertEqual(table.loc[0, ["requests", "p50_ns", "p99_ns", "max_ns"]].tolist(),
                         [wait["count"], wait["p50_ns"], wait["p99_ns"], wait["max_ns"]])

    def test_the_share_slower_falls_from_all_to_none(self):
        waits = pd.DataFrame({"order": [0, 0, 0, 3], "up_to_ns": [0, 10, 500, 20],
                              "requests": [90, 9, 1, 4]})
        table = metrics_requests.slower_than(waits)
        self.assertEqual(table.values.tolist(), [[0, 0, 0.1, 10], [0, 10, 0.01, 1],
                                                 [0, 500, 0, 0], [3, 0, 1, 4], [3, 20, 0, 0]])

    def test_locality_is_by_row_and_knows_the_distances(self):
        run = run_of("remote_spill")
        table = metrics_requests.locality(run.placement, [0, 1, 2],
                                          run.config["machine"]["distance"])
        self.assertEqual(table["distance"].tolist(), [10, 20, 15, 20, 10, 20, 15, 20, 10])
        first = table[table["cpu_node"] == 0]
        self.assertAlmostEqual(first["share"].sum(), 1)
        self.assertEqual(first["requests"].sum(), run.summary["requests"]["served_in_first_pass"]
                         + run.summary["requests"]["served_in_later_pass"])
        self.assertTrue(table.loc[table["cpu_node"] > 0, "share"].isna().all())

    def test_free_pages_by_order_are_the_free_pages(self):
        run = run_of("quickstart")
        pages = metrics_requests.free_by_order(run.orders, 0, "DMA32", most=10**9)
        series = run.series[(run.series["node"] == 0) & (run.series["zone"] == "DMA32")]
        self.assertEqual(pages.sum(axis=1).tolist(),
                         (series["free_pages"] + series["unfolded_free_pages"]).tolist())

    def test_the_largest_free_order_is_that_of_the_last_block(self):
        orders = pd.DataFrame([[0, 0, "DMA", 1, 0, 2, *[0] * 8], [1, 0, "DMA", *[0] * 11]],
                              columns=["time_ns", "node", "zone",
                                       *(f"order_{order}_blocks" for order in range(11))])
        table = metrics_requests.largest_free_order(orders)
        self.assertEqual(table["largest_order"].tolist(), [2, -1])


class Tasks(unittest.TestCase):
    """Where time went."""

    def test_the_parts_of_a_tasks_time_are_its_life(self):
        for name in ("quickstart", "cpuset_hardwall"):
            run = run_of(name)
            table = metrics_tasks.task_time(run.tasks, run.waits)
            parts = table[[f"{part}_ns" for part in metrics_tasks.PARTS]].sum(axis=1)
            self.assertEqual(parts.tolist(), table["life_ns"].tolist())

    def test_time_spent_spinning_is_time_lost_to_locks(self):
        run = run_of("cpuset_hardwall")
        tasks = run.tasks.assign(spinning_ns=7, end_ns=run.tasks["end_ns"] + 7
                                 - run.tasks.get("spinning_ns", 0))
        table = metrics_tasks.task_time(tasks, run.waits)
        self.assertEqual(table["lock_ns"].tolist(), (7 * table["tasks"]).tolist())

    def test_rows_that_are_folded_together_keep_their_time(self):
        run = run_of("cpuset_hardwall")
        table = metrics_tasks.task_time(run.tasks, run.waits)
        folded = metrics_tasks.fold(table, 2)
        self.assertEqual(len(folded), 2)
        self.assertEqual(folded["task"].iloc[-1], "2 others")
        self.assertEqual(folded["life_ns"].sum(), table["life_ns"].sum())

    def test_every_queue_is_some_part_of_a_tasks_time(self):
        kinds = {"congestion_wait(write)": "congestion_wait", "page I/O": "page_io",
                 "swap I/O of a page": "page_io", "sda write request": "page_io",
                 "zone lock": "lock", "kswapd has no work": "other"}
        self.assertEqual({queue: metrics_tasks.kind_of_wait(queue) for queue in kinds}, kinds)

    def test_direct_reclaim_by_task_is_the_summarys(self):
        run = run_of("quickstart")
        self.assertEqual(metrics_tasks.in_direct_reclaim(run.events).sum(),
                         run.summary["waits"]["direct_reclaim"]["total_ns"])

    def test_daemons_without_work_wait_for_nothing(self):
        table = metrics_tasks.waits_by_queue(run_of("quickstart").waits)
        self.assertFalse(table["queue"].str.contains("no work").any())
        self.assertTrue(table["total_ns"].is_monotonic_decreasing)

    def test_lock_waits_come_from_their_table_or_else_from_the_queues(self):
        waits = pd.DataFrame({"id": [1, 1], "task": "a", "queue": ["zone lock", "page I/O"],
                              "sleeps": [2, 9], "total_ns": [30, 40]})
        locks = pd.DataFrame({"lock": ["swap_lock", "lru", "tree"], "taken": [9, 9, 9],
                              "contended": [1, 3, 0], "waited_ns": [5, 11, 0]})
        none = pd.DataFrame({"lock": []})
        self.assertEqual(metrics_tasks.lock_waits(none, waits).values.tolist(),
                         [["zone lock", 2, 30]])
        self.assertEqual(metrics_tasks.lock_waits(locks, waits).values.tolist(),
                         [["lru", 3, 11], ["swap_lock", 1, 5]])


class Reclaim(unittest.TestCase):
    """What reclaim got for its work."""

    def test_rates_add_up_to_vmstat(self):
        run = run_of("quickstart")
        table = metrics_reclaim.overall_efficiency(run.vmstat).set_index("by")
        vmstat = run.summary["vmstat"]
        for by in ("kswapd", "direct"):
            scanned = sum(vmstat[f"pgscan_{by}_{zone}"] for zone in metrics_reclaim.ZONES)
            self.assertEqual(table.loc[by, "scanned_pages"], scanned)
        self.assertEqual(table.loc["kswapd", "reclaimed_pages"], vmstat["kswapd_steal"])
        self.assertEqual(table["reclaimed_pages"].sum(),
                         sum(vmstat[f"pgsteal_{zone}"] for zone in metrics_reclaim.ZONES))

    def test_without_scanning_there_is_no_efficiency(self):
        table = metrics_reclaim.reclaim_rate(run_of("remote_spill").vmstat)
        self.assertTrue(table["efficiency"].isna().all())

    def test_a_queue_was_at_least_so_deep_for_its_share_of_the_run(self):
        queue = pd.DataFrame({"time_ns": [0, 10, 30], "read_requests": [0, 2, 1],
                              "write_requests": 0})
        table = metrics_reclaim.at_least_so_deep(queue, 40)
        self.assertEqual(table.values.tolist(), [["read", 1, 0.75], ["read", 2, 0.5]])

    def test_pressure_is_that_of_the_cpusets_and_none_without(self):
        columns = ["time_ns", "cpuset", "memory_pressure_per_1000s"]
        table = pd.DataFrame([[0, "/", 0], [0, "/jail", 7], [5, "/", 1]], columns=columns)
        self.assertEqual(metrics_reclaim.cpuset_pressure(table).values.tolist(),
                         table.values.tolist())
        self.assertTrue(metrics_reclaim.cpuset_pressure(pd.DataFrame({"cpuset": []})).empty)


def made_up_sweep(counts):
    """One axis, and how many requests failed at each of its levels."""
    results = pd.DataFrame({"level": range(len(counts)), "repeat": 0, "status": "ok",
                            "failed": counts})
    return Sweep(Path("made up"), "made up", ["level"], ["failed"], "seed 1", results, {})


class Against(unittest.TestCase):
    """Two runs."""

    def test_a_run_does_not_differ_from_itself(self):
        run = run_of("quickstart")
        self.assertTrue(against.differences(run, run).empty)
        self.assertTrue(against.settings_that_differ(run, run).empty)
        against.numbers(run, run)

    def test_what_one_has_none_of_is_infinitely_more_in_the_other(self):
        table = against.differences(run_of("cpuset_hardwall"), run_of("quickstart"))
        ratio = table.set_index("name")["ratio"]
        self.assertEqual((ratio["requests.failed"], ratio["waits.congestion_wait.count"]),
                         (0, np.inf))

    def test_a_point_where_nothing_fails_in_either_sweep_has_not_changed(self):
        one, other = (made_up_sweep(counts) for counts in ((0, 0, 4), (0, 3, 2)))
        both = against.ratio_of_sweeps(one, other, "failed").results
        np.testing.assert_array_equal(both[f"failed, {against.RATIO}"], [1, np.nan, 0.5])
        self.assertEqual(list(both["status"]), ["ok", "missing", "ok"])


if __name__ == "__main__":
    unittest.main()
