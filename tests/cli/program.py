#!/usr/bin/python3
"""Runs the built program on files of a temporary folder."""
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
