#!/usr/bin/python3
"""numasim import: from recorded files to a scenario that runs."""
import json
import unittest
from pathlib import Path

from tests.cli.program import ProgramTest

DATA = Path(__file__).resolve().parents[1] / "workloads" / "data"


class Import(ProgramTest):
    def test_makes_a_scenario_that_runs_from_each_format(self):
        for name, path in (("kernel2624", "kernel2624_anon2"), ("ftrace", "ftrace/a.trace.gz")):
            with self.subTest(name):
                done = self.numasim("import", name, DATA / path, "--out", name)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertIn("records written", done.stdout)
                run = self.numasim("run", f"{name}/scenario.json", "--json", "--no-figure",
                                   "--out", f"{name}-run")
                self.assertEqual(run.returncode, 0, run.stderr)
                json.loads(run.stdout)

    def test_takes_the_machine_of_a_capture_from_the_command_line(self):
        done = self.numasim("import", "ftrace", DATA / "ftrace" / "a.trace.gz", "--out", "a",
                            "--nodes", "4", "--memory", "128MiB")
        self.assertEqual(done.returncode, 0, done.stderr)
        shown = self.numasim("show-config", "a/scenario.json")
        self.assertEqual(len(json.loads(shown.stdout)["machine"]["nodes"]), 4)

    def test_refuses_what_it_cannot_do_and_writes_nothing(self):
        cases = (  # words, exit code, what stderr says
            (("kernel2625", DATA, "--out", "x"), 2,
             "known are: kernel2624, ftrace, perf, trace-cmd, llfree"),
            (("ftrace", DATA / "ftrace" / "a.trace.gz"), 2, "--out DIR"),
            (("ftrace", "missing.gz", "--out", "x"), 4, "missing.gz"),
            (("kernel2624", "missing", "--out", "x"), 4, "missing"),
            (("ftrace", DATA / "ftrace" / "a.trace.gz", "--out", "x", "--nodes", "2",
              "--memory", "lots"), 2, "--memory expects"),
        )
        for words, code, told in cases:
            with self.subTest(words[0]):
                done = self.numasim("import", *words)
                self.assertEqual(done.returncode, code, done.stderr)
                self.assertIn(told, done.stderr)
                self.assertFalse((self.folder / "x").exists())

    def test_does_not_replace_a_scenario_unless_forced(self):
        words = ("import", "ftrace", DATA / "ftrace" / "a.trace.gz", "--out", "a")
        self.assertEqual(self.numasim(*words).returncode, 0)
        self.assertEqual(self.numasim(*words).returncode, 4)
        self.assertEqual(self.numasim(*words, "--force").returncode, 0)
