#!/usr/bin/python3
"""numasim export perfetto and stacks: what the viewers rely on."""
import json
import subprocess
import unittest
from collections import defaultdict

from tests.cli.program import ROOT, numasim
from tests.export.exported import ExportTest, needs

SCENARIOS = ("quickstart", "nofail_congestion", "swap", "disk_faults")


class ChromeTrace(ExportTest):
    """The JSON of Chrome's trace format."""

    def events(self, scenario):
        """Its events."""
        return json.loads(self.exported("perfetto", scenario))["traceEvents"]

    def test_dates_do_not_go_back(self):
        """In the order of the file."""
        for scenario in SCENARIOS:
            dates = [event["ts"] for event in self.events(scenario) if event["ph"] != "M"]
            self.assertGreater(len(dates), 100)
            self.assertEqual(dates, sorted(dates))

    def test_intervals_of_a_track_nest(self):
        """None crosses the end of the one it began in."""
        for scenario in SCENARIOS:
            open_ends = defaultdict(list)
            for event in self.events(scenario):
                if event["ph"] != "X":
                    continue
                begin = round(event["ts"] * 1000)
                end = begin + round(event["dur"] * 1000)
                ends = open_ends[event["pid"], event["tid"]]
                while ends and ends[-1] <= begin:
                    ends.pop()
                self.assertTrue(not ends or end <= ends[-1], event)
                ends.append(end)

    def test_every_track_has_a_name(self):
        """Tasks, daemons, devices; and their groups."""
        for scenario in SCENARIOS:
            events = self.events(scenario)
            named = {(e["pid"], e["tid"]) for e in events if e["name"] == "thread_name"}
            groups = {e["pid"] for e in events if e["name"] == "process_name"}
            for event in events:
                if event["ph"] in ("X", "i"):
                    self.assertIn((event["pid"], event["tid"]), named | {(1, 0)}, event)
                self.assertIn(event["pid"], groups)

    def test_what_is_shown_is_what_happened(self):
        """As many intervals of each kind, as long, as in the summary."""
        for scenario in SCENARIOS:
            lengths = defaultdict(int)
            for event in self.events(scenario):
                if event["ph"] == "X":
                    lengths[event["name"]] += round(event["dur"] * 1000)
            waits = self.summary(scenario)["waits"]
            for kind in ("direct_reclaim", "congestion_wait", "oom_wait"):
                self.assertEqual(lengths[kind], waits[kind]["total_ns"])


class Stacks(ExportTest):
    """Collapsed stacks."""

    def stacks(self, scenario):
        """Nanoseconds by stack."""
        times = {}
        for line in self.exported("stacks", scenario).splitlines():
            stack, time = line.rsplit(" ", 1)
            times[stack] = int(time)
        return times

    def test_they_add_up_to_the_stalls_of_the_summary(self):
        """Each nanosecond once: with what lies below it, each kind has its total."""
        for scenario in (*SCENARIOS, "oom_kill"):
            stacks, waits = self.stacks(scenario), self.summary(scenario)["waits"]
            for frame, kind in (("try_to_free_pages", "direct_reclaim"),
                                ("congestion_wait", "congestion_wait"),
                                ("out_of_memory", "oom_wait")):
                total = sum(time for stack, time in stacks.items() if frame in stack.split(";"))
                self.assertEqual(total, waits[kind]["total_ns"], (scenario, kind))

    def test_every_stack_belongs_to_a_task(self):
        """Its first frame is one."""
        tasks = {line.split(",")[1] for line in
                 (self.finished("quickstart") / "tasks.csv").read_text().splitlines()[1:]}
        self.assertTrue(self.stacks("quickstart"))
        for stack in self.stacks("quickstart"):
            self.assertIn(stack.split(";")[0], tasks)


@needs("pj_dump", "pajeng")
class Paje(ExportTest):
    """SimGrid's own trace of the hardware, asked for with --simgrid."""

    def test_the_traffic_in_it_is_that_of_the_summary(self):
        """Bytes through the CPUs' ports, by pj_dump. Without the disks' transfers: of a flow whose
        rate is shared out anew, because another begins or ends beside it, SimGrid 3.32 traces at
        its end only the stretch since then (and with network/optim:Full many times too much)."""
        trace, run = self.folder / "hardware.paje", self.folder / "paje"
        options = ("tracing:yes", "tracing/platform:yes", "tracing/uncategorized:yes",
                   f"tracing/filename:{trace}")
        done = numasim("run", ROOT / "configs/scenarios/atomic_burst.json", "--out", run,
                       "--no-figure", "-q", "--set=machine.memory_bus.dma=false",
                       *(part for option in options for part in ("--simgrid", f"--cfg={option}")))
        self.assertEqual(done.returncode, 0, done.stderr)
        told = subprocess.run(["pj_dump", str(trace)], text=True, capture_output=True, check=True)
        rows = [line.split(", ") for line in told.stdout.splitlines()]
        through_ports = sum(float(row[5]) * float(row[6]) for row in rows
                            if row[1].startswith("port") and row[2] == "bandwidth_used")
        flow_bytes = json.loads((run / "summary.json").read_text())["memory_bus"]["flow_bytes"]
        self.assertAlmostEqual(through_ports / flow_bytes, 1, delta=0.01)


if __name__ == "__main__":
    unittest.main()
