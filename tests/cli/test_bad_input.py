#!/usr/bin/python3
"""Bad input: one clear message with place and hint, exit code 3, and no run directory."""
import json
import unittest

from tests.cli.program import TRACE, ProgramTest

HEADER = TRACE.splitlines()[0] + "\n"
ALLOC = '{"task":"fill","op":"alloc","id":1}\n'


def on_line_1(text):
    """A scenario of one line with the trace, and `text` before it."""
    return '{' + text + ', "workload": {"trace": "trace.jsonl"}}'


class BadScenarios(ProgramTest):
    """`run` and `validate` refuse the same with the same words."""

    def assert_refused(self, text, message):
        """Both commands say exactly `message`; nothing is written."""
        self.write("bad.json", text)
        before = self.files()
        for args in (["run", "bad.json"], ["run", "bad.json", "--out", "there"],
                     ["run", "bad.json", "--dry-run"], ["validate", "bad.json"],
                     ["show-config", "bad.json"]):
            done = self.numasim(*args)
            self.assert_ends(done, 3)
            self.assertEqual(done.stderr, message + "\n")
            self.assertEqual(done.stdout, "")
        self.assertEqual(self.files(), before)

    def test_unknown_key(self):
        """With the nearest key."""
        self.assert_refused(on_line_1('"kernel": {"swapiness_percent": 10}'),
                            "bad.json:1:13: /kernel/swapiness_percent: unknown key; did you mean "
                            "swappiness_percent?")

    def test_wrong_type(self):
        """A text for a number."""
        self.assert_refused(on_line_1('"kernel": {"hz": "fast"}'),
                            'bad.json:1:19: /kernel/hz: expected a whole number, found "fast"')

    def test_negative_size(self):
        """With the range."""
        self.assert_refused(on_line_1('"machine": {"nodes": [{"memory_bytes": -4096}]}'),
                            "bad.json:1:41: /machine/nodes/0/memory_bytes: expected a value in "
                            "0..8TiB, found -4096")

    def test_cpuset_naming_a_missing_node(self):
        """With the nodes there are."""
        self.assert_refused(on_line_1('"cpusets": [{"name": "/db", "mems": [0, 2]}]'),
                            "bad.json:1:42: /cpusets/0/mems/1: there is no node 2; the machine has "
                            "node 0 only")

    def test_distance_matrix_that_is_not_square(self):
        """The row that is too short."""
        self.assert_refused(
            on_line_1('"machine": {"nodes": [{"memory_bytes": 4096}, {}], '
                      '"distance": [[10, 20], [20]]}'),
            "bad.json:1:76: /machine/distance/1: distance matrix is not square: expected a row of "
            "2, found 1")

    def test_syntax(self):
        """In the words of JSON, not of a library."""
        self.assert_refused('{"seed": 1,}',
                            "bad.json:1:12: not valid JSON: expected a key in double quotes, found "
                            "}; remove the comma before it")

    def test_newer_version(self):
        """One line, whatever else is in the file."""
        self.assert_refused(on_line_1('"version": 7, "novelty": true'),
                            "bad.json:1:13: /version: expected version 1 or older, found 7; the "
                            "file is for a newer numasim")

    def test_several_faults_are_all_told_and_counted(self):
        """In file order."""
        self.write("bad.json", on_line_1('"seed": -1, "nmae": "x", "machine": {"disks": []}'))
        done = self.numasim("validate", "bad.json")
        self.assert_ends(done, 3)
        places = [line.split(": ")[:2] for line in done.stderr.splitlines()]
        self.assertEqual(places, [["bad.json:1:10", "/seed"], ["bad.json:1:14", "/nmae"],
                                  ["bad.json:1:48", "/machine/disks"],
                                  ["numasim", "3 problems"]])


class BadTraces(ProgramTest):
    """A trace is read to its end before anything is simulated."""

    def assert_refused(self, trace, message):
        """`run` and `validate` say `message` about the trace."""
        self.write("trace.jsonl", trace)
        before = self.files()
        for args, name in ((["run", "good.json"], str(self.folder / "trace.jsonl")),
                           (["validate", "trace.jsonl"], "trace.jsonl")):
            done = self.numasim(*args)
            self.assert_ends(done, 3)
            self.assertEqual(done.stderr, f"{name}:{message}\n")
        self.assertEqual(self.files(), before)

    def test_line_cut_in_half(self):
        """At the end of the file, with the reason."""
        self.assert_refused(HEADER + '{"task":"fi', "2:12: /task: expected '\"' at the end of a "
                            "string, found the end of the file; the last line is cut off in the "
                            "middle")

    def test_free_of_an_unknown_id(self):
        """The id and where it stands."""
        self.write("trace.jsonl", HEADER + ALLOC + '{"task":"fill","op":"free","id":7}\n')
        done = self.numasim("validate", "trace.jsonl")
        self.assert_ends(done, 3, "trace.jsonl:3:33: /id: ", "7")

    def test_time_going_back(self):
        """Dates of a trace never fall."""
        records = ('{"t":5,"task":"fill","op":"exit"}\n{"t":4,"task":"fill","op":"exit"}\n')
        self.write("trace.jsonl", HEADER + records)
        done = self.numasim("validate", "trace.jsonl")
        self.assert_ends(done, 3, "trace.jsonl:3:6: /t: expected a date from 5 ns on, found 4")

    def test_cpu_and_cpuset_the_scenario_does_not_have(self):
        """Known only together with a scenario."""
        tasks = [{"name": "a", "cpu": 0, "cpuset": "/db"}, {"name": "b", "cpu": 3}]
        self.write("trace.jsonl", json.dumps({"numasim_trace": 1, "tasks": tasks}) + "\n" +
                   '{"task":"a","op":"exit"}\n')
        self.assert_ends(self.numasim("validate", "trace.jsonl"), 0)
        self.assert_ends(self.numasim("run", "good.json"), 3,
                         'task "a": the scenario has no cpuset "/db"',
                         "trace.jsonl:1:95: /tasks/1/cpu: expected a CPU of the machine")


class Files(ProgramTest):
    """What cannot be read is another matter than what is wrong."""

    def test_a_missing_or_unreadable_file_is_exit_code_4(self):
        """The name and the system's reason."""
        for command in ("run", "validate", "show-config"):
            self.assert_ends(self.numasim(command, "none.json"), 4,
                             "none.json: cannot be read: No such file or directory")
            self.assert_ends(self.numasim(command, "."), 4, ".: cannot be read: it is a directory")

    def test_validate_goes_on_after_a_bad_file(self):
        """And names those that are right."""
        self.write("bad.json", "{")
        done = self.numasim("validate", "bad.json", "good.json", "trace.jsonl")
        self.assert_ends(done, 3, "bad.json:1:2: not valid JSON")
        self.assertEqual(done.stdout,
                         "good.json: scenario is valid\ntrace.jsonl: trace is valid\n")


if __name__ == "__main__":
    unittest.main()
