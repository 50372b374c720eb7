#!/usr/bin/python3
"""A sweep as a job array of a real Slurm comes to what it comes to on one machine."""
import unittest

from tests.sweep.cluster import Cluster, why_not
from tests.sweep.sweeps import SweepTest


class Script(SweepTest):
    """What --slurm writes."""

    def test_is_a_job_array_that_runs_the_parts(self):
        """With the options of the sweep and of sbatch."""
        done = self.numasim("sweep", self.some_runs(), "--out", "my out", "--slurm", "4", "-j", "3",
                            "--slurm-option=--time=01:00:00", "--set", "machine.cpu_hz=2GHz")
        self.assert_ends(done, 0)
        script = (self.folder / "my out/slurm.sh").read_text(encoding="utf-8")
        for line in ("#SBATCH --array=1-4", "#SBATCH --cpus-per-task=3",
                     "#SBATCH --time=01:00:00", f"'{self.folder}/my out'",
                     "--set=machine.cpu_hz=2GHz", '--shard "$SLURM_ARRAY_TASK_ID/4"'):
            self.assertIn(line, script)
        self.assertIn("sbatch", done.stdout)

    def test_runs_by_hand_what_slurm_would_run(self):
        """Task after task; the last one makes the table."""
        sweep = self.some_runs()
        self.numasim("sweep", sweep, "--out", "whole")
        self.numasim("sweep", sweep, "--out", "out", "--slurm", "3")
        for task in ("2", "1", "3"):
            self.assertFalse((self.folder / "out/results.csv").exists())
            self.run_script("out/slurm.sh", {"SLURM_ARRAY_TASK_ID": task})
        self.assertEqual(self.table(), self.table("whole"))


@unittest.skipIf(why_not(), why_not())
class Slurm(SweepTest):
    """On a cluster of one node."""

    def setUp(self):
        super().setUp()
        self.cluster = Cluster()
        self.addCleanup(self.cluster.stop)
        self.cluster.start()

    def test_a_job_array_makes_the_same_table_as_jobs_at_once(self):
        """Byte for byte; a second submission finds nothing left to do."""
        sweep = self.some_runs()
        self.assert_ends(self.numasim("sweep", sweep, "--out", "whole", "-j", "2"), 0)
        self.assert_ends(self.numasim("sweep", sweep, "--out", "out", "--slurm", "4"), 0)
        self.cluster.run(self.folder / "out/slurm.sh")
        self.assertEqual(self.table(), self.table("whole"))
        self.assertEqual(self.results(), self.results("whole"))
        self.cluster.run(self.folder / "out/slurm.sh")
        logs = [log.read_text() for log in (self.folder / "out/slurm").iterdir()]
        self.assertEqual(len(logs), 8)
        self.assertEqual(sum("6 were there already" in log for log in logs), 4)

    def test_failed_runs_of_an_array_are_in_its_table(self):
        """As on one machine."""
        sweep = self.failing_runs()
        self.numasim("sweep", sweep, "--out", "whole")
        self.numasim("sweep", sweep, "--out", "out", "--slurm", "3")
        self.cluster.run(self.folder / "out/slurm.sh")
        self.assertEqual(self.table(), self.table("whole"))


if __name__ == "__main__":
    unittest.main()
