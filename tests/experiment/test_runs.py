#!/usr/bin/python3
"""Runs as a whole: repeated, continued from a saved state, broken off."""
import filecmp
import json
import signal
import subprocess
import time

from tests.cli.program import PROGRAM, ProgramTest

HEADER = '{"numasim_trace":1,"tasks":[{"name":"a","cpu":0},{"name":"b","cpu":1}]}\n'
MACHINE = {"nodes": [{"memory_bytes": "16MiB", "cpus": 1}, {"memory_bytes": "16MiB", "cpus": 1}]}

# Ids 1 to 49 and 127 to 500 of the first piece stay in use.
FIRST = """\
{"t":1000000,"task":"a","op":"alloc","id":1,"count":500,"gfp":"GFP_USER"}
{"t":2000000,"task":"b","op":"alloc","id":1000,"count":40,"order":3,"gfp":"GFP_HIGHUSER_MOVABLE"}
{"t":3000000,"task":"a","op":"free","id":50,"count":77}
{"t":4000000,"task":"b","op":"free","id":1010,"count":20}
"""
SECOND = """\
{"t":5000000,"task":"b","op":"alloc","id":5000,"count":100}
{"t":6000000,"task":"a","op":"alloc","id":6000,"count":9,"order":4,"gfp":"GFP_TEMPORARY"}
{"t":7000000,"task":"a","op":"free","id":5000,"count":60}
{"t":8000000,"task":"b","op":"alloc","id":7000,"count":300,"gfp":"GFP_ATOMIC"}
"""


