#!/usr/bin/python3
"""Each invariant of allocator/README.md names the tests that break it, and none is left out."""
import re
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def invariants():
    """The section of the README, as number -> text."""
    text = (ROOT / "allocator/README.md").read_text()
    section = text.split("## Invariants")[1].split("\n## ")[0]
    return {number: body for number, body in re.findall(r"- (I\d+)\. (.*?)(?=\n- I|\n\n)", section,
                                                        re.DOTALL)}


class Invariants(unittest.TestCase):
    """What the README says is tested."""

    def test_each_names_a_test(self):
        known = self.damages() | {"RefusesToFreeABlockWithAnotherOrder"}
        self.assertGreater(len(invariants()), 10)
        for number, body in invariants().items():
            self.assertTrue(known & set(re.findall(r"\w+", body)), number)

    def test_all_kinds_of_damage_belong_to_one(self):
        words = set(re.findall(r"\w+", " ".join(invariants().values())))
        self.assertEqual(self.damages() - words, set())

    @staticmethod
    def damages():
        """The cases of validate_test.cpp and what its tests of a kernel end with."""
        text = (ROOT / "tests/allocator/validate_test.cpp").read_text()
        swap = (ROOT / "tests/allocator/swap_test.cpp").read_text()
        return set(re.findall(r'\{"(\w+)"', text)) | set(
            re.findall(r"ValidateKernel, StopsTheProgram(\w+)\)", text)) | set(
            re.findall(r"(StopsTheProgram\w+)\)", swap))


if __name__ == "__main__":
    unittest.main()
