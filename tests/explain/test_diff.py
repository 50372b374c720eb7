#!/usr/bin/python3
"""numasim diff: where two runs part, and in which results they differ; exit codes as diff(1)."""
import csv
import json
import re
import unittest

from tests.cli.program import ShippedRuns, numasim

LARGER_RESERVE = "kernel.min_free_kbytes=2048"


class Diff(ShippedRuns):
    """Two runs of atomic_burst, with another reserve in the second."""

    def both(self):
        """Their directories."""
        return self.finished("atomic_burst"), self.finished("atomic_burst", LARGER_RESERVE)

    def difference(self):
        """As JSON."""
        done = numasim("diff", *self.both(), "--json")
        self.assertEqual(done.returncode, 1, done.stderr)
        return json.loads(done.stdout)

    def test_a_run_is_the_same_as_itself_made_again(self):
        """Exit code 0."""
        again = self.folder / "again"
        run = self.finished("atomic_burst")
        numasim("run", run / "config.resolved.json", "--out", again, "--no-figure", "-q")
        done = numasim("diff", run, again)
        self.assertEqual((done.returncode, done.stdout), (0, "The runs are the same.\n"))
        same = json.loads(numasim("diff", run, again, "--json").stdout)
        self.assertIs(same["same"], True)

    def test_settings_that_differ_are_told(self):
        """Those and no others."""
        settings = self.difference()["settings"]
        self.assertEqual([setting["path"] for setting in settings], ["kernel.min_free_kbytes"])
        self.assertEqual(settings[0]["b"], 2048)

    def test_nothing_differs_before_they_part(self):
        """Events that end before that moment are the same in both."""
        parting = self.difference()["parting"]
        self.assertIsNotNone(parting)
        before = []
        for run in self.both():
            with (run / "events.csv").open(newline="") as file:
                before.append([row for row in csv.DictReader(file)
                               if int(row["end_ns"]) < parting["time_ns"]])
        self.assertEqual(*before)
        self.assertNotEqual(parting["a"], parting["b"])

    def test_results_are_those_of_the_summaries(self):
        """Only numbers that differ, with both values."""
        summaries = [json.loads((run / "summary.json").read_text()) for run in self.both()]
        results = {result["name"]: (result["a"], result["b"])
                   for result in self.difference()["results"]}
        failed = tuple(summary["requests"]["failed"] for summary in summaries)
        self.assertEqual(results["requests.failed"], failed)
        self.assertTrue(all(a != b for a, b in results.values()))

    def test_steps_find_the_first_that_differs(self):
        """To the nanosecond, no later than the tables; in a run against itself there is none."""
        run, other = self.both()
        told = json.loads(numasim("diff", run, other, "--steps", "--json").stdout)
        first = told["first_step"]
        self.assertNotEqual(first["a"], first["b"])
        dates = [float(re.search(r"(\d+\.\d{9}): ", first[key]).group(1)) for key in "ab"]
        self.assertLessEqual(min(dates) * 1e9, told["parting"]["time_ns"] + 1)
        same = json.loads(numasim("diff", run, run, "--steps", "--json").stdout)
        self.assertIsNone(same["first_step"])

    def test_trouble_has_other_exit_codes(self):
        """What is no run, one run only."""
        run = self.finished("atomic_burst")
        self.assertEqual(numasim("diff", run, self.folder / "nowhere").returncode, 4)
        self.assertEqual(numasim("diff", run, self.folder).returncode, 3)
        self.assertEqual(numasim("diff", run).returncode, 2)


if __name__ == "__main__":
    unittest.main()
