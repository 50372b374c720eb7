#!/usr/bin/python3
"""Each shipped machine runs a small trace, and says where its numbers come from."""
import json
import tempfile
import unittest
from pathlib import Path

from tests.cli.program import ROOT, numasim
from tests.scenarios.finished_run import FinishedRun

MACHINES = ROOT / "configs/machines"
# Made by hand; the others came from recordings or stand for shapes only.
PRESETS = ["two_sockets_2007", "four_sockets_opteron", "eight_sockets_ladder", "altix_28",
           "modern_two_sockets", "memory_only_node", "no_numa"]
PAGES = 2000


def task(name, cpu, node):
    """A task that touches fresh pages of one node, and the records that it does so by."""
    policy = {"mode": "bind", "nodes": [node]}
    declaration = {"name": name, "cpu": cpu, "policy": policy}
    steps = [{"task": name, "op": op, "region": "heap", "pages": PAGES} for op in ("map", "touch")]
    return declaration, steps


def run_tasks(machine, folder, *tasks):
    """Runs the tasks on a machine, all at once; the finished run."""
    declarations, steps = zip(*tasks)
    header = {"numasim_trace": 1, "tasks": list(declarations)}
    lines = [header, *(step for each in steps for step in each)]
    trace = Path(folder) / "t.jsonl"
    trace.write_text("".join(json.dumps(line) + "\n" for line in lines))
    scenario = Path(folder) / "s.json"
    scenario.write_text(json.dumps({"extends": str(MACHINES / f"{machine}.json"),
                                    "workload": {"trace": "t.jsonl"}}))
    done = numasim("run", scenario, "--no-figure", "--out", Path(folder) / "run")
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return FinishedRun(Path(folder) / "run")


def time_of_far_touches(machine, node):
    """Simulated time in which CPU 0 touches fresh pages of a node."""
    with tempfile.TemporaryDirectory(prefix="numasim-machine-") as folder:
        run = run_tasks(machine, folder, task("toucher", 0, node))
        return run.stat("end_ns")


class Machines(unittest.TestCase):
    """All of configs/machines."""

    def test_presets_name_their_sources(self):
        """And what is an estimate."""
        for name in PRESETS:
            machine = json.loads((MACHINES / f"{name}.json").read_text())["machine"]
            self.assertIn("http" if name != "altix_28" else "linux-mm", machine["sources"], name)
            self.assertIn("estimate", machine["sources"], name)

    def test_every_machine_runs_a_trace_on_all_its_nodes(self):
        """Each node's memory serves a task, its own CPU's or CPU 0's."""
        for name in sorted(file.stem for file in MACHINES.glob("*.json")):
            nodes = json.loads((MACHINES / f"{name}.json").read_text())["machine"]["nodes"]
            tasks, cpu = [], 0
            for number, node in enumerate(nodes):
                tasks.append(task(f"t{number}", cpu if node["cpus"] else 0, number))
                cpu += node["cpus"]
            with self.subTest(machine=name), tempfile.TemporaryDirectory() as folder:
                run = run_tasks(name, folder, *tasks)
                self.assertEqual(run.stat("tasks.exited"), len(nodes))
                for number in range(len(nodes)):
                    zones = run.summary["nodes"][str(number)]["zones"].values()
                    self.assertGreaterEqual(sum(zone["served_pages"] for zone in zones), PAGES)
                self.assertEqual(run.stat("vmstat.pgfault"), PAGES * len(nodes))

    def test_farther_memory_takes_longer(self):
        """By the hops to it."""
        for name, nodes in [("two_sockets_2007", [0, 1]), ("four_sockets_opteron", [0, 1, 3]),
                            ("eight_sockets_ladder", [0, 1, 3, 5, 7]), ("altix_28", [0, 1, 27]),
                            ("modern_two_sockets", [0, 1]), ("memory_only_node", [0, 1])]:
            with self.subTest(machine=name):
                times = [time_of_far_touches(name, node) for node in nodes]
                self.assertEqual(times, sorted(set(times)))


if __name__ == "__main__":
    unittest.main()
