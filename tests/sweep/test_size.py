#!/usr/bin/python3
"""numasim size and numasim collect; workloads made from a run's seed."""
import json
import unittest

import pandas

from tests.sweep.sweeps import SweepTest, last_line

SIZE = {"setting": "kernel.min_free_kbytes", "metric": "requests.failed", "at_most": 0,
        "values": {"from": 256, "to": 4096, "step": 256}, "quantile_percent": 80}
NETWORK = {"network": {"bursts": 3, "burst_packets": 100, "packet_gap_ns": 1000}}


class Made(SweepTest):
    """Traces that a sweep makes."""

    def test_each_seed_has_its_trace_and_all_points_share_it(self):
        """Beside the scenario's own trace."""
        sweep = self.sweep_file(generate=NETWORK, grid={"kernel.hz": [100, 250]}, repeats=2)
        self.assert_ends(self.numasim("sweep", sweep, "--out", "out"), 0)
        self.assertEqual(len(list((self.folder / "out/traces").iterdir())), 2)
        first, second, third, fourth = [row["requests.total"] for row in self.rows()]
        self.assertNotEqual(first, second)
        self.assertEqual([first, second], [third, fourth])
        self.assertGreater(int(first), 3000)

    def test_its_parameters_can_be_varied(self):
        """Their names are axes like any others."""
        sweep = self.sweep_file(generate=NETWORK, grid={"generate.network.bursts": [1, 5]})
        self.assert_ends(self.numasim("sweep", sweep, "--out", "out"), 0)
        few, many = [int(row["requests.total"]) for row in self.rows()]
        self.assertLess(few, many)
        self.assertEqual([row["generate.network.bursts"] for row in self.rows()], ["1", "5"])

    def test_what_cannot_be_made_is_refused(self):
        """With the nearest name, or the range."""
        for wrong, said in (({"netwrk": {}}, "did you mean network?"),
                            ({"network": {"burst": 1}}, "did you mean bursts?"),
                            ({"network": {"bursts": 0}}, "1..")):
            self.assert_ends(self.numasim("sweep", self.sweep_file(generate=wrong), "--list"), 3,
                             "w.json:1:", said)
        sweep = self.sweep_file(generate=NETWORK, grid={"generate.network.bursts": [0]})
        self.assert_ends(self.numasim("sweep", sweep, "--list"), 3, "w.json:1:", "1..")


class Sizes(SweepTest):
    """The smallest setting that will do."""

    def question(self, **keys):
        """How much must be free for bursts beside a task that fills the machine."""
        return self.sweep_file(generate=NETWORK, repeats=20,
                               **{"set": {"machine.nodes.1.memory_bytes": "16MiB",
                                          "machine.nodes.0.memory_bytes": "16MiB"},
                                  "size": {**SIZE, **keys}})

    def test_search_and_trying_every_value_agree(self):
        """And the answer is the first value that meets the limit."""
        question = self.question(metric="kswapd.wakeups")
        self.assert_ends(self.numasim("size", question, "--out", "out"), 0)
        self.assert_ends(self.numasim("size", question, "--out", "all", "--all"), 0)
        answers = [json.loads((self.folder / out / "answer.json").read_text())
                   for out in ("out", "all")]
        self.assertEqual(answers[0]["answer"], answers[1]["answer"])
        self.assertEqual(len(answers[1]["tried"]), 16)
        table = pandas.read_csv(self.folder / "all/size.csv")
        self.assertFalse(table.isna().any().any())
        self.assertEqual(list(table["seeds"]), [20] * 16)

    def test_too_few_seeds_are_said(self):
        """With the number that it takes."""
        done = self.numasim("size", self.question(quantile_percent=99), "--out", "out")
        self.assertIn("takes at least 299 seeds", done.stdout)
        self.assertFalse(json.loads((self.folder / "out/answer.json").read_text())["shown"])

    def test_no_value_may_do(self):
        """That is an answer, too."""
        question = self.question(metric="requests.total")
        done = self.numasim("size", question, "--out", "out")
        self.assert_ends(done, 0)
        self.assertIn("No value of kernel.min_free_kbytes up to 4096", done.stdout)

    def test_a_resumed_question_has_the_same_answer(self):
        """From the runs that are there."""
        question = self.question()
        first = self.numasim("size", question, "--out", "out", "--json")
        again = self.numasim("size", question, "--out", "out", "--json", "--resume")
        self.assertEqual(json.loads(first.stdout), json.loads(again.stdout))

    def test_a_wrong_question_is_refused(self):
        """Before anything runs, but for the name of a metric."""
        for keys, said in (({"setting": "kernel.min_fre_kbytes"}, "did you mean"),
                           ({"setting": "kernel.era"}, "the path of a number"),
                           ({"values": [2, 1]}, "values that grow"),
                           ({"quantile_percent": 100}, "between 0.0 and 100.0"),
                           ({"metric": "requests.faild"}, "did you mean requests.failed")):
            done = self.numasim("size", self.question(**keys), "--out", f"out{len(said)}")
            self.assert_ends(done, 3, said)
        self.assert_ends(self.numasim("sweep", self.question()), 2, "numasim size")
        self.assert_ends(self.numasim("size", self.some_runs()), 3, '"size"')


class Collect(SweepTest):
    """Tables of what lies there."""

    def test_shards_in_directories_of_their_own_make_one_table(self):
        """As if they had been one sweep."""
        sweep = self.some_runs()
        self.numasim("sweep", sweep, "--out", "whole")
        for part in ("1", "2", "3"):
            self.numasim("sweep", sweep, "--out", f"part{part}", "--shard", f"{part}/3")
        done = self.numasim("collect", "part1", "part2", "part3", "--out", "all.csv")
        self.assert_ends(done, 0)
        self.assertEqual((self.folder / "all.csv").read_bytes(), self.table("whole"))
        self.assertEqual(last_line(done), "total 24, ok 24, failed 0, skipped 0")

    def test_missing_runs_are_in_the_table_and_in_the_exit_code(self):
        """So that nobody takes it for the whole."""
        self.numasim("sweep", self.some_runs(), "--out", "out", "--shard", "1/2")
        done = self.numasim("collect", "out")
        self.assertEqual(done.returncode, 5)
        self.assertEqual(sum(row["status"] == "missing" for row in self.rows()), 12)

    def test_parts_of_different_sweeps_are_refused(self):
        """And folders that hold no sweep."""
        self.numasim("sweep", self.some_runs(), "--out", "one", "--shard", "1/24")
        self.numasim("sweep", self.sweep_file(), "--out", "two")
        self.assert_ends(self.numasim("collect", "one", "two"), 3, "another one")
        self.assert_ends(self.numasim("collect", "nowhere"), 4, "nowhere")

    def test_runs_make_a_table_with_the_settings_in_which_they_differ(self):
        """On standard output."""
        self.numasim("run", "base.json", "--no-figure", "--out", "a")
        self.numasim("run", "base.json", "--no-figure", "--out", "b", "--set", "kernel.hz=100")
        done = self.numasim("collect", "a", "b")
        self.assert_ends(done, 0, "total 2, ok 2")
        header, first, second = done.stdout.splitlines()
        self.assertTrue(header.startswith("directory,seed,status,ended_by,kernel.hz,end_ns,"))
        self.assertEqual(first.split(",")[:5], ["a", "1", "ok", "all tasks ended", "250"])
        self.assertEqual(second.split(",")[4], "100")


if __name__ == "__main__":
    unittest.main()
