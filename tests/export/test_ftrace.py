#!/usr/bin/python3
"""numasim export ftrace, read by the kernel's own scripts, unmodified."""
import csv
import gzip
import re
import subprocess
import unittest
from collections import Counter
from pathlib import Path

from tests.cli.program import numasim
from tests.export.exported import ExportTest, needs_root, vmstat_sum, zones_sum

SCRIPTS = Path("/usr/share/doc/linux-doc-6.1/Documentation/trace/postprocess")
SCENARIOS = ("quickstart", "nofail_congestion", "oom_kill", "swap")
# The scripts look for the running kernel's formats; hidden from them, they use their own.
HIDE = "mount -t tmpfs none /sys/kernel/debug 2>/dev/null; exec perl \"$0\""


@needs_root
@unittest.skipUnless(SCRIPTS.exists(), "no linux-doc-6.1: install linux-doc-6.1")
class PostprocessScripts(ExportTest):
    """What they count is what the run counted."""

    def run_script(self, name, text):
        """The output of a script of the kernel's documentation."""
        script = self.folder / name
        if not script.exists():
            script.write_bytes(gzip.decompress((SCRIPTS / f"{name}.gz").read_bytes()))
        done = subprocess.run(["unshare", "-m", "sh", "-c", HIDE, str(script)], input=text,
                              text=True, capture_output=True, timeout=300, check=True)
        self.assertNotIn("Failed to parse", done.stdout)
        return done.stdout

    def vmscan_summary(self, scenario):
        """The Summary block by its names."""
        told = self.run_script("trace-vmscan-postprocess.pl", self.exported("ftrace", scenario))
        block = told[told.index("\nSummary\n"):]
        return {name: float(value or 0)
                for name, value in re.findall(r"^(.*?):\s+([\d.]*)", block, re.MULTILINE)}

    def events(self, scenario):
        """Rows of events.csv."""
        with (self.finished(scenario) / "events.csv").open(newline="") as file:
            return list(csv.DictReader(file))

    def woken_by_reclaimers(self, scenario):
        """The script counts wake-ups of those who reclaim for themselves."""
        rows = self.events(scenario)
        reclaimers = {row["task"] for row in rows if row["kind"] == "direct_reclaim"}
        return sum(row["kind"] == "kswapd_wake" and row["task"] in reclaimers for row in rows)

    def open_at_the_end_ns(self, scenario, kind):
        """What the summary counts and a trace that stops with the run does not tell."""
        return sum(int(row["end_ns"]) - int(row["begin_ns"]) for row in self.events(scenario)
                   if row["kind"] == kind and row["detail"].endswith("open"))

    def test_direct_reclaim_is_that_of_the_summary(self):
        """How often, how long, how many pages scanned and reclaimed."""
        for scenario in SCENARIOS:
            with self.subTest(scenario):
                told, summary = self.vmscan_summary(scenario), self.summary(scenario)
                reclaim = summary["waits"]["direct_reclaim"]
                self.assertEqual(told["Direct reclaims"], reclaim["count"])
                ended_ns = reclaim["total_ns"] - self.open_at_the_end_ns(scenario, "direct_reclaim")
                self.assertAlmostEqual(told["Time stalled direct reclaim"], ended_ns / 1e9,
                                       delta=0.011)
                self.assertEqual(told["Direct reclaim pages scanned"],
                                 vmstat_sum(summary, "pgscan_direct_"))
                self.assertEqual(told["Wake kswapd requests"], self.woken_by_reclaimers(scenario))

    def test_kswapd_is_that_of_the_summary(self):
        """Its runs, the time awake, pages scanned and reclaimed."""
        for scenario in SCENARIOS:
            with self.subTest(scenario):
                told, summary = self.vmscan_summary(scenario), self.summary(scenario)
                self.assertEqual(told["Kswapd wakeups"], summary["kswapd"]["runs"])
                ended_ns = (summary["kswapd"]["awake_ns"]
                            - self.open_at_the_end_ns(scenario, "kswapd"))
                self.assertAlmostEqual(told["Time kswapd awake"], ended_ns / 1e9, delta=0.011)
                self.assertEqual(told["Kswapd pages scanned"],
                                 vmstat_sum(summary, "pgscan_kswapd_"))
                self.assertEqual(told["Kswapd pages reclaimed"],
                                 summary["vmstat"]["kswapd_steal"])

    def test_what_was_reclaimed_and_written(self):
        """By both together."""
        for scenario in SCENARIOS:
            with self.subTest(scenario):
                told, summary = self.vmscan_summary(scenario), self.summary(scenario)
                self.assertEqual(told["Direct reclaim pages reclaimed"]
                                 + told["Kswapd pages reclaimed"], vmstat_sum(summary, "pgsteal_"))
                written = sum(count for name, count in told.items() if " write " in name)
                self.assertEqual(written, summary["writeback"]["reclaim_written_pages"])

    def test_allocations_are_those_of_the_summary(self):
        """Blocks served, pages through the pagesets, types that fell back."""
        for scenario in SCENARIOS:
            with self.subTest(scenario):
                told = self.run_script("trace-pagealloc-postprocess.pl",
                                       self.exported("ftrace", scenario))
                columns = Counter()
                for line in told.splitlines():
                    numbers = re.findall(r"\s(\d+)(?=\s|$)", line)
                    if len(numbers) == 13:
                        columns.update(dict(enumerate(map(int, numbers))))
                summary = self.summary(scenario)
                served = summary["requests"]
                self.assertEqual(columns[0],
                                 served["served_in_first_pass"] + served["served_in_later_pass"])
                self.assertEqual(columns[1], zones_sum(summary, "refilled_pages"))
                self.assertEqual(columns[4], zones_sum(summary, "drained_pages"))
                self.assertEqual(columns[7], zones_sum(summary, "fallbacks"))


class Text(ExportTest):
    """Both flavours."""

    def test_dates_never_go_back(self):
        """As in a real trace."""
        dates = re.findall(r"\] +(\d+\.\d{6}): ", self.exported("ftrace", "quickstart"))
        self.assertGreater(len(dates), 1000)
        self.assertEqual(dates, sorted(dates, key=float))

    def test_the_kernel_flavour_can_be_imported(self):
        """Our own importer finds the allocations in it, with flags and hexadecimal frames."""
        trace = self.folder / "kernel.txt"
        self.exported("ftrace", "atomic_burst", "--flavour", "kernel", "--out", trace)
        self.assertIn("] ..... ", trace.read_text())
        done = numasim("import", "ftrace", trace, "--out", self.folder / "again",
                       "--nodes", "1", "--memory", "64MiB", "--cpus", "2")
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_bad_questions(self):
        """A flavour, a format and a run that are not there; a file that stands."""
        run = self.finished("atomic_burst")
        self.assertEqual(numasim("export", "ftrace", run, "--flavour", "x").returncode, 2)
        wrong = numasim("export", "ftrac", run)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("did you mean ftrace?", wrong.stderr)
        self.assertEqual(numasim("export", "stacks", self.folder / "nowhere").returncode, 4)
        there = self.folder / "there"
        there.write_text("mine")
        self.assertEqual(numasim("export", "stacks", run, "--out", there).returncode, 4)
        self.assertEqual(there.read_text(), "mine")


if __name__ == "__main__":
    unittest.main()
