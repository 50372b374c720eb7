#!/usr/bin/python3
"""numasim sweep: what it runs, what it leaves, what it says."""
import json
import os
import signal
import time
import unittest

import pandas

from tests.sweep.sweeps import SweepTest, children_of, last_line


class Sweeps(SweepTest):
    """Sweeps that come to their end."""

    def test_a_grid_leaves_a_row_for_each_run_and_a_directory_for_each_scenario(self):
        """In the order of the design."""
        done = self.numasim("sweep", self.some_runs(), "--out", "out")
        self.assert_ends(done, 0)
        self.assertEqual(last_line(done), "total 24, ok 24, failed 0, skipped 0")
        rows = self.rows()
        points = [(row["kernel.min_free_kbytes"], row["kernel.hz"], row["repeat"]) for row in rows]
        self.assertEqual(points[:3],
                         [("256", "100", "0"), ("256", "100", "1"), ("256", "250", "0")])
        self.assertEqual(points[-1], ("2048", "1000", "1"))
        for row in rows:
            summary = self.folder / "out/runs" / row["run"] / "summary.json"
            self.assertEqual(int(row["requests.total"]),
                             json.loads(summary.read_text())["requests"]["total"])

    def test_the_table_is_the_same_for_any_number_of_jobs(self):
        """Also the runs themselves."""
        sweep = self.some_runs()
        for jobs in ("1", "2", "5"):
            self.assert_ends(self.numasim("sweep", sweep, "--out", f"out{jobs}", "-j", jobs), 0)
        self.assertEqual(self.table("out1"), self.table("out2"))
        self.assertEqual(self.table("out1"), self.table("out5"))
        self.assertEqual(self.results("out1"), self.results("out5"))

    def test_the_table_is_plain_for_pandas(self):
        """Numbers are numbers, nothing is missing."""
        self.numasim("sweep", self.some_runs(), "--out", "out")
        table = pandas.read_csv(self.folder / "out/results.csv")
        self.assertFalse(table.isna().any().any())
        texts = {name for name, kind in table.dtypes.items() if kind != "int64"}
        self.assertLessEqual(texts, {"run", "status", "ended_by"})

    def test_only_the_wanted_metrics_are_columns(self):
        """A section stands for all in it."""
        sweep = self.sweep_file(metrics=["requests.failed", "congestion_wait"])
        self.assert_ends(self.numasim("sweep", sweep, "--out", "out"), 0)
        self.assertEqual(list(self.rows()[0])[6:], ["requests.failed", "congestion_wait.woken",
                                                    "congestion_wait.timed_out"])

    def test_a_metric_that_no_run_has_is_an_error_and_the_runs_stay(self):
        """With the nearest name."""
        sweep = self.sweep_file(metrics=["requests.faild"])
        self.assert_ends(self.numasim("sweep", sweep, "--out", "out"), 3,
                         "requests.faild", "did you mean requests.failed?")
        sweep = self.sweep_file(metrics=["requests.failed"])
        done = self.numasim("sweep", sweep, "--out", "out", "--resume")
        self.assertIn("1 were there already", done.stdout)

    def test_common_random_numbers_are_the_default_and_said(self):
        """In the list and by the sweep."""
        for more in (["--list"], ["--out", "out"]):
            done = self.numasim("sweep", self.some_runs(), *more)
            self.assertIn("repeat k has the same seed at every point (common random numbers)",
                          done.stdout)

    def test_list_and_dry_run_print_the_runs_and_write_nothing(self):
        """Their number comes last."""
        before = [*self.files(), self.some_runs()]
        for switch in ("--list", "--dry-run"):
            done = self.numasim("sweep", "w.json", switch)
            self.assert_ends(done, 0)
            self.assertEqual(last_line(done), "total 24")
            self.assertEqual(done.stdout.count("kernel.hz=250"), 8)
        listed = json.loads(self.numasim("sweep", "w.json", "--list", "--json").stdout)
        self.assertEqual(len(listed["runs"]), listed["total"])
        self.assertEqual(self.files(), sorted(before))

    def test_dry_run_finds_what_is_wrong_with_a_trace(self):
        """At the point where it is wrong."""
        self.assert_ends(self.numasim("sweep", self.failing_runs(), "--dry-run"), 3, "a CPU")

    def test_json_is_one_document(self):
        """And nothing else."""
        done = self.numasim("sweep", self.some_runs(), "--out", "out", "--json")
        outcome = json.loads(done.stdout)
        self.assertEqual([outcome[key] for key in ("total", "ok", "failed", "skipped")],
                         [24, 24, 0, 0])

    def test_what_is_there_is_left_alone_without_resume_or_force(self):
        """And a folder of other things even then."""
        sweep = self.some_runs()
        self.numasim("sweep", sweep, "--out", "out")
        self.assert_ends(self.numasim("sweep", sweep, "--out", "out"), 4, "add --resume")
        self.assert_ends(self.numasim("sweep", sweep, "--out", "out", "--force"), 0)
        self.write("mine/letter.txt", "dear")
        self.assert_ends(self.numasim("sweep", sweep, "--out", "mine", "--force"), 4, "other files")

    def test_added_points_run_alone(self):
        """Those that were there keep their runs."""
        self.numasim("sweep", self.sweep_file(grid={"kernel.hz": [100, 250]}), "--out", "out")
        more = self.sweep_file(grid={"kernel.hz": [1000, 100, 250]})
        done = self.numasim("sweep", more, "--out", "out", "--resume")
        self.assertIn("2 were there already", done.stdout)
        self.assertEqual(len(self.rows()), 3)

    def test_shards_are_all_runs_and_overlap_nowhere(self):
        """In one directory the last of them makes the table of the whole."""
        sweep = self.some_runs()
        self.numasim("sweep", sweep, "--out", "whole")
        totals = 0
        for part in ("2/3", "3/3", "1/3"):
            self.assertFalse((self.folder / "out/results.csv").exists())
            done = self.numasim("sweep", sweep, "--out", "out", "--resume", "--shard", part)
            self.assertNotIn("were there already", done.stdout)
            totals += int(last_line(done).split()[1].rstrip(","))
        self.assertEqual(totals, 24)
        self.assertEqual(self.table(), self.table("whole"))

    def test_wrong_options_are_refused(self):
        """Before anything is written."""
        sweep = self.some_runs()
        for wrong in (["--shard", "0/2"], ["--shard", "3/2"], ["--shard", "x"], ["-j", "0"],
                      ["--timeout", "5"], ["--timeout", "0s"], ["--resume", "--force"]):
            self.assert_ends(self.numasim("sweep", sweep, "--out", "out", *wrong), 2, wrong[0][:7])
        self.assertFalse((self.folder / "out").exists())


