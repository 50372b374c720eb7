#!/usr/bin/python3
"""numasim trace: makes, counts and converts traces."""
import json
import os
import re
import subprocess
import unittest

from tests.cli.program import PROGRAM, ProgramTest

# Memory enough for the defaults of every kind.
SCENARIO = {"machine": {"nodes": [{"memory_bytes": "256MiB", "cpus": 1}]},
            "workload": {"trace": "made.jsonl"}}


class Generate(ProgramTest):
    """trace gen."""

    def kinds(self):
        """Names of the kinds, from the help."""
        text = self.numasim("trace", "gen", "--help").stdout
        return re.findall(r"^  (\w+) +[a-z]", text.split("kinds:\n")[1].split("\n\n")[0],
                          re.MULTILINE)

    def test_every_kind_runs_on_a_plain_scenario(self):
        """What comes out is valid and is worked off."""
        self.write("made.json", json.dumps(SCENARIO))
        self.assertGreaterEqual(len(self.kinds()), 9)
        for kind in self.kinds():
            with self.subTest(kind):
                made = self.numasim("trace", "gen", kind, "--out", "made.jsonl", "--force")
                self.assert_ends(made, 0)
                run = self.numasim("run", "made.json", "--no-figure", "--force", "--json")
                self.assert_ends(run, 0)

    def test_more_reserve_means_fewer_packets_lost(self):
        """What the kind `network` is for."""
        self.numasim("trace", "gen", "network", "--cache-pages", "40000", "--burst-packets", "1500",
                     "--bursts", "40", "--out", "made.jsonl")
        self.write("made.json", json.dumps(SCENARIO))
        lost = []
        for kbytes in (256, 1024, 4096):
            run = self.numasim("run", "made.json", "--no-figure", "--force", "--json",
                               "--set", "machine.nodes.0.memory_bytes=32MiB",
                               "--set", f"kernel.min_free_kbytes={kbytes}")
            self.assert_ends(run, 0)
            lost.append(json.loads(run.stdout)["requests"]["failed"])
        self.assertGreater(lost[0], lost[1], lost)
        self.assertGreater(lost[1], lost[2], lost)

    def test_help_of_a_kind_has_its_parameters_with_defaults_and_ranges(self):
        """From the table of the kind."""
        text = self.numasim("trace", "gen", "fill", "--help").stdout
        self.assertRegex(text, r"--chunk-pages PAGES .*1\.\..* \[256 \(1MiB\)\]")

    def test_follows_a_pattern(self):
        """What comes out runs; faults of the pattern are named with their place."""
        self.write("made.json", json.dumps(SCENARIO))
        access = '{"region": "a", "walk": "random", "pages": 4}'
        pattern = ('{"numasim_pattern": 1, "regions": [{"name": "a", "pages": 100}],\n'
                   '"phases": [{"duration_ns": 1000000, "gap_ns": 1000, "accesses": [%s]}]}')
        words = ("trace", "gen", "pattern", "p.json", "-o", "made.jsonl")
        self.write("p.json", pattern % access)
        self.assert_ends(self.numasim(*words), 0)
        self.assert_ends(self.numasim("run", "made.json", "--no-figure", "--out", "run"), 0)
        self.write("p.json", pattern % '{"region": "b"}')
        self.assert_ends(self.numasim(*words, "--force"), 3,
                         "p.json:2:77: /phases/0/accesses/0/region: expected a region")
        self.assert_ends(self.numasim("trace", "gen", "patern", "p.json"), 2, "mean pattern?")
        self.assertIn("gen pattern", self.numasim("trace", "gen", "--help").stdout)

    def test_values_take_units(self):
        """As settings do."""
        made = self.numasim("trace", "gen", "fill", "--pages", "2MiB", "--gap-ns", "1ms", "-o", "-")
        self.assertIn('"pages":512', made.stdout)
        self.assertEqual(self.numasim("trace", "stat", "-", stdin=made.stdout).returncode, 0)

    def test_refuses_what_it_cannot_do_and_writes_nothing(self):
        """Exit code 2 and a hint."""
        cases = (  # words, what stderr says
            ((), "needs a KIND"),
            (("fil", "-o", "x.jsonl"), "did you mean fill?"),
            (("fill",), "--out FILE"),
            (("fill", "-o", "x.jsonl", "--pages", "0"), "--pages expects a whole number in 1.."),
            (("fill", "-o", "x.jsonl", "--pages", "many"), 'found "many"'),
            (("fill", "-o", "x.jsonl", "--page", "7"), "did you mean --pages?"),
        )
        for words, told in cases:
            with self.subTest(words):
                self.assert_ends(self.numasim("trace", "gen", *words), 2, told)
        self.assertFalse((self.folder / "x.jsonl").exists())

    def test_replaces_no_file_unless_forced(self):
        """Exit code 4; nothing but the trace stays behind."""
        words = ("trace", "gen", "fill", "--out", "x.jsonl.gz")
        self.assert_ends(self.numasim(*words), 0)
        before = self.files()
        self.assert_ends(self.numasim(*words), 4, "add --force")
        self.assert_ends(self.numasim(*words, "--force"), 0)
        self.assertEqual(self.files(), before)
        self.assert_ends(self.numasim("trace", "gen", "fill", "--out", "no/x.jsonl"), 4, "no/x")


