#!/usr/bin/python3
"""numasim validate-model on small recordings."""
import json
import unittest

from tests.cli.program import ProgramTest
from tests.validation.recorded import make_recording

ANON = "scn=anon pages=300"


class ValidateModel(ProgramTest):
    """The command, from folders to the last line."""

    def recording(self, name="small", workload=ANON, **made_up):
        """A recording in the test's folder; returns its name."""
        make_recording(self.folder / name, workload, **made_up)
        return name

    def rows(self, done):
        """The rows of --json by quantity."""
        return {row["quantity"]: row for row in json.loads(done.stdout)["rows"]}

    def test_counts_what_the_run_asked_for_and_ends_with_the_sum(self):
        """300 pages, one page table, a fork and what it takes."""
        done = self.numasim("validate-model", "--json", self.recording())
        row = self.rows(done)["requests served from zone DMA32 of node 0"]
        self.assertEqual(row["recorded"], 331)
        self.assertAlmostEqual(row["simulated"], 316, delta=10)
        text = self.numasim("validate-model", "small").stdout
        self.assertRegex(text.splitlines()[-1], r"^\d+ passed, \d+ failed$")
        self.assertTrue(text.startswith("scenario "))

    def test_exits_with_1_when_a_target_is_missed(self):
        """A recording that says twice as much was asked for."""
        self.recording(summary={"alloc_by_zone": {"1": 700}})
        self.assert_ends(self.numasim("validate-model", "small"), 1)

    def test_counts_a_scenario_without_a_program_as_failed_and_says_why(self):
        """No silent omission."""
        done = self.numasim("validate-model", self.recording(workload="scn=juggle"))
        self.assert_ends(done, 1)
        self.assertIn("cannot be run yet: no program for scn=juggle", done.stdout)
        self.assertTrue(done.stdout.endswith("0 passed, 1 failed\n"))

    def test_reports_a_key_that_nothing_takes_notice_of(self):
        """A parameter that matters must not pass unseen."""
        done = self.numasim("validate-model", self.recording(workload=ANON + " colour=blue"))
        self.assertIn("note: small: nothing takes notice of colour=blue\n", done.stdout)

    def test_the_same_recording_gives_the_same_bytes(self):
        """Nothing of the wall clock, the process or the order of children is in the result."""
        self.recording()
        self.recording("other", "scn=hogs nh=2 hpages=200 ncpu=2")
        first = self.numasim("validate-model", "-j", "2", "small", "other").stdout
        again = self.numasim("validate-model", "-j", "1", "small", "other").stdout
        self.assertEqual(first, again)

    def test_keeps_a_run_directory_of_each_run(self):
        """They can be laid beside the recording."""
        self.recording()
        self.numasim("validate-model", "small", "--out", "runs")
        for name in ("events.csv", "series.csv", "summary.json"):
            self.assertTrue((self.folder / "runs/small" / name).is_file(), name)

    def test_writes_a_page_with_a_figure(self):
        """The figure is the same each time."""
        self.recording()
        pages = []
        for place in ("a", "b"):
            self.numasim("validate-model", "small", "--markdown", place)
            pages.append([(self.folder / place / name).read_bytes()
                          for name in ("README.md", "small.png")])
        self.assertEqual(pages[0], pages[1])
        self.assertIn(b"## small", pages[0][0])
        self.assertIn(b"(small.png)", pages[0][0])
        self.assertTrue(pages[0][1].startswith(b"\x89PNG"))

    def test_runs_repeats_of_what_differs_from_run_to_run(self):
        """Each has its directory; the medians are judged."""
        self.recording(workload="scn=dirty fs=1 disk=1000000000,1000,0 nw=1 wpages=50")
        self.numasim("validate-model", "small", "--repeats", "3", "--out", "runs")
        runs = {path.name for path in (self.folder / "runs").iterdir() if path.is_dir()}
        self.assertEqual(runs, {"small.settle3", "small.settle4", "small.hchunk15"})

    def test_takes_a_folder_of_recordings_and_leaves_out_those_without_a_workload(self):
        """boot and replayed lists are the business of conform."""
        self.recording("set/one")
        self.recording("set/two", "scn=boot")
        done = self.numasim("validate-model", "set")
        self.assertIn("one ", done.stdout)
        self.assertNotIn("two ", done.stdout)

    def test_says_what_is_wrong_with_a_folder(self):
        """One message, exit code 3; nothing is run."""
        (self.folder / "empty").mkdir()
        self.assert_ends(self.numasim("validate-model", "empty"), 3, "expected a recording")
        self.recording(workload="scn=anon pages=many")
        self.assert_ends(self.numasim("validate-model", "small"), 3, "cmd.txt:1: pages",
                         "expected a whole number")
        self.recording("nameless", "pages=3")
        self.assert_ends(self.numasim("validate-model", "nameless"), 3, "expected scn=NAME")
        self.assert_ends(self.numasim("validate-model", "nowhere"), 4, "nowhere")

    def test_refuses_more_repeats_than_there_are(self):
        """The command line is wrong: exit code 2."""
        self.recording()
        self.assert_ends(self.numasim("validate-model", "small", "--repeats", "9"), 2, "1..8")


if __name__ == "__main__":
    unittest.main()
