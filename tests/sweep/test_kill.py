#!/usr/bin/python3
"""A sweep that is killed at any moment and resumed leaves what an undisturbed one leaves."""
import os
import random
import signal
import time
import unittest

from tests.sweep.sweeps import SweepTest, processes_in

SEED = int(os.environ.get("NUMASIM_TEST_SEED", "1"))


class Killed(SweepTest):
    """kill -9, again and again."""

    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)
        self.sweep = self.sweep_file(grid={"kernel.min_free_kbytes": {"from": 256, "to": 4096,
                                                                      "step": 256},
                                           "machine.nodes.0.cpus": [1, 0]}, repeats=2)
        self.assert_ends(self.numasim("sweep", self.sweep, "--out", "whole"), 0)

    def runs_there(self):
        """How many runs have a directory, whole or not."""
        runs = self.folder / "out/runs"
        return len(list(runs.iterdir())) if runs.exists() else 0

    def kill_somewhere(self, *args):
        """Starts the sweep and kills it some way on, in the midst of whatever it does."""
        goal = self.runs_there() + self.random.randrange(12)
        process = self.start(self.sweep, "--out", "out", "--resume", *args)
        while process.poll() is None and self.runs_there() < goal:
            pass
        time.sleep(self.random.uniform(0, 0.01))
        process.send_signal(signal.SIGKILL)
        return process.wait()

    def assert_as_undisturbed(self):
        """The same table and the same runs, and nobody is left."""
        self.assertEqual(self.table(), self.table("whole"))
        self.assertEqual(self.results(), self.results("whole"))
        self.assertEqual(processes_in(self.folder), [])

    def test_resume_comes_to_the_same_for_any_number_of_jobs(self):
        """Each time it goes on from where it was killed."""
        for jobs in ("1", "2", "3", "1", "4"):
            self.kill_somewhere("-j", jobs)
        self.assert_ends(self.numasim("sweep", self.sweep, "--out", "out", "--resume"), 0)
        self.assert_as_undisturbed()

    def test_killed_shards_come_to_the_same(self):
        """Two at a time in one directory, then each to its end."""
        for part in ("1/3", "2/3", "3/3", "2/3"):
            other = self.start(self.sweep, "--out", "out", "--resume", "--shard", "1/3", "-j", "1")
            self.kill_somewhere("--shard", part)
            other.send_signal(signal.SIGKILL)
            other.wait()
        for part in ("3/3", "1/3", "2/3"):
            done = self.numasim("sweep", self.sweep, "--out", "out", "--resume", "--shard", part)
            self.assert_ends(done, 0)
        self.assert_as_undisturbed()

    def test_traces_that_are_made_come_to_the_same(self):
        """Wherever their making was cut off."""
        self.sweep = self.sweep_file("made.json", generate={"network": {"bursts": 20}}, repeats=12)
        self.assert_ends(self.numasim("sweep", self.sweep, "--out", "made"), 0)
        for jobs in ("2", "3", "1"):
            self.kill_somewhere("-j", jobs)
        self.assert_ends(self.numasim("sweep", self.sweep, "--out", "out", "--resume"), 0)
        self.assertEqual(self.table(), self.table("made"))

    def test_two_sweeps_at_once_in_one_directory_do_not_disturb_each_other(self):
        """Each run is done by one of them while the other waits."""
        both = [self.start(self.sweep, "--out", "out", "--resume", "-j", "2") for _ in range(2)]
        self.assertEqual([process.wait(120) for process in both], [0, 0])
        self.assert_as_undisturbed()

    def test_ctrl_c_ends_it_at_once_and_resume_goes_on(self):
        """Exit code 130, and no table."""
        process = self.start(self.sweep, "--out", "out", "-j", "2")
        while self.runs_there() < 5:
            pass
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(60), 130)
        self.assertFalse((self.folder / "out/results.csv").exists())
        self.assert_ends(self.numasim("sweep", self.sweep, "--out", "out", "--resume"), 0)
        self.assert_as_undisturbed()


if __name__ == "__main__":
    unittest.main()
