#!/usr/bin/python3
"""Reading a sweep's directory, whole or not, and what is worked out from it."""
import json
import tempfile
import unittest
import warnings
from dataclasses import replace
from itertools import product
from math import comb
from pathlib import Path

import numpy as np

import analysis
from analysis import metrics_sweep
from analysis.sheet import NARROW, WIDE
from tests.analysis.pages import edge_of, overlapping_texts

AXES = ["kernel.min_free_kbytes", "kernel.hz", "machine.disks.0.bandwidth_bytes_per_second",
        "kernel.dirty_background_ratio_percent"]


def write_summary(run, value):
    """What there is of a run as long as its sweep has no table."""
    run.mkdir(parents=True)
    (run / "summary.json").write_text(json.dumps(
        {"numasim_summary": 1, "ended_by": "all tasks ended", "end_ns": 5,
         "requests": {"failed": value}}))


def write_sweep(path, points, metric, repeats=1, missing=(), table=True):
    """A sweep of a metric `requests.failed` = metric(point's values, repeat)."""
    runs, rows = [], []
    for point, values in enumerate(points):
        for repeat in range(repeats):
            run = f"{point:04d}{repeat:04d}"
            runs.append({"id": run, "point": point, "repeat": repeat, "seed": 1 + repeat,
                         "values": list(values)})
            if run in missing:
                rows.append([run, point, repeat, 1 + repeat, "missing", "-", *values, -1])
                continue
            value = metric(values, repeat)
            rows.append([run, point, repeat, 1 + repeat, "ok", "all tasks ended", *values, value])
            write_summary(path / "runs" / run, value)
    axes = AXES[:len(points[0])]
    (path / "sweep.json").write_text(json.dumps(
        {"numasim_sweep_plan": 1, "name": "made_up", "seeds": "common", "axes": axes,
         "metrics": [], "runs": runs}))
    if table:
        names = ["run", "point", "repeat", "seed", "status", "ended_by", *axes, "requests.failed"]
        (path / "results.csv").write_text(
            "\n".join(",".join(map(str, row)) for row in [names, *rows]) + "\n")
    return path