class Failures(SweepTest):
    """Runs that fail, crash or hang."""

    def test_a_failing_run_stops_no_other_and_its_log_stays(self):
        """The exit code says that some failed."""
        done = self.numasim("sweep", self.failing_runs(), "--out", "out")
        self.assert_ends(done, 5, "point 1")
        self.assertEqual(last_line(done), "total 3, ok 2, failed 1, skipped 0")
        rows = self.rows()
        self.assertEqual([row["status"] for row in rows], ["ok", "failed", "ok"])
        self.assertEqual(rows[1]["requests.total"], "-1")
        logs = list((self.folder / "out/logs").iterdir())
        self.assertEqual([log.stem for log in logs], [rows[1]["run"]])
        self.assertIn("a CPU of the machine", logs[0].read_text())

    def test_fail_fast_starts_no_more_and_resume_goes_on(self):
        """What was not started counts as skipped."""
        sweep = self.failing_runs()
        done = self.numasim("sweep", sweep, "--out", "out", "--fail-fast", "-j", "1")
        self.assertEqual(done.returncode, 5)
        self.assertEqual(last_line(done), "total 3, ok 1, failed 1, skipped 1")
        self.assertFalse((self.folder / "out/results.csv").exists())
        self.numasim("sweep", sweep, "--out", "out", "--resume")
        self.numasim("sweep", sweep, "--out", "whole")
        self.assertEqual(self.table(), self.table("whole"))

    def test_a_run_that_hangs_is_ended_by_the_timeout(self):
        """A pipe that nobody writes to never gives a trace."""
        os.mkfifo(self.folder / "pipe.jsonl")
        sweep = self.sweep_file(grid={"workload.trace": ["trace.jsonl", "pipe.jsonl"]})
        done = self.numasim("sweep", sweep, "--out", "out", "--timeout", "2s")
        self.assertEqual(last_line(done), "total 2, ok 1, failed 1, skipped 0")
        self.assertEqual([row["status"] for row in self.rows()], ["ok", "timed_out"])

    def test_a_run_that_dies_of_a_signal_has_crashed(self):
        """Whatever sends it."""
        os.mkfifo(self.folder / "pipe.jsonl")
        sweep = self.sweep_file(grid={"workload.trace": ["pipe.jsonl", "trace.jsonl"]})
        process = self.start(sweep, "--out", "out", "-j", "1")
        while not children_of(process.pid):
            time.sleep(0.01)
        os.kill(children_of(process.pid)[0], signal.SIGKILL)
        self.assertEqual(process.wait(60), 5)
        self.assertEqual([row["status"] for row in self.rows()], ["crashed", "ok"])

    def test_a_failed_run_is_run_again_by_resume(self):
        """Once its cause is gone the record of it is, too."""
        sweep = self.failing_runs()
        self.numasim("sweep", sweep, "--out", "out")
        done = self.numasim("sweep", sweep, "--out", "out", "--resume")
        self.assertEqual(last_line(done), "total 3, ok 2, failed 1, skipped 0")
        self.assertEqual(len(list((self.folder / "out/failed").iterdir())), 1)

    def test_a_run_that_was_there_and_now_fails_has_failed(self):
        """Nobody takes the old one for it."""
        sweep = self.sweep_file()
        self.numasim("sweep", sweep, "--out", "out")
        run = self.rows()[0]["run"]
        self.write(f"out/runs/{run}/.incomplete/letter.txt", "in the way")
        self.assert_ends(self.numasim("sweep", sweep, "--out", "out", "--force"), 5, "failed")
        self.assertEqual(self.rows()[0]["status"], "failed")

    def test_an_invalid_point_is_told_before_anything_runs(self):
        """With the place of its value in the sweep's file."""
        sweep = self.sweep_file(grid={"machine.nodes.0.memory_bytes": ["32MiB", "5000"]})
        self.assert_ends(self.numasim("sweep", sweep, "--out", "out"), 3, "w.json:1:", "/machine")
        self.assertFalse((self.folder / "out").exists())


if __name__ == "__main__":
    unittest.main()
