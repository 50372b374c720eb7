#!/usr/bin/python3
"""Whatever is fed in: an exit code that is documented, one clear message, nothing half-written.

NUMASIM_FUZZ_SECONDS (60) says how long, NUMASIM_FUZZ_FROM (0) with which case to begin.
"""
import os
import random
import tempfile
import time
import unittest
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.fuzz import hostile
from tests.fuzz.hostile import Kind

CORPUS = Path(__file__).resolve().parent / "corpus/hostile"
SECONDS = float(os.environ.get("NUMASIM_FUZZ_SECONDS", "60"))
FIRST = int(os.environ.get("NUMASIM_FUZZ_FROM", "0"))


class HostileInput(unittest.TestCase):
    """Spoilt files of every kind."""

    def test_is_good_before_it_is_spoilt(self):
        """Each kind's files, as they are."""
        for kind in hostile.KINDS:
            with self.subTest(kind.name), tempfile.TemporaryDirectory() as folder:
                good = Kind(**{**vars(kind), "allowed": (0,) if kind.spoilt else (0, 3)})
                files = kind.files(random.Random(1))
                self.assertIsNone(hostile.run_on(good, files, Path(folder)))

    def test_is_refused_or_taken_but_never_breaks_anything(self):
        """Every kind in turn, until time is up; a case that fails is named."""
        end = time.monotonic() + SECONDS
        faults, cases = [], 0
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            for number in range(FIRST, FIRST + 1_000_000):
                found = pool.map(lambda kind, n=number: (kind, hostile.run_case(kind, n)),
                                 hostile.KINDS)
                faults += [f"hostile.py '{kind.name}' {number}: {fault}"
                           for kind, fault in found if fault]
                cases += len(hostile.KINDS)
                if time.monotonic() > end or len(faults) > 20:
                    break
        print(f"{cases} spoilt inputs")
        self.assertFalse(faults, "\n" + "\n".join(faults))

    def test_files_that_once_broke_something_no_longer_do(self):
        """The corpus: a folder a kind, in it a folder a case."""
        kinds = {kind.name: kind for kind in hostile.KINDS}
        for case in sorted(CORPUS.glob("*/*")):
            with self.subTest(case.name), tempfile.TemporaryDirectory() as folder:
                kind = kinds[case.parent.name]
                spoilt = [path for path in sorted(case.rglob("*")) if path.is_file()]
                files = {str(path.relative_to(case)): path.read_bytes() for path in spoilt}
                self.assertIsNone(hostile.run_on(kind, files, Path(folder)))


if __name__ == "__main__":
    unittest.main()
