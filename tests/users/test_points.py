#!/usr/bin/python3
"""The table of what users expect names tests that exist, and leaves out no point."""
import re
import unittest
from pathlib import Path

TESTS = Path(__file__).resolve().parents[1]
ROWS = re.findall(r"^\| (\d+) \| .* \| (.*) \|$", (TESTS / "users/README.md").read_text(),
                  re.MULTILINE)
POINTS = [*range(1, 61)]
CPP = "".join(path.read_text() for path in sorted(TESTS.rglob("*_test.cpp")))


def exists(test):
    """A function of a Python file, a test of a suite, or a file."""
    if "::" in test:
        file, function = test.split("::")
        path = TESTS / file
        return path.exists() and f"def {function}(self" in path.read_text()
    if re.fullmatch(r"\w+\.[A-Z]\w+", test):
        suite, name = test.split(".")
        return re.search(rf"^TEST(_P|_F)?\({suite}, {name}\)|^RC_GTEST_PROP\({suite}, {name},",
                         CPP, re.MULTILINE) is not None
    return (TESTS / test).exists()


class Points(unittest.TestCase):
    """tests/users/README.md"""

    def test_every_point_has_a_row(self):
        self.assertEqual([int(point) for point, _ in ROWS], POINTS)

    def test_every_test_named_exists(self):
        named = [test for _, tests in ROWS for test in tests.split(", ")]
        self.assertEqual([test for test in named if not exists(test)], [])


if __name__ == "__main__":
    unittest.main()