class Stat(ProgramTest):
    """trace stat."""

    def test_json_is_one_document_whose_numbers_agree(self):
        """With each other and with the trace."""
        done = self.numasim("trace", "stat", "trace.jsonl", "--json")
        counted = json.loads(done.stdout)
        self.assertEqual(counted["records"], 3)
        self.assertEqual(sum(counted["records_by_operation"].values()), 3)
        self.assertEqual(counted["peak_live_pages"], 100)
        self.assertEqual(counted["first_date_ns"], None)
        self.numasim("trace", "gen", "orders", "--operations", "3000", "--out", "made.jsonl")
        counted = json.loads(self.numasim("trace", "stat", "made.jsonl", "--json").stdout)
        self.assertEqual(counted["pages_by_order"],
                         [n << order for order, n in enumerate(counted["blocks_by_order"])])
        self.assertEqual(counted["allocated_pages"], sum(counted["pages_by_order"]))
        self.assertEqual(sum(counted["blocks_by_gfp"].values()), sum(counted["blocks_by_order"]))
        self.assertEqual(sum(entry["blocks"] for entry in counted["lifetimes"]),
                         counted["freed_blocks"])

    def test_text_tells_the_same(self):
        """For people."""
        done = self.numasim("trace", "stat", "trace.jsonl")
        self.assertIn("peak live       100 pages (400 KiB)", done.stdout)

    def test_a_bad_trace_is_named_with_its_line(self):
        """Exit code 3."""
        self.write("bad.jsonl", '{"numasim_trace":1}\n{"task":"x","op":"exit"}\n')
        self.assert_ends(self.numasim("trace", "stat", "bad.jsonl"), 3, "bad.jsonl:2:9: /task")
        self.assert_ends(self.numasim("trace", "stat", "none.jsonl"), 4, "none.jsonl")


class Memory(ProgramTest):
    """However long a trace is, it goes through a pipe."""

    def peak_kib(self, operations):
        """Most resident memory of the maker and of the reader of a trace that long."""
        gen = [PROGRAM, "trace", "gen", "orders", "--operations", str(operations), "--out", "-"]
        with subprocess.Popen(gen, stdout=subprocess.PIPE) as maker:
            with subprocess.Popen([PROGRAM, "trace", "stat", "-", "--json"], stdin=maker.stdout,
                                  stdout=subprocess.PIPE) as reader:
                maker.stdout.close()
                counted = json.loads(reader.stdout.read())
                peaks = [os.wait4(child.pid, 0)[2].ru_maxrss for child in (maker, reader)]
                maker.returncode = reader.returncode = 0
        self.assertEqual(counted["records"], operations)
        return peaks

    def test_does_not_grow_with_the_trace(self):
        """Twenty times the records, no more memory; 64 MiB are enough."""
        short, long = self.peak_kib(60_000), self.peak_kib(1_200_000)
        for few, many in zip(short, long):
            self.assertLess(many, few + 2 * 1024)
            self.assertLess(many, 64 * 1024)


