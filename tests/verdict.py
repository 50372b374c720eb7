#!/usr/bin/python3
"""Sums up JUnit files of CTest: prints "N passed, M failed[, K skipped]".

Fails if a test failed, if none passed, or if a file is missing.
"""
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def count(files):
    """The number of test cases by CTest's word for the outcome; a missing file is a failure."""
    counts = {"run": 0, "fail": 0, "notrun": 0, "disabled": 0}
    for file in files:
        if not Path(file).exists():
            print(f"{file} was not written", file=sys.stderr)
            counts["fail"] += 1
            continue
        for case in ElementTree.parse(file).getroot().iter("testcase"):
            counts[case.get("status")] += 1
    return counts


def main():
    """Prints the verdict on the files named on the command line."""
    counts = count(sys.argv[1:])
    skipped = counts["notrun"] + counts["disabled"]
    verdict = f"{counts['run']} passed, {counts['fail']} failed"
    print(verdict + (f", {skipped} skipped" if skipped else ""))
    return 1 if counts["fail"] or not counts["run"] else 0


if __name__ == "__main__":
    sys.exit(main())
