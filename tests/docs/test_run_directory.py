#!/usr/bin/python3
"""RUN_DIRECTORY.md names every file, column and kind of event that a run writes, and no other."""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONTRACT = (ROOT / "sim/results/RUN_DIRECTORY.md").read_text()
GOLDEN = ROOT / "tests/results/golden_run"
KINDS = re.search(r"kEventKindNames\[\] = \{(.*?)\};",
                  (ROOT / "sim/results/event_row.hpp").read_text(), re.DOTALL).group(1)


def section(title):
    """The text below a heading."""
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", CONTRACT, re.DOTALL | re.MULTILINE).group(1)


def first_cells(text, header):
    """The names in the first column of the table that begins with a header."""
    table = text[text.index(f"\n| {header} |"):].strip().split("\n\n")[0]
    cells = [row.split("|")[1].strip() for row in table.splitlines()[2:]]
    return [name for cell in cells for name in cell.split(", ")]


class Contract(unittest.TestCase):
    """Against the recorded run and the source."""

    def test_every_kind_of_event_has_its_row(self):
        self.assertEqual(sorted(first_cells(section("events.csv"), "kind | what")),
                         sorted(re.findall(r'"(\w+)"', KINDS)))

    def test_every_file_is_in_the_table(self):
        files = set(first_cells(CONTRACT, "file | holds")) - {"series.npy", "provenance.json"}
        self.assertEqual(files, {path.name for path in GOLDEN.iterdir()})

    def test_every_column_is_explained(self):
        for path in GOLDEN.glob("*.csv"):
            if path.name == "vmstat.csv":
                continue  # by groups
            title = "tasks.csv and waits.csv" if path.stem in ("tasks", "waits") else path.name
            for column in path.read_text().splitlines()[0].split(","):
                explained = column in section(title) or column.startswith("order_")
                self.assertTrue(explained, f"{path.name}: {column}")


if __name__ == "__main__":
    unittest.main()
