#!/usr/bin/python3
"""The guide to sweeps keeps its word: its tables are those of the program."""
import json
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "sim/sweep/SWEEPS.md").read_text()
PROGRAM = Path(os.environ.get("NUMASIM_BINARY", ROOT / "build/numasim"))
SWEEPS = sorted((ROOT / "configs/sweeps").glob("*.json"))


def names_in_table(heading):
    """What stands in the first column of the first table below a heading."""
    table = GUIDE.split(heading)[1].split("\n|---", 1)[1].split("\n\n")[0]
    return {name for cell in re.findall(r"^\| ([^|]+?) \|", table, re.MULTILINE)
            for name in re.findall(r"`(?:--)?([\w-]+)[^`]*`", cell)}


class Sweeps(unittest.TestCase):
    """sim/sweep/SWEEPS.md."""

    def test_keys_of_the_file_are_those_of_the_program(self):
        """As it lists them for a key it does not know."""
        with tempfile.TemporaryDirectory() as folder:
            sweep = Path(folder, "w.json")
            sweep.write_text('{"numasim_sweep": 1, "qqqqqqqqq": 1}', encoding="utf-8")
            done = subprocess.run([PROGRAM, "sweep", sweep], capture_output=True, text=True,
                                  check=False)
        known = re.search(r"known: (.*)", done.stderr).group(1).split(", ")
        self.assertEqual(names_in_table("## The sweep's file"), set(known) - {"$schema"})

    def test_options_are_those_of_the_program(self):
        """The guide explains none that is not there."""
        helped = subprocess.run([PROGRAM, "sweep", "--help"], capture_output=True, text=True,
                                check=True).stdout
        for option in names_in_table("## Running"):
            self.assertRegex(helped, rf"(?m)^ *(-\w, )?--{option}\b|^ *{option}, ", option)

    def test_every_shipped_sweep_is_strict_json_and_sound(self):
        """Each says what it is for."""
        self.assertGreaterEqual(len(SWEEPS), 3)
        for sweep in SWEEPS:
            self.assertIn("description", json.loads(sweep.read_text(encoding="utf-8")))
            done = subprocess.run([PROGRAM, "validate", sweep], capture_output=True, text=True,
                                  check=False)
            self.assertEqual(done.stdout, f"{sweep}: sweep is valid\n", done.stderr)


if __name__ == "__main__":
    unittest.main()
