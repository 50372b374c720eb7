#!/usr/bin/python3
"""The guide to traces keeps its word: its commands run, its tables are those of the program."""
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "workloads/TRACES.md").read_text()
PROGRAM = Path(os.environ.get("NUMASIM_BINARY", ROOT / "build/numasim"))


def numasim(*args):
    """What the program prints."""
    return subprocess.run([PROGRAM, *args], capture_output=True, text=True, check=True).stdout


def rows_after(heading):
    """First column of the first table below a heading, and the second."""
    table = GUIDE.split(heading)[1].split("\n|---", 1)[1].split("\n\n")[0]
    return re.findall(r"^\| `([\w-]+)` \| ([^|]+?) \|", table, re.MULTILINE)


class Traces(unittest.TestCase):
    """workloads/TRACES.md."""

    def test_every_runnable_block_runs(self):
        """One after the other, in one folder; a pipe fails as a whole."""
        blocks = re.findall(r"^```sh runnable\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
        self.assertGreaterEqual(len(blocks), 5)
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, "tests").symlink_to(ROOT / "tests")
            Path(folder, "numasim").symlink_to(PROGRAM)
            for block in blocks:
                done = subprocess.run(["bash", "-eu", "-o", "pipefail", "-c", block], cwd=folder,
                                      text=True, capture_output=True, timeout=120, check=False)
                self.assertEqual(done.returncode, 0, f"{block}\n{done.stdout}\n{done.stderr}")

    def test_kinds_are_those_of_the_program(self):
        """With what each does."""
        kinds = numasim("trace", "gen", "--help").split("kinds:\n")[1].split("\n\n")[0]
        helped = re.findall(r"^  (\w+) +(.+)$", kinds, re.MULTILINE)
        self.assertEqual(rows_after("## Make one from a seed"), helped)

    def test_formats_are_those_of_the_program(self):
        """Of import."""
        done = subprocess.run([PROGRAM, "import", "no-such", "x", "--out", "no-such-folder"],
                              capture_output=True, text=True, check=False)
        known = done.stderr.split("known are: ")[1].strip().split(", ")
        self.assertEqual(sorted(name for name, _ in rows_after("## Import a recording")),
                         sorted(known))

    def test_links_lead_somewhere(self):
        """Beside the guide."""
        for target in re.findall(r"\]\(([^)#\s]+)\)", GUIDE):
            self.assertTrue((ROOT / "workloads" / target).exists(), target)


if __name__ == "__main__":
    unittest.main()