class InAPlace(unittest.TestCase):
    """A folder of its own for each test."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = Path(folder.name)

    def sweep(self, *words, **named):
        """A made up sweep, loaded."""
        return analysis.load_sweep(write_sweep(self.place, *words, **named))


class LoadSweep(InAPlace):
    """load_sweep."""

    def test_has_a_row_for_each_run_with_its_axes_and_metrics(self):
        sweep = self.sweep([(512, 100), (1024, 100)], lambda values, repeat: values[0] + repeat, 2)
        self.assertEqual(sweep.results["requests.failed"].tolist(), [512, 513, 1024, 1025])
        self.assertEqual(sweep.results["kernel.min_free_kbytes"].tolist(), [512, 512, 1024, 1024])
        self.assertEqual((sweep.axes, sweep.metrics, sweep.repeats, sweep.missing),
                         (AXES[:2], ["requests.failed"], 2, 0))

    def test_an_unfinished_one_is_read_from_the_runs_that_are_there(self):
        sweep = self.sweep([(512,), (1024,), (2048,)], lambda values, repeat: 7,
                           missing={"00010000"}, table=False)
        self.assertEqual(sweep.results["status"].tolist(), ["ok", "missing", "ok"])
        self.assertEqual(sweep.results["requests.failed"].tolist()[::2], [7, 7])
        self.assertTrue(np.isnan(sweep.results["requests.failed"][1]))

    def test_a_failed_run_has_no_metric_and_not_minus_one(self):
        sweep = self.sweep([(512,), (1024,)], lambda values, repeat: 7, missing={"00000000"})
        self.assertTrue(np.isnan(sweep.results["requests.failed"][0]))
        self.assertEqual(sweep.missing, 1)

    def test_says_what_is_wrong_with_a_directory(self):
        with self.assertRaisesRegex(analysis.RunError, "no sweep.json in it, so no sweep"):
            analysis.load_sweep(self.place)
        (self.place / "sweep.json").write_text('{"numasim_sweep_plan": 2}')
        with self.assertRaisesRegex(analysis.RunError, 'expected "numasim_sweep_plan": 1, found 2'):
            analysis.load_sweep(self.place)


class Repeats(InAPlace):
    """The confidence of a median."""

    def test_two_order_statistics_cover_the_median_at_least_so_often_and_no_others_do_closer(self):
        for count in range(1, 60):
            ranks = metrics_sweep.interval_ranks(count)
            if ranks is None:
                self.assertLess(count, 6)
                continue
            low, high = ranks
            outside = 2 * sum(comb(count, i) for i in range(low)) / 2**count
            self.assertLessEqual(outside, 0.05)
            self.assertEqual(low + high, count + 1)
            closer = 2 * sum(comb(count, i) for i in range(low + 1)) / 2**count
            self.assertTrue(closer > 0.05 or low + 1 > count // 2)

    def test_with_too_few_the_band_is_all_that_was_seen_and_not_sure(self):
        sweep = self.sweep([(512,)], lambda values, repeat: [5, 1, 3][repeat], 3)
        row = metrics_sweep.repeats(sweep, "requests.failed", AXES[0]).iloc[0]
        self.assertEqual((row["low"], row["median"], row["high"], row["sure"]), (1, 3, 5, False))

    def test_a_level_without_runs_is_missing_and_not_nought(self):
        sweep = self.sweep([(512,), (1024,)], lambda values, repeat: 4, missing={"00000000"})
        table = metrics_sweep.repeats(sweep, "requests.failed", AXES[0])
        self.assertEqual(table["missing"].tolist(), [1, 0])
        self.assertTrue(np.isnan(table["median"][0]))
        analysis.sweep_figure(sweep, "requests.failed")


class Cells(InAPlace):
    """A grid of medians."""

    def test_are_medians_over_the_repeats_that_are_there(self):
        points = [(kib, hz) for kib in (512, 1024) for hz in (100, 250, 1000)]
        sweep = self.sweep(points, lambda values, repeat: values[0] + 10 * repeat, 3,
                           missing={"00000002", "00050000", "00050001", "00050002"})
        table = metrics_sweep.cells(sweep, "requests.failed", AXES[:2]).set_index(AXES[:2])
        self.assertEqual(table.loc[(512, 100), "median"], 517)
        self.assertEqual(table.loc[(512, 250), "median"], 522)
        self.assertEqual(table.loc[(1024, 1000), "missing"], 3)
        self.assertTrue(np.isnan(table.loc[(1024, 1000), "median"]))

    def test_missing_cells_are_hatched_and_the_base_is_boxed(self):
        points = [(kib, hz) for kib in (512, 1024) for hz in (100, 250, 1000)]
        sweep = self.sweep(points, lambda values, repeat: values[1], missing={"00010000"})
        figure = analysis.sweep_figure(sweep, "requests.failed", limit=300,
                                       base={AXES[0]: 1024, AXES[1]: 100})
        patches = figure.axes[0].patches
        self.assertEqual([(patch.get_xy(), patch.get_hatch()) for patch in patches],
                         [((0.5, -0.5), "xxx"), ((-0.5, 0.5), None)])

    def test_a_line_runs_between_the_cells_that_keep_the_limit_and_those_that_pass_it(self):
        points = [(kib, hz) for kib in (512, 1024) for hz in (100, 250, 1000)]
        sweep = self.sweep(points, lambda values, repeat: values[1], missing={"00040000"})
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            figure = analysis.sweep_figure(sweep, "requests.failed", limit=250)
        edges = {tuple(map(tuple, line.get_xydata())) for line in figure.axes[0].lines}
        self.assertEqual(edges, {((1.5, -0.5), (1.5, 0.5))})

    def test_panels_of_four_axes_stand_in_rows_and_columns_with_no_text_on_another(self):
        points = list(product((512, 1024, 2048, 4096), (100, 250, 1000), (10**8, 10**9), (5, 10)))
        sweep = self.sweep(points, lambda values, repeat: values[0] + values[1])
        for width in (WIDE, NARROW):
            figure = analysis.sweep_figure(sweep, "requests.failed", width, limit=2000)
            self.assertEqual(overlapping_texts(figure), [])
            self.assertTrue((edge_of(figure) == 255).all())
        panels = analysis.sweep_figure(sweep, "requests.failed").axes[:4]
        lefts = [round(ax.get_position().x0, 6) for ax in panels]
        self.assertEqual((lefts[0], lefts[1]), (lefts[2], lefts[3]))

    def test_a_metric_that_hardly_differs_is_drawn_only_where_none_differs_more(self):
        sweep = self.sweep([(512,), (1024,)], lambda values, repeat: 10**6 + values[0])
        self.assertEqual(metrics_sweep.telling_metrics(sweep, 3), ["requests.failed"])
        steep = sweep.results.assign(**{"oom.kills": [1.0, 2.0]})
        both = replace(sweep, results=steep, metrics=["requests.failed", "oom.kills"])
        self.assertEqual(metrics_sweep.telling_metrics(both, 3), ["oom.kills"])

    def test_a_design_that_is_no_grid_is_drawn_as_points(self):
        sweep = self.sweep([(500 + 7 * i, 100 + 13 * i) for i in range(9)],
                           lambda values, repeat: values[0])
        figure = analysis.sweep_figure(sweep, "requests.failed")
        self.assertEqual([ax.get_xlabel() for ax in figure.axes],
                         ["min_free_kbytes, shown in bytes", "hz"])


if __name__ == "__main__":
    unittest.main()