class Runs(ProgramTest):
    """Small runs in a folder."""

    def scenario(self, name, records, **more):
        """Writes a scenario with its trace; returns its name."""
        self.write(f"{name}.jsonl", HEADER + records)
        workload = {"trace": f"{name}.jsonl"}
        return self.write(f"{name}.json",
                          json.dumps({"machine": MACHINE, "workload": workload, **more}))

    def end_state(self, name, records, **more):
        """Runs the records and returns the state at the end."""
        done = self.numasim("run", self.scenario(name, records, **more), "--no-figure", "--out",
                            f"run_{name}", "--save-state", f"{name}.state.json")
        self.assert_ends(done, 0)
        return (self.folder / f"{name}.state.json").read_text()

    def test_a_run_in_two_pieces_ends_in_the_state_of_the_whole(self):
        """The saved state holds all that the allocator decides by."""
        whole = self.end_state("whole", FIRST + SECOND)
        first = self.end_state("first", FIRST)
        second = self.end_state("second", SECOND, run={"start_state": "first.state.json"})
        self.assertNotEqual(first, whole)
        self.assertEqual(second, whole)

    def test_pages_that_the_state_holds_in_use_are_freed_by_number(self):
        """As many as were allocated before."""
        before = self.end_state("before", '{"task":"a","op":"drain"}\n')
        alloc = '{"task":"a","op":"alloc","id":1,"order":9}\n{"task":"a","op":"drain"}\n'
        taken = self.end_state("taken", alloc)
        pfn = free_blocks(before, 1) - free_blocks(taken, 1)
        (pfn,) = {at for at in pfn if at % 512 == 0}
        free = f'{{"task":"a","op":"free","pfn":{pfn},"order":9}}\n'
        freed = self.end_state("freed", free, run={"start_state": "taken.state.json"})
        self.assertEqual(free_pages(freed), free_pages(before))

    def test_a_state_of_another_machine_is_refused(self):
        """With the places that differ; no run directory is left."""
        self.end_state("small", FIRST)
        large = {"nodes": [{"memory_bytes": "32MiB"}, {"memory_bytes": "16MiB"}]}
        scenario = self.scenario("large", "", run={"start_state": "small.state.json"})
        text = json.loads((self.folder / scenario).read_text())
        self.write(scenario, json.dumps({**text, "machine": large}))
        done = self.numasim("run", scenario, "--out", "run_large")
        self.assert_ends(done, 3, "small.state.json", "/zones/")
        self.assertFalse((self.folder / "run_large").exists())

    def test_a_panic_ends_the_run_as_a_result_with_its_story(self):
        """Nobody may be killed; nothing after the last straw happens."""
        task = '{"name":"hog","cpu":0,"oom_adj":-17}'
        self.write("panic.jsonl", f'{{"numasim_trace":1,"tasks":[{task}]}}\n'
                   '{"task":"hog","op":"map","region":"heap","pages":20000}\n'
                   '{"task":"hog","op":"touch","region":"heap","pages":20000}\n')
        self.write("panic.json", json.dumps({"machine": MACHINE,
                                             "workload": {"trace": "panic.jsonl"}}))
        done = self.numasim("run", "panic.json", "--no-figure", "--out", "run_panic")
        self.assert_ends(done, 0)
        summary = json.loads((self.folder / "run_panic/summary.json").read_text())
        self.assertEqual(summary["ended_by"], "panic")
        self.assertIn("no killable processes; hog asked for a block of order 0", summary["panic"])
        self.assertIn("from node 0 DMA on, constraint: none", done.stdout)
        self.assertEqual(summary["tasks"]["exited"], 0)

    def test_settings_change_while_the_machine_runs(self):
        """What the kernel refuses is counted and changes nothing."""
        records = ('{"task":"a","op":"sysctl","name":"min_free_kbytes","value":4096}\n'
                   '{"task":"a","op":"sysctl","name":"lowmem_reserve_ratio","value":[8,8,8]}\n'
                   '{"task":"a","op":"cpuset","cpuset":"/job","mems":[]}\n'
                   '{"task":"b","op":"move_task","cpuset":"/job"}\n'
                   '{"task":"b","op":"set_mempolicy","policy":{"mode":"bind","nodes":[0]}}\n')
        scenario = self.scenario("changes", records, cpusets=[{"name": "/job", "mems": [1]}])
        done = self.numasim("run", scenario, "--no-figure", "--out", "run_changes",
                            "--save-state", "changes.state.json")
        self.assert_ends(done, 0)
        state = json.loads((self.folder / "changes.state.json").read_text())
        self.assertEqual(sum(zone["min_pages"] for zone in state["zones"]), 1024)
        summary = json.loads((self.folder / "run_changes/summary.json").read_text())
        self.assertEqual(summary["records"]["calls_refused"], 1)

    def test_an_unknown_sysctl_is_found_before_the_run(self):
        """With a hint, in a trace alone too."""
        bad = '{"task":"a","op":"sysctl","name":"swapiness","value":80}\n'
        done = self.numasim("run", self.scenario("bad", bad), "--out", "run_bad")
        self.assert_ends(done, 3, "bad.jsonl:2:", "/name", "swappiness")
        self.assert_ends(self.numasim("validate", "bad.jsonl"), 3, "/name", "swappiness")

    def test_the_same_scenario_twice_leaves_the_same_bytes(self):
        """In every file but provenance.json."""
        records = ('{"task":"a","op":"write","file":"f","pages":9000}\n'
                   '{"task":"b","op":"map","region":"heap","pages":3000}\n'
                   '{"task":"b","op":"touch","region":"heap","pages":3000}\n')
        self.end_state("twice", records)
        first = self.folder / "run_twice"
        first.rename(self.folder / "kept")
        self.end_state("twice", records)
        names = sorted(path.name for path in first.iterdir())
        same, different, missing = filecmp.cmpfiles(first, self.folder / "kept", names, False)
        self.assertGreater(len(same), 5)
        self.assertEqual(([], []), ([name for name in different if name != "provenance.json"],
                                    missing))

    def test_a_signal_breaks_a_run_off_and_leaves_an_incomplete_directory(self):
        """Exit code 130, and no summary.json."""
        endless = '{"task":"a","op":"compute","duration_ns":9000000000000000}\n'
        scenario = self.scenario("endless", endless, run={"sample_interval_ns": "1h"})
        with subprocess.Popen([PROGRAM, "run", scenario, "--out", "cut"], cwd=self.folder,
                              stderr=subprocess.DEVNULL) as process:
            while not (self.folder / "cut.incomplete/events.csv").exists():
                time.sleep(0.01)
            time.sleep(0.3)
            process.send_signal(signal.SIGINT)
            self.assertEqual(process.wait(timeout=60), 130)
        self.assertFalse((self.folder / "cut").exists())
        self.assertFalse((self.folder / "cut.incomplete/summary.json").exists())


def free_blocks(state, node):
    """The frames of a node's free blocks of order 9 and 10, as aligned runs of 512."""
    return {pfn + part for zone in json.loads(state)["zones"] if zone["node"] in (0, node)
            for blocks in zone["free_lists"] if blocks["order"] >= 9
            for pfn in blocks["pfns"] for part in range(0, 1 << blocks["order"], 512)}


def free_pages(state):
    """Free pages of all zones."""
    return [zone["free_pages"] for zone in json.loads(state)["zones"]]
