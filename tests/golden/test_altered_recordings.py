#!/usr/bin/python3
"""A recording that was altered in one place no longer passes: the replay looks at that place."""
import gzip
import os
import shutil
import unittest
from pathlib import Path

from tests.cli.program import ROOT, ProgramTest

SHARED = Path(os.environ.get("NUMASIM_RECORDINGS", ROOT.parent / "shared"))
RECORDING = SHARED / "kernel2624" / "replay_gen1"


def alter(path, is_the_row, change):
    """Changes the first row that is the one."""
    with gzip.open(path, "rt") as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    place = next(i for i, row in enumerate(rows) if is_the_row(row))
    change(rows, place)
    with gzip.open(path, "wt") as file:
        file.writelines("\t".join(row) + "\n" for row in rows)


def add_one(column):
    def change(rows, place):
        rows[place][column] = str(int(rows[place][column]) + 1)
    return change


def swap_with_next(rows, place):
    """The two entries change places on their list; their positions stay in order."""
    here, there = rows[place], rows[place + 1]
    here[5], there[5] = there[5], here[5]


@unittest.skipUnless(RECORDING.exists(), "skipped: no recordings")
class AlteredRecording(ProgramTest):
    def setUp(self):
        super().setUp()
        self.recording = self.folder / RECORDING.name
        shutil.copytree(RECORDING, self.recording)

    def conform(self):
        return self.numasim("conform", str(self.recording))

    def expect_difference(self, *words):
        done = self.conform()
        self.assertEqual(done.returncode, 1, done.stdout + done.stderr)
        self.assertTrue(done.stdout.endswith("0 passed, 1 failed\n"), done.stdout)
        for word in words:
            self.assertIn(word, done.stdout)

    def test_passes_as_long_as_it_is_not_altered(self):
        done = self.conform()
        self.assertEqual((done.returncode, done.stdout.splitlines()[-1]), (0, "1 passed, 0 failed"))

    def test_fails_where_another_page_is_returned(self):
        alter(self.recording / "stream.tsv.gz",
              lambda row: row[5] == "ALLOC" and int(row[0]) > 20000, add_one(6))
        self.expect_difference("ALLOC", "pfn")

    def test_fails_where_a_refill_gets_another_number_of_pages(self):
        alter(self.recording / "stream.tsv.gz",
              lambda row: row[5] == "RMQBULK" and int(row[0]) > 20000, add_one(9))
        self.expect_difference("RMQBULK")

    def test_fails_where_a_fallback_takes_another_block(self):
        alter(self.recording / "stream.tsv.gz", lambda row: row[5] == "FALLBACK", add_one(9))
        self.expect_difference("FALLBACK")

    def test_fails_where_two_blocks_of_a_free_list_change_places(self):
        for name in ("dump1.tsv.gz", "dump2.tsv.gz"):
            with self.subTest(name):
                shutil.copy(RECORDING / "dump1.tsv.gz", self.recording / "dump1.tsv.gz")
                rows = {}

                def begins_a_pair(row):
                    if row[1] != "DFREE":
                        return False
                    key = tuple(row[2:5])
                    rows[key] = rows.get(key, 0) + 1
                    return rows[key] > 2

                alter(self.recording / name, begins_a_pair,
                      lambda all_rows, i: swap_with_next(all_rows, i - 1))
                self.expect_difference(name)

    def test_fails_where_a_watermark_was_another(self):
        alter(self.recording / "dump0.tsv.gz", lambda row: row[1] == "DZONE", add_one(6))
        self.expect_difference("min")


if __name__ == "__main__":
    unittest.main()
