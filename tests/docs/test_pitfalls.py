#!/usr/bin/python3
"""The table of pitfalls has a row for each, and names all tests there are of them."""
import re
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
TABLE = TESTS / "allocator/pitfalls/README.md"
ROWS = re.findall(r"^\| (\d+) \| .+ \| (.+) \|$", TABLE.read_text(), re.MULTILINE)
CPP = "".join(path.read_text() for path in sorted(TESTS.rglob("*_test.cpp")))
WRITTEN = re.findall(r"^TEST\(Pitfall, (\w+)\)", CPP, re.MULTILINE)


class Pitfalls(unittest.TestCase):
    """tests/allocator/pitfalls/README.md"""

    def test_every_pitfall_has_a_row(self):
        self.assertEqual([int(number) for number, _ in ROWS], list(range(1, 41)))

    def test_every_test_named_exists_and_belongs_to_its_pitfall(self):
        for number, tests in ROWS:
            for test in tests.split(", "):
                self.assertIn(test, WRITTEN)
                self.assertTrue(test.startswith(f"P{int(number):02}_"), test)

    def test_every_test_of_a_pitfall_is_named(self):
        named = {test for _, tests in ROWS for test in tests.split(", ")}
        self.assertEqual(sorted(set(WRITTEN) - named), [])
        self.assertEqual(len(WRITTEN), len(set(WRITTEN)))


if __name__ == "__main__":
    unittest.main()
