#!/usr/bin/python3
"""The README keeps its word: its runnable commands work, its links lead somewhere, it is short."""
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()
PROGRAM = Path(os.environ.get("NUMASIM_BINARY", ROOT / "build/numasim"))


def runnable_blocks():
    """The ```sh runnable blocks, as shell text."""
    return re.findall(r"^```sh runnable\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def linked_paths():
    """The files that links and figures point to."""
    targets = re.findall(r"\]\(([^)#\s]+)", README)
    return [target for target in targets if "://" not in target]


class Readme(unittest.TestCase):
    """What a newcomer tries first."""

    def test_every_runnable_block_runs(self):
        """In the order of the page, in a folder that looks like the checkout."""
        self.assertTrue(runnable_blocks())
        with tempfile.TemporaryDirectory() as folder:
            for entry in ("configs", "workloads", "analysis"):
                Path(folder, entry).symlink_to(ROOT / entry)
            Path(folder, "numasim").symlink_to(PROGRAM)
            for block in runnable_blocks():
                done = subprocess.run(["bash", "-eu", "-c", block], cwd=folder, text=True,
                                      capture_output=True, timeout=120, check=False)
                self.assertEqual(done.returncode, 0, f"{block}\n{done.stdout}\n{done.stderr}")

    def test_links_and_figures_exist(self):
        """Relative to the root."""
        missing = [target for target in linked_paths() if not (ROOT / target).exists()]
        self.assertEqual(missing, [])

    def test_named_files_exist(self):
        """Paths in `code` that look like a file of a room."""
        rooms = "allocator|analysis|configs|sim|tests|workloads"
        named = re.findall(rf"`((?:{rooms})/[\w./]+)`", README)
        missing = [path for path in named if not (ROOT / path).exists()]
        self.assertEqual(missing, [])

    def test_scenarios_of_the_table_and_of_the_folder_are_the_same(self):
        """None forgotten, none invented."""
        table = README.split("## Scenarios that come with it")[1].split("\n## ")[0]
        in_table = set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE))
        in_folder = {path.stem for path in (ROOT / "configs/scenarios").glob("*.json")}
        self.assertEqual(in_table, in_folder)

    def test_exit_codes_are_those_of_the_help(self):
        """The table explains no code the program does not have."""
        table = README.split("| exit code | means |")[1].split("\n\n")[0]
        in_table = set(re.findall(r"^\| (\d+) \|", table, re.MULTILINE))
        helped = subprocess.run([PROGRAM, "--help"], capture_output=True, text=True, check=True)
        in_help = set(re.findall(r"^ *(\d+) ", helped.stdout, re.MULTILINE))
        self.assertLessEqual(in_table, in_help)

    def test_the_readme_of_the_tests_names_every_folder(self):
        """And none that is gone."""
        text = (ROOT / "tests/README.md").read_text()
        named = set(re.findall(r"^\| (\w+)/ \|", text, re.MULTILINE))
        folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()}
        self.assertEqual(named, folders - {"__pycache__"})

    def test_it_is_short(self):
        """A page, not a book."""
        self.assertLessEqual(README.count("\n"), 150)


if __name__ == "__main__":
    unittest.main()