class Convert(ProgramTest):
    """trace convert."""

    def test_a_run_is_the_same_whatever_the_compression(self):
        """Every file of the run directory but those that name the trace."""
        results = []
        for ending in ("", ".gz", ".zst"):
            trace = "made.jsonl" + ending
            self.numasim("trace", "gen", "churn", "--programs", "40", "--out", trace)
            self.write("made.json", json.dumps(SCENARIO | {"workload": {"trace": trace}}))
            self.assert_ends(self.numasim("run", "made.json", "--no-figure", "--out", "run",
                                          "--force", "-q"), 0)
            names_trace = ("config.resolved.json", "provenance.json", "summary.json")
            results.append({path.name: path.read_bytes() for path in (self.folder / "run").iterdir()
                            if path.is_file() and path.name not in names_trace})
        self.assertGreaterEqual(len(results[0]), 2)
        self.assertEqual(results[0], results[1])
        self.assertEqual(results[0], results[2])

    def test_between_every_form_of_json_lines(self):
        """And back to the same bytes; through pipes as well."""
        self.numasim("trace", "gen", "orders", "-o", "a.jsonl", "--operations", "2000")
        for name in ("b.jsonl.gz", "c.jsonl.zst", "d.jsonl"):
            self.assert_ends(self.numasim("trace", "convert", "a.jsonl", name), 0)
            back = self.numasim("trace", "convert", name, "-")
            self.assertEqual(back.stdout, (self.folder / "a.jsonl").read_text())
        piped = self.numasim("trace", "convert", "-", "-", stdin=back.stdout)
        self.assertEqual(piped.stdout, back.stdout)

    def test_llfree_and_back_keeps_counts(self):
        """What is lost is told on stderr."""
        self.numasim("trace", "gen", "network", "-o", "a.jsonl", "--bursts", "3")
        done = self.numasim("trace", "convert", "a.jsonl", "a.llfree")
        self.assert_ends(done, 0, "LLFree's format does not say")
        self.assert_ends(self.numasim("trace", "convert", "a.llfree", "b.jsonl.gz"), 0)
        counted = [json.loads(self.numasim("trace", "stat", name, "--json").stdout)
                   for name in ("a.jsonl", "b.jsonl.gz")]
        for key in ("records", "blocks_by_order", "freed_blocks", "peak_live_pages"):
            self.assertEqual(counted[0][key], counted[1][key], key)
        self.assert_ends(self.numasim("import", "llfree", "a.llfree", "--out", "x"), 0)
        run = self.numasim("run", "x/scenario.json", "--no-figure", "--out", "r")
        self.assert_ends(run, 0)

    def test_refuses_and_writes_nothing(self):
        """A trace of regions has no form in LLFree's."""
        cases = (  # words, exit code, what stderr says
            (("trace.jsonl", "x.llfree"), 3, "trace.jsonl:2:21: /op: LLFree's format has"),
            (("-", "x.llfree"), 4, "it is needed twice"),
            (("trace.jsonl", "good.json"), 4, "add --force"),
            (("trace.jsonl", "x", "--to", "json"), 2, "--to expects jsonl or llfree"),
            (("good.json", "x.jsonl"), 3, "good.json:1:1"),
        )
        for words, code, told in cases:
            with self.subTest(words):
                self.assert_ends(self.numasim("trace", "convert", *words), code, told)
        self.assertEqual(self.files(), ["good.json", "trace.jsonl"])


class Trace(ProgramTest):
    """The command itself."""

    def test_usage(self):
        """As every command."""
        self.assert_ends(self.numasim("trace"), 2, "usage: numasim trace")
        self.assertIn("stat", self.numasim("trace", "--help").stdout)
        self.assert_ends(self.numasim("trace", "sta"), 2, "did you mean stat?")
        self.assertIn("convert", self.numasim("trace", "--help").stdout)


if __name__ == "__main__":
    unittest.main()
