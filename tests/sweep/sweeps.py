#!/usr/bin/python3
"""Sweeps in a folder of their own, and what they leave."""
import csv
import json
import os
import subprocess
from pathlib import Path

from tests.cli.program import PROGRAM, ProgramTest

TRACE = """\
{"numasim_trace":1,"tasks":[{"name":"fill","cpu":0}]}
{"task":"fill","op":"map","region":"heap","pages":3000}
{"task":"fill","op":"touch","region":"heap","pages":3000}
{"task":"fill","op":"exit"}
"""
SCENARIO = {"machine": {"nodes": [{"memory_bytes": "32MiB", "cpus": 1},
                                  {"memory_bytes": "32MiB", "cpus": 1}]},
            "workload": {"trace": "trace.jsonl"}}
SECOND_CPU = '{"numasim_trace":1,"tasks":[{"name":"late","cpu":1}]}\n{"task":"late","op":"exit"}\n'


class SweepTest(ProgramTest):
    """A test that runs sweeps over one small scenario."""

    def setUp(self):
        super().setUp()
        self.write("trace.jsonl", TRACE)
        self.write("base.json", json.dumps(SCENARIO))

    def sweep_file(self, name="w.json", **keys):
        """Writes a sweep over base.json; returns its name."""
        sweep = {"numasim_sweep": 1, "base": "base.json", **keys}
        return self.write(name, json.dumps(sweep))

    def some_runs(self):
        """A sweep of 24 runs."""
        return self.sweep_file(grid={"kernel.min_free_kbytes": [256, 512, 1024, 2048],
                                     "kernel.hz": [100, 250, 1000]}, repeats=2)

    def failing_runs(self):
        """A sweep of three runs; the second fails, since its machine lacks a CPU."""
        self.write("trace.jsonl", SECOND_CPU)
        self.write("base.json", json.dumps({"workload": {"trace": "trace.jsonl"}}))
        return self.sweep_file(grid={"machine.nodes.0.cpus": [2, 1, 3]})

    def start(self, *args):
        """Starts a sweep and does not wait for it."""
        return subprocess.Popen([PROGRAM, "sweep", *args], cwd=self.folder,
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def run_script(self, name, environment):
        """Runs a shell script of the folder."""
        subprocess.run(["bash", name], cwd=self.folder, env={**os.environ, **environment},
                       stdout=subprocess.DEVNULL, timeout=120, check=True)

    def table(self, directory="out"):
        """The bytes of results.csv."""
        return (self.folder / directory / "results.csv").read_bytes()

    def rows(self, directory="out"):
        """results.csv, a dictionary a row."""
        with open(self.folder / directory / "results.csv", newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    def results(self, directory="out"):
        """Every byte of the runs that must not differ between two sweeps, by name."""
        runs = self.folder / directory / "runs"
        return {str(path.relative_to(runs)): path.read_bytes() for path in runs.rglob("*")
                if path.is_file() and path.name != "provenance.json"}


def last_line(done):
    """The verdict of a sweep."""
    return done.stdout.rstrip("\n").rsplit("\n", 1)[-1]


def children_of(pid):
    """The processes that a process has started."""
    return [int(child) for child in
            Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def processes_in(folder):
    """The processes whose working directory is below a folder."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit() and os.readlink(entry / "cwd").startswith(str(folder)):
                found.append(int(entry.name))
        except OSError:
            pass
    return found
