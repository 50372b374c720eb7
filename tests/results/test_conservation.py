#!/usr/bin/python3
"""What a run directory says about itself, read from its files alone."""
import json
import tempfile
import unittest
from pathlib import Path

import jsonschema
import numpy as np
import pandas as pd

from tests.cli.program import ROOT, numasim

SCENARIOS = ("quickstart", "oom_kill", "cpuset_hardwall")
ORDERS = [f"order_{order}_blocks" for order in range(11)]
VMSTAT_ZONES = ["dma", "dma32", "normal", "movable"]
VMSTAT_ITEMS = (
    "nr_free_pages nr_inactive nr_active nr_anon_pages nr_mapped nr_file_pages nr_dirty "
    "nr_writeback nr_slab_reclaimable nr_slab_unreclaimable nr_page_table_pages nr_unstable "
    "nr_bounce nr_vmscan_write numa_hit numa_miss numa_foreign numa_interleave numa_local "
    "numa_other pgpgin pgpgout pswpin pswpout pgalloc_dma pgalloc_dma32 pgalloc_normal "
    "pgalloc_movable pgfree pgactivate pgdeactivate pgfault pgmajfault pgrefill_dma "
    "pgrefill_dma32 pgrefill_normal pgrefill_movable pgsteal_dma pgsteal_dma32 pgsteal_normal "
    "pgsteal_movable pgscan_kswapd_dma pgscan_kswapd_dma32 pgscan_kswapd_normal "
    "pgscan_kswapd_movable pgscan_direct_dma pgscan_direct_dma32 pgscan_direct_normal "
    "pgscan_direct_movable pginodesteal slabs_scanned kswapd_steal kswapd_inodesteal pageoutrun "
    "allocstall pgrotated").split()
ZONE_TYPES = ["DMA", "DMA32", "Normal", "Movable"]


def tables_of(run):
    """Every CSV file, by its name."""
    return {path.stem: pd.read_csv(path, keep_default_na=False) for path in run.glob("*.csv")}


def stats_of(run):
    """stats.txt, by name."""
    lines = (run / "stats.txt").read_text().splitlines()
    return {line.split()[0]: int(line.split()[1]) for line in lines if line.strip()}


