#!/usr/bin/python3
"""Running ahead of SimGrid is exact: the same bytes come out when every event is a step of it."""
import filecmp
from pathlib import Path

from tests.cli.program import ProgramTest

SCENARIOS = Path(__file__).resolve().parents[2] / "configs/scenarios"


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
