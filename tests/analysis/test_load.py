#!/usr/bin/python3
"""Reading a run directory."""
import json
import tempfile
import unittest
from pathlib import Path

import pandas as pd
from pandas.api.types import is_integer_dtype, is_string_dtype

import analysis
from tests.analysis import synthetic

GOLDEN = Path(__file__).resolve().parents[1] / "results/golden_run"


class Load(unittest.TestCase):
    """load_run."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = Path(folder.name)

    def test_reads_what_the_simulator_writes(self):
        run = analysis.load_run(GOLDEN)
        self.assertEqual(run.end_ns, 20_000_000)
        self.assertEqual(run.events["detail"].tolist(),
                         ["progress", 'hog, "big"', "writer invoked oom-killer",
                          "sda:write:open"])
        self.assertEqual(run.summary["nodes"]["1"]["zones"]["Normal"]["served_pages"], 1)
        self.assertEqual(len(run.zones), 3)

    def test_plain_pandas_gives_integers_and_no_missing_value(self):
        for name in analysis.load.TABLES:
            table = pd.read_csv(GOLDEN / f"{name}.csv")
            self.assertFalse(table.isna().any().any(), name)
            for column in table:
                expected = is_string_dtype if column in analysis.load.TEXT_COLUMNS \
                    else is_integer_dtype
                self.assertTrue(expected(table[column]), f"{name} {column}")

    def test_keeps_awkward_task_names_as_they_are(self):
        events = [synthetic.event(0, 1, "direct_reclaim", 0, task=task) for task in ("7", "NA")]
        synthetic.write_run(self.place, [], None, 1, events)
        self.assertEqual(analysis.load_run(self.place).events["task"].tolist(), ["7", "NA"])

    def test_says_what_is_wrong_with_a_directory(self):
        for break_it, message in ((lambda path: (path / "summary.json").unlink(),
                                   "no summary.json in it, so no complete run"),
                                  (lambda path: (path / "summary.json").write_text("{"),
                                   "cannot be read"),
                                  (lambda path: (path / "events.csv").unlink(),
                                   "not a whole run directory"),
                                  (lambda path: (path / "tasks.csv").write_text("id,task\n"),
                                   "tasks.csv: no column daemon"),
                                  (lambda path: (path / "placement.csv").write_text("cpu_node\n"),
                                   "placement.csv: no column memory_node"),
                                  (self.raise_version, 'expected "numasim_summary": 1, found 2')):
            synthetic.idle(self.place)
            break_it(self.place)
            with self.assertRaisesRegex(analysis.RunError, message):
                analysis.load_run(self.place)
        with self.assertRaisesRegex(analysis.RunError, "no such directory"):
            analysis.load_run(self.place / "nowhere")

    @staticmethod
    def raise_version(path):
        """A summary of a schema to come."""
        (path / "summary.json").write_text(json.dumps({"numasim_summary": 2}))


if __name__ == "__main__":
    unittest.main()
