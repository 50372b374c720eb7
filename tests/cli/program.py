#!/usr/bin/python3
"""Runs the built program: on files of a temporary folder, or on the scenarios that are shipped."""
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("NUMASIM_BINARY", str(ROOT / "build/numasim"))

TRACE = """\
{"numasim_trace":1,"tasks":[{"name":"fill","cpu":0}]}
{"task":"fill","op":"map","region":"heap","pages":100}
{"task":"fill","op":"touch","region":"heap","pages":100}
{"task":"fill","op":"exit"}
"""
SCENARIO = {"workload": {"trace": "trace.jsonl"}}


def numasim(*args):
    """Runs the program to its end."""
    return subprocess.run([PROGRAM, *map(str, args)], text=True, capture_output=True, timeout=300,
                          check=False)


class ShippedRuns(unittest.TestCase):
    """A test about runs of shipped scenarios, each made once, when it is first asked for."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="numasim-runs-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)

    def finished(self, scenario, *settings):
        """The directory of a run, of a shipped scenario by its name or of one by its Path."""
        file = scenario if isinstance(scenario, Path) else (
            ROOT / f"configs/scenarios/{scenario}.json")
        where = self.folder / (file.stem + "".join(settings).replace("/", "_"))
        if not where.exists():
            sets = [part for setting in settings for part in ("--set", setting)]
            done = numasim("run", file, "--out", where, "--no-figure", "-q", *sets)
            self.assertEqual(done.returncode, 0, done.stderr)
        return where

    def summary(self, scenario):
        """What the run counted."""
        return json.loads((self.finished(scenario) / "summary.json").read_text())


class ProgramTest(unittest.TestCase):
    """A test with a folder of its own, in which the program is started."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="numasim-cli-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name).resolve()
        self.write("trace.jsonl", TRACE)
        self.write("good.json", json.dumps(SCENARIO))

    def write(self, name, text):
        """Writes a file into the folder; returns its name."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    def numasim(self, *args, stdin=""):
        """Runs the program to its end."""
        return subprocess.run([PROGRAM, *args], cwd=self.folder, input=stdin, text=True,
                              capture_output=True, timeout=120, check=False)

    def assert_ends(self, done, code, *said):
        """The exit code is `code` and stderr holds each of `said`."""
        self.assertEqual(done.returncode, code, done.stderr)
        for text in said:
            self.assertIn(text, done.stderr)

    def files(self):
        """Everything in the folder, as relative names."""
        return sorted(str(path.relative_to(self.folder)) for path in self.folder.rglob("*"))
