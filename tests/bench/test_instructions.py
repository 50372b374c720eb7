#!/usr/bin/python3
"""The hottest rows of the core's speed table may not grow in instructions per call.

Instructions are counted by callgrind as the difference between a long and a short run, so that boot
and start-up cancel out; unlike times they are the same on every machine with the same compiler.
After a change that is meant to cost more, or less, pin the new numbers and say why in the commit:

    NUMASIM_BUILD=build /usr/bin/python3 tests/bench/test_instructions.py --pin
"""
import json
import os
import re
import shutil
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = Path(os.environ.get("NUMASIM_BUILD", ROOT / "build"))
PINNED = Path(__file__).with_name("instructions.json")
MAY_GROW = 1.05
SIZES = {  # of the short and the long run of each row
    "order_0_pair": (2_000, 12_000),
    "64_allocs_then_64_frees": (100, 300),
    "mix_orders_0_to_4_20k_live": (5_000, 25_000),
}


def cache_entry(name):
    """A variable of the build's CMake cache."""
    match = re.search(rf"^{name}:\w+=(.*)$", (BUILD / "CMakeCache.txt").read_text(), re.MULTILINE)
    return match.group(1) if match else ""


def compiler():
    """The compiler's version and build type: what other numbers are to be expected from."""
    command = [cache_entry("CMAKE_CXX_COMPILER"), "--version"]
    first_line = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return first_line.splitlines()[0].split(" ", 1)[1] + ", " + cache_entry("CMAKE_BUILD_TYPE")


def count(row, size):
    """Calls made by the row's work of this size, and instructions of the whole program."""
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
               str(BUILD / "tests/allocator_row"), row, str(size)]
    run = subprocess.run(command, capture_output=True, text=True, check=True, timeout=240)
    return int(run.stdout), int(re.search(r"Collected\s*:\s*(\d+)", run.stderr).group(1))


def instructions_per_call(row):
    """What one more call costs."""
    (few, short), (many, long) = (count(row, size) for size in SIZES[row])
    return round((long - short) / (many - few), 1)


class Instructions(unittest.TestCase):
    def setUp(self):
        if not shutil.which("valgrind"):
            self.skipTest("skipped: no valgrind")
        self.pinned = json.loads(PINNED.read_text())
        if compiler() != self.pinned["compiler"]:
            self.skipTest(f"skipped: pinned for {self.pinned['compiler']}, built by {compiler()}")

    def test_no_row_has_grown_by_more_than_5_percent(self):
        for row in SIZES:
            with self.subTest(row=row):
                pinned = self.pinned["instructions_per_call"][row]
                self.assertLessEqual(instructions_per_call(row), pinned * MAY_GROW,
                                     f"{row}: pinned at {pinned} instructions per call")


def pin():
    """Writes today's numbers."""
    rows = {row: instructions_per_call(row) for row in SIZES}
    text = json.dumps({"compiler": compiler(), "instructions_per_call": rows}, indent=2)
    PINNED.write_text(text + "\n")
    print(text)


if __name__ == "__main__":
    pin() if sys.argv[1:] == ["--pin"] else unittest.main()
