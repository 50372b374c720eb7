#!/usr/bin/python3
"""run: what it leaves, prints and refuses."""
import json
import os
import signal
import subprocess
import time
import unittest

from tests.cli.program import PROGRAM, ProgramTest

SERIES_OF_TOUCHES = "".join(
    f'{{"task":"fill","op":"map","region":"r{i}","pages":60000}}\n'
    f'{{"task":"fill","op":"touch","region":"r{i}","pages":60000}}\n'
    f'{{"task":"fill","op":"unmap","region":"r{i}"}}\n' for i in range(5000))


class Runs(ProgramTest):
    """A small scenario, run to its end."""

    def run_good(self, *args):
        """Runs the scenario of the folder, without the two seconds of a figure."""
        done = self.numasim("run", "good.json", "--no-figure", *args)
        self.assert_ends(done, 0)
        return done

    def contents(self, directory):
        """The files of a run that must not differ between two runs."""
        return {path.name: path.read_bytes() for path in (self.folder / directory).iterdir()
                if path.name != "provenance.json"}

    def test_ends_with_a_summary_that_names_the_run_directory(self):
        """By default runs/NAME-SEED."""
        done = self.run_good("--seed", "3")
        self.assertEqual(done.stdout.splitlines()[-1], "results in runs/good-3")
        self.assertLessEqual(len(done.stdout.splitlines()), 25)
        self.assertIn("runs/good-3/summary.json", self.files())

    def test_piped_output_has_no_progress_in_it(self):
        """No carriage return, no escape sequence, nothing on stderr."""
        done = self.run_good()
        self.assertEqual(done.stderr, "")
        self.assertNotRegex(done.stdout, "[\r\x1b]")

    def test_json_is_one_document_and_the_summary(self):
        """Nothing else is on stdout."""
        done = self.run_good("--json", "--out", "there")
        self.assertEqual(json.loads(done.stdout),
                         json.loads((self.folder / "there/summary.json").read_text()))

    def test_quiet_says_nothing(self):
        """Only the files tell."""
        self.assertEqual(self.run_good("-q").stdout, "")

    def test_two_runs_of_one_seed_differ_in_provenance_only(self):
        """Byte for byte."""
        self.run_good("--out", "a")
        self.run_good("--out", "b")
        self.assertEqual(self.contents("a"), self.contents("b"))
        self.assertIn("series.csv", self.contents("a"))

    def test_the_resolved_scenario_gives_the_same_run(self):
        """config.resolved.json is itself a scenario."""
        self.run_good("--set", "kernel.min_free_kbytes=512", "--out", "a")
        done = self.numasim("run", "a/config.resolved.json", "--no-figure", "--out", "b")
        self.assert_ends(done, 0)
        self.assertEqual(self.contents("a"), self.contents("b"))

    def test_an_earlier_run_is_replaced_by_force_only(self):
        """Exit code 4, with the way out."""
        self.run_good("--out", "a")
        before = self.contents("a")
        self.assert_ends(self.numasim("run", "good.json", "--out", "a", "--seed", "9"), 4,
                         "cannot write a: it exists; add --force")
        self.assertEqual(self.contents("a"), before)
        self.run_good("--out", "a", "--seed", "9", "--force")
        self.assertNotEqual(self.contents("a"), before)

    def test_force_does_not_touch_what_is_no_run(self):
        """A slip of the hand must not cost a folder."""
        self.write("precious/thesis.tex", "x")
        self.assert_ends(self.numasim("run", "good.json", "--out", "precious", "--force"), 4,
                         "holds other files than a run's")
        self.assertEqual((self.folder / "precious/thesis.tex").read_text(), "x")

    def test_a_dry_run_writes_nothing(self):
        """But checks everything."""
        before = self.files()
        self.assertEqual(self.numasim("run", "good.json", "--dry-run").stdout, "")
        self.assertEqual(self.files(), before)

    def test_a_place_that_cannot_be_written_is_exit_code_4(self):
        """And nothing is left."""
        before = self.files()
        self.assert_ends(self.numasim("run", "good.json", "--out", "good.json/x"), 4,
                         "good.json/x.incomplete: Not a directory")
        self.assertEqual(self.files(), before)

    def test_the_figure_is_drawn(self):
        """Its name is no business of stdout."""
        done = self.numasim("run", "good.json", "--json")
        self.assert_ends(done, 0)
        json.loads(done.stdout)
        self.assertIn("runs/good-1/pressure.png", self.files())

    def test_a_saved_state_starts_another_run(self):
        """And is valid in itself."""
        self.run_good("--save-state", "state.json", "--out", "a")
        self.assertEqual(self.numasim("validate", "state.json").stdout,
                         "state.json: state file is valid\n")
        self.run_good("--set", "run.start_state=state.json", "--out", "b")
        self.assertIn("b/summary.json", self.files())


class Interruption(ProgramTest):
    """Ctrl-C."""

    def test_leaves_files_that_nobody_takes_for_a_run(self):
        """Exit code 130, no summary.json."""
        self.write("trace.jsonl", '{"numasim_trace":1,"tasks":[{"name":"fill","cpu":0}]}\n' +
                   SERIES_OF_TOUCHES)
        with subprocess.Popen([PROGRAM, "run", "good.json", "--out", "there", "--no-figure"],
                              cwd=self.folder, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as running:
            while running.poll() is None and not (self.folder / "there.incomplete").exists():
                time.sleep(0.01)
            os.kill(running.pid, signal.SIGINT)
            stdout, _ = running.communicate(timeout=60)
        self.assertEqual((running.returncode, stdout), (130, b""))
        self.assertFalse((self.folder / "there").exists())
        self.assertNotIn("there.incomplete/summary.json", self.files())


if __name__ == "__main__":
    unittest.main()
