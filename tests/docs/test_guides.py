#!/usr/bin/python3
"""Documents of the rooms keep their word: commands run, links and named files exist."""
import os
import re
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("NUMASIM_BINARY", ROOT / "build/numasim"))
ROOMS = ("allocator", "analysis", "configs", "sim", "tests", "workloads")
DOCUMENTS = [ROOT / "README.md"] + [path for room in ROOMS
                                    for path in sorted((ROOT / room).rglob("*.md"))]
TESTED_APART = {"README.md", "workloads/TRACES.md"}  # blocks that want a folder of their own
# Blocks that need what a test has not: a build of one's own, perf, a cluster that is there.
SHOWN_ONLY = {"tests/README.md": 3, "workloads/TRACES.md": 1}


def name_of(document):
    """Relative to the root."""
    return str(document.relative_to(ROOT))


def blocks_of(document, kind):
    """The blocks of a kind, as shell text."""
    return re.findall(rf"^```{kind}\n(.*?)^```$", document.read_text(), re.MULTILINE | re.DOTALL)


class Guides(unittest.TestCase):
    """Every *.md of the rooms."""

    def test_every_runnable_block_runs(self):
        """Those of a document one after the other, in one folder."""
        for document in DOCUMENTS:
            blocks = blocks_of(document, "sh runnable")
            if not blocks or name_of(document) in TESTED_APART:
                continue
            with self.subTest(name_of(document)), tempfile.TemporaryDirectory() as folder:
                for room in ROOMS:
                    Path(folder, room).symlink_to(ROOT / room)
                Path(folder, "numasim").symlink_to(PROGRAM)
                for block in blocks:
                    done = subprocess.run(["bash", "-eu", "-c", block], cwd=folder, text=True,
                                          capture_output=True, timeout=120, check=False)
                    self.assertEqual(done.returncode, 0, f"{block}\n{done.stdout}\n{done.stderr}")

    def test_blocks_that_do_not_run_are_the_known_few(self):
        """So that none is forgotten."""
        shown = {name_of(document): len(blocks_of(document, "sh")) for document in DOCUMENTS}
        self.assertEqual({name: count for name, count in shown.items() if count}, SHOWN_ONLY)

    def test_links_lead_somewhere(self):
        """From the document's own folder."""
        for document in DOCUMENTS:
            for target in re.findall(r"\]\(([^)#\s]+)\)", document.read_text()):
                if "://" not in target:
                    self.assertTrue((document.parent / target).exists(),
                                    f"{name_of(document)}: {target}")


if __name__ == "__main__":
    unittest.main()
