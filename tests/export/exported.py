#!/usr/bin/python3
"""Runs scenarios once for the tests of exports, and finds the clients that check them."""
import os
import shutil
import subprocess
import unittest

from tests.cli.program import ShippedRuns, numasim

def needs_root(test):
    """Skips where no private mounts can be made."""
    can = os.geteuid() == 0 and subprocess.run(
        ["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0
    return unittest.skipUnless(can, "needs root and unshare -m")(test)


def needs(program, package):
    """Skips where a client is not installed."""
    return unittest.skipUnless(shutil.which(program), f"no {program}: install {package}")


class ExportTest(ShippedRuns):
    """Exports runs."""

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
