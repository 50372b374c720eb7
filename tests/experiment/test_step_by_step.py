#!/usr/bin/python3
"""Running ahead of SimGrid is exact: the same bytes come out when every event is a step of it."""
import filecmp
import json
from pathlib import Path

from tests.cli.program import ProgramTest

SCENARIOS = Path(__file__).resolve().parents[2] / "configs/scenarios"


def roaming_trace(tasks=9, cpus=4):
    """Tasks that begin on one CPU, touch memory there or elsewhere, compute and sleep."""
    names = [f"t{i}" for i in range(tasks)]
    yield {"numasim_trace": 1, "tasks": [
        {"name": name, "cpu": 0, "cpus": list(range(cpus))} for name in names]}
    for i, name in enumerate(names):
        yield {"task": name, "op": "map", "region": "heap", "pages": 4000}
        yield {"task": name, "op": "touch", "region": "heap", "pages": 4000}
        for turn in range(3):
            yield {"task": name, "op": "compute", "duration_ns": 30_000_000 * (i + 1)}
            yield {"task": name, "op": "sleep", "duration_ns": 10_000_000 * (turn + 1)}


class StepByStep(ProgramTest):
    """Both ways, file by file: events, samples, counters, tasks, locks and the final state."""

    def assert_same_both_ways(self, name, *settings):
        """Runs a shipped scenario at full speed and step by step."""
        folders = []
        for pace in ([], ["--step-by-step"]):
            folder = self.folder / f"{name}{len(pace)}"
            done = self.numasim("run", str(SCENARIOS / f"{name}.json"), "--no-figure", "--out",
                                str(folder), "--save-state", f"{folder}.state.json", *pace,
                                *settings)
            self.assert_ends(done, 0)
            folders.append(folder)
        names = sorted(path.name for path in folders[0].iterdir())
        self.assertIn("events.csv", names)
        names.remove("provenance.json")
        _, different, missing = filecmp.cmpfiles(*folders, names, shallow=False)
        self.assertEqual(different + missing, [])
        self.assertEqual(*((self.folder / f"{folder.name}.state.json").read_text()
                           for folder in folders))

    def test_two_nodes_under_pressure(self):
        """kswapd, direct reclaim, a congested disk."""
        self.assert_same_both_ways("quickstart")

    def test_swapping(self):
        """Pages out and in."""
        self.assert_same_both_ways("swap")

    def test_disks_that_fail(self):
        """Slow, stuck, with errors."""
        self.assert_same_both_ways("disk_faults")

    def test_cpusets_that_change(self):
        """Pages on the move over the links."""
        self.assert_same_both_ways("cpuset_move")

    def test_memory_of_other_nodes_in_small_flows(self):
        """A flow every 16 pages."""
        self.assert_same_both_ways("remote_spill", "--set=machine.memory_bus.flow_chunk_pages=16")

    def test_tasks_that_go_to_other_cpus(self):
        """More tasks than CPUs, free to move: taken over when a CPU idles and on ticks."""
        trace = self.folder / "roam.jsonl"
        trace.write_text("".join(json.dumps(line) + "\n" for line in roaming_trace()))
        self.assert_same_both_ways("quickstart", f"--set=workload.trace={trace}")
