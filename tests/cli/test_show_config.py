#!/usr/bin/python3
"""show-config, --set and --seed."""
import json
import unittest

from tests.cli.program import ProgramTest


class ShowConfig(ProgramTest):
    """The resolved scenario."""

    def resolved(self, *args, stdin=""):
        """What show-config prints, parsed."""
        done = self.numasim("show-config", *args, stdin=stdin)
        self.assert_ends(done, 0)
        return json.loads(done.stdout)

    def test_output_is_strict_json_with_every_default(self):
        """Nothing is left to guess."""
        config = self.resolved("good.json")
        self.assertEqual(list(config), ["version", "name", "description", "look_at", "seed",
                                        "machine", "kernel", "scheduler", "costs", "cpusets",
                                        "workload", "run"])
        self.assertEqual(config["kernel"]["hz"], 250)
        self.assertEqual(config["machine"]["nodes"][0]["memory_bytes"], 256 << 20)
        self.assertIsNone(config["kernel"]["min_free_kbytes"])

    def test_output_fed_back_gives_the_same_bytes(self):
        """From another folder too: paths are absolute."""
        first = self.numasim("show-config", "good.json", "--set", "kernel.hz=1000").stdout
        self.write("elsewhere/again.json", first)
        self.assertEqual(self.numasim("show-config", "elsewhere/again.json").stdout, first)

    def test_standard_input_is_a_file_of_the_working_directory(self):
        """"-"."""
        config = self.resolved("-", stdin=(self.folder / "good.json").read_text())
        self.assertEqual(config["workload"]["trace"], str(self.folder / "trace.jsonl"))
        self.assertEqual(config["name"], "stdin")

    def test_set_takes_units_and_the_last_one_wins(self):
        """As the tables say."""
        config = self.resolved("good.json", "--set", "machine.nodes.0.memory_bytes=1GiB",
                               "--set", "run.sample_interval_ns=5ms", "--set", "kernel.hz=100",
                               "--set", "kernel.hz=300", "--seed", "12")
        self.assertEqual(config["machine"]["nodes"][0]["memory_bytes"], 1 << 30)
        self.assertEqual(config["run"]["sample_interval_ns"], 5_000_000)
        self.assertEqual(config["kernel"]["hz"], 300)
        self.assertEqual(config["seed"], 12)

    def test_a_wrong_path_names_the_nearest(self):
        """Exit code 3, as for a file."""
        self.assert_ends(self.numasim("show-config", "good.json", "--set", "kernel.hzz=1"), 3,
                         "--set kernel.hzz=1: unknown setting kernel.hzz; did you mean kernel.hz?")

    def test_extended_files_are_merged(self):
        """Relative to the file that names them."""
        self.write("lib/machine.json", '{"machine": {"cpu_hz": "1GHz"}, "kernel": {"hz": 100}}')
        self.write("mine.json", '{"extends": "lib/machine.json", "kernel": {"hz": 300},'
                                ' "workload": {"trace": "trace.jsonl"}}')
        config = self.resolved("mine.json")
        self.assertEqual((config["machine"]["cpu_hz"], config["kernel"]["hz"]), (10**9, 300))
        self.assertNotIn("extends", config)


if __name__ == "__main__":
    unittest.main()
