#!/usr/bin/python3
"""Runs scenarios once for the tests of exports, and finds the clients that check them."""
import json
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("NUMASIM_BINARY", str(ROOT / "build/numasim"))


def numasim(*args):
    """Runs the program to its end."""
    return subprocess.run([PROGRAM, *map(str, args)], text=True, capture_output=True, timeout=300,
                          check=False)


def needs_root(test):
    """Skips where no private mounts can be made."""
    can = os.geteuid() == 0 and subprocess.run(
        ["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0
    return unittest.skipUnless(can, "needs root and unshare -m")(test)


def needs(program, package):
    """Skips where a client is not installed."""
    return unittest.skipUnless(shutil.which(program), f"no {program}: install {package}")


class ExportTest(unittest.TestCase):
    """A folder for the class, runs made at the first call."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="numasim-export-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = Path(folder.name)

    def finished(self, scenario):
        """The directory of a run."""
        where = self.folder / scenario
        if not where.exists():
            done = numasim("run", ROOT / f"configs/scenarios/{scenario}.json", "--out", where,
                           "--no-figure", "-q")
            self.assertEqual(done.returncode, 0, done.stderr)
        return where

    def summary(self, scenario):
        """What the run counted."""
        return json.loads((self.finished(scenario) / "summary.json").read_text())

    def exported(self, what, scenario, *options):
        """What the export prints."""
        done = numasim("export", what, self.finished(scenario), *options)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout


def zones_sum(summary, key):
    """A number of the summary over all zones."""
    return sum(zone[key] for node in summary["nodes"].values() for zone in node["zones"].values())


def vmstat_sum(summary, prefix):
    """Counters of /proc/vmstat that differ in their zone only."""
    return sum(count for name, count in summary["vmstat"].items() if name.startswith(prefix))