class Conservation(unittest.TestCase):
    """Nothing is lost, nothing counted twice."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.runs = []
        for name in SCENARIOS:
            run = Path(folder.name) / name
            numasim("run", ROOT / f"configs/scenarios/{name}.json", "--out", run, "--no-figure",
                    "--quiet", "--set", "run.npy=true")
            cls.runs.append(run)

    def test_blocks_of_all_orders_are_the_free_pages(self):
        """At every date, in every zone."""
        for run in self.runs:
            tables = tables_of(run)
            series, orders = tables["series"], tables["orders"]
            keys = ["time_ns", "node", "zone"]
            self.assertTrue((series[keys] == orders[keys]).all(axis=None))
            pages = sum(orders[name] * 2**order for order, name in enumerate(ORDERS))
            free = series.free_pages + series.unfolded_free_pages
            self.assertEqual(pages.tolist(), free.tolist())

    def test_what_was_served_and_not_freed_is_no_longer_free(self):
        """In every zone, over the whole run."""
        for run in self.runs:
            tables = tables_of(run)
            series, stats = tables["series"], stats_of(run)
            free = series.free_pages + series.unfolded_free_pages + series.pageset_pages
            for (node, zone), rows in free.groupby([series.node, series.zone]):
                place = f"nodes.{node}.zones.{zone}"
                held = stats[f"{place}.served_pages"] - stats[f"{place}.freed_pages"]
                self.assertEqual(held, rows.iloc[0] - rows.iloc[-1], place)

    def test_every_request_answered_is_in_the_histogram_of_waits_and_in_the_last_sample(self):
        """request_waits.csv and requests.csv."""
        for run in self.runs:
            tables, stats = tables_of(run), stats_of(run)
            waits, last = tables["request_waits"], tables["requests"].iloc[-1]
            self.assertEqual(waits.requests.sum(), stats["waits.request.count"])
            self.assertEqual(waits.up_to_ns.max(), stats["waits.request.max_ns"])
            self.assertEqual(last.failed, stats["requests.failed"])
            for order in range(11):
                served = stats[f"requests.served_by_order.{order}"]
                self.assertEqual(last[f"order_{order}_served"], served)
                self.assertGreaterEqual(waits[waits.order == order].requests.sum(), served)

    def test_every_request_served_has_its_place(self):
        """placement.csv."""
        for run in self.runs:
            placement, stats = tables_of(run)["placement"], stats_of(run)
            at_home = placement.cpu_node == placement.memory_node
            self.assertEqual(placement[at_home].requests.sum(), stats["numa.local"])
            self.assertEqual(placement[~at_home].requests.sum(), stats["numa.other"])
            self.assertEqual(placement.pages.sum(), stats["pages.served"])

    def test_vmstat_has_the_kernels_names_in_its_order(self):
        """As a 2.6.24 kernel prints them."""
        for run in self.runs:
            items = pd.read_csv(run / "vmstat.csv").columns.tolist()
            self.assertEqual(items, ["time_ns", *VMSTAT_ITEMS])

    def test_vmstat_counts_what_the_samples_and_the_summary_count(self):
        """Free pages at every date, the pages of all requests, and who reclaimed."""
        for run in self.runs:
            tables, stats = tables_of(run), stats_of(run)
            vmstat, last = tables["vmstat"], tables["vmstat"].iloc[-1]
            free = tables["series"].groupby("time_ns").free_pages.sum()
            self.assertEqual(vmstat.nr_free_pages.tolist(), free.tolist())
            for item in VMSTAT_ITEMS:
                self.assertEqual(stats[f"vmstat.{item}"], last[item] - vmstat[item].iloc[0], item)
            change = (last - vmstat.iloc[0])
            served = sum(change[f"pgalloc_{zone}"] for zone in VMSTAT_ZONES)
            self.assertEqual(served, stats["pages.served"])
            self.assertEqual(change.pgfree, stats["pages.freed"])
            self.assertEqual(change.allocstall, stats["waits.direct_reclaim.count"])
            self.assertGreaterEqual(change.pageoutrun, stats["kswapd.runs"])
            stolen = sum(change[f"pgsteal_{zone}"] for zone in VMSTAT_ZONES)
            self.assertEqual(change.kswapd_steal, stats["kswapd.reclaimed_pages"])
            self.assertEqual(stolen - change.kswapd_steal, stats["direct_reclaim.reclaimed_pages"])
            # A CPU's deltas of NUMA events overshoot by half a threshold, 125 at most; once a
            # second that is folded back.
            self.assertTrue((vmstat.numa_hit.diff()[1:] >= -62).all())

    def test_the_parts_of_a_tasks_time_are_its_life(self):
        """Waits are the sum of those by queue."""
        for run in self.runs:
            tables = tables_of(run)
            tasks, waits = tables["tasks"], tables["waits"]
            self.assertGreater(len(tasks), 0)
            parts = tasks[["running_ns", "memory_ns", "spinning_ns", "runnable_ns",
                           "sleeping_ns", "waiting_ns"]].sum(axis=1)
            self.assertEqual(parts.tolist(), (tasks.end_ns - tasks.begin_ns).tolist())
            by_task = waits.groupby("id").total_ns.sum().reindex(tasks.id, fill_value=0)
            self.assertEqual(by_task.tolist(), tasks.waiting_ns.tolist())

    def test_waits_for_locks_are_the_same_by_task_and_by_lock(self):
        """And the time that tasks spun."""
        for run in self.runs:
            tables = tables_of(run)
            tasks, locks, waits = tables["tasks"], tables["locks"], tables["lock_waits"]
            self.assertGreater(locks.taken.sum(), 0)
            self.assertEqual(waits.total_ns.sum(), locks.waited_ns.sum())
            self.assertEqual(waits.waits.sum(), locks.contended.sum())
            by_task = waits.groupby("id").total_ns.sum().reindex(tasks.id, fill_value=0)
            self.assertEqual(by_task.tolist(), tasks.spinning_ns.tolist())

    def test_the_summary_adds_up_the_tasks(self):
        """Daemons apart."""
        for run in self.runs:
            tables = tables_of(run)
            tasks, stats = tables["tasks"], stats_of(run)
            own = tasks[tasks.daemon == 0]
            for part in ("running_ns", "memory_ns", "spinning_ns", "runnable_ns", "sleeping_ns",
                         "waiting_ns"):
                self.assertEqual(own[part].sum(), stats[f"tasks.{part}"])

    def test_numpy_reads_the_same_series(self):
        """Column by column."""
        for run in self.runs:
            tables = tables_of(run)
            array, series = np.load(run / "series.npy"), tables["series"]
            self.assertEqual(array.dtype.names, tuple(series.columns))
            for column in series.columns.drop("zone"):
                self.assertEqual(array[column].tolist(), series[column].tolist())
            self.assertEqual([ZONE_TYPES[zone] for zone in array["zone"]], series.zone.tolist())

    def test_the_summary_fits_its_schema(self):
        """And says of which version it is."""
        schema = json.loads((ROOT / "sim/results/summary.schema.json").read_text())
        jsonschema.Draft202012Validator.check_schema(schema)
        for run in self.runs:
            summary = json.loads((run / "summary.json").read_text())
            jsonschema.Draft202012Validator(schema).validate(summary)
            self.assertEqual(summary["numasim_summary"], 1)


if __name__ == "__main__":
    unittest.main()
