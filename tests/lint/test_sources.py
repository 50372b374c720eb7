#!/usr/bin/python3
"""Every file of the repository obeys the rules of the house, save those that ratchet.txt lists."""
import subprocess
import unittest
from collections import Counter
from pathlib import Path

from tests.lint.rules import offences

ROOT = Path(__file__).resolve().parents[2]
RATCHET = ROOT / "tests/lint/ratchet.txt"


def sources():
    """The text files git knows or would add, as (path from the root, text)."""
    listed = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"],
        cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for path in sorted(set(filter(None, listed.split("\0")))):
        if (ROOT / path).is_file():
            content = (ROOT / path).read_bytes()
            if b"\0" not in content and not path.endswith((".svg", ".jsonl", ".diff", ".bin")):
                yield path, content.decode("utf-8", errors="replace")


def tolerated():
    """(rule, path) -> number of offences that ratchet.txt allows."""
    lines = [line.split("#")[0].split() for line in RATCHET.read_text().splitlines()]
    return {(rule, path): int(number) for rule, path, number in filter(None, lines)}


class Sources(unittest.TestCase):
    """The lint proper."""

    @classmethod
    def setUpClass(cls):
        cls.found = [offence for path, text in sources() for offence in offences(path, text)]
        cls.counts = Counter((rule, path) for rule, path, _, _ in cls.found)

    def test_nothing_breaks_a_rule_beyond_the_ratchet(self):
        """New code obeys every rule."""
        allowed = tolerated()
        new = [f"{path}:{line}: {what} [{rule}]" for rule, path, line, what in self.found
               if self.counts[rule, path] > allowed.get((rule, path), 0)]
        self.assertFalse(new, "\n" + "\n".join(new))

    def test_the_ratchet_only_shrinks(self):
        """An offence that is gone leaves the list with it."""
        stale = [f"{rule} {path}: {self.counts[rule, path]} left, lower the {number} to it"
                 for (rule, path), number in tolerated().items()
                 if self.counts[rule, path] < number]
        self.assertFalse(stale, "\nin tests/lint/ratchet.txt:\n" + "\n".join(stale))


if __name__ == "__main__":
    unittest.main()
