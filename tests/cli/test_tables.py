#!/usr/bin/python3
"""What is made from the tables of settings and commands: schema, completion, manual page."""
import json
import subprocess
import unittest

import jsonschema

from tests.cli.program import PROGRAM, ROOT, ProgramTest

SCENARIOS = sorted((ROOT / "configs/scenarios").glob("*.json"))
BAD_SCENARIOS = (
    {"sead": 1},
    {"seed": -1},
    {"seed": "one"},
    {"seed": 2**64},
    {"kernel": []},
    {"kernel": {"hz": 0}},
    {"kernel": {"era": "2.4"}},
    {"machine": {"nodes": {}}},
    {"machine": {"nodes": [{"memory_bytes": "4 elephants"}]}},
    {"machine": {"nodes": [{"memory": 4096}]}},
    {"run": {"time_limit_ns": True}},
    {"workload": {"trace": 7}},
    {"extends": 7},
)


class Schema(ProgramTest):
    """numasim schema"""

    @classmethod
    def setUpClass(cls):
        done = subprocess.run([PROGRAM, "schema"], check=True, capture_output=True, text=True)
        cls.schema = json.loads(done.stdout)

    def test_is_a_schema_of_draft_2020_12(self):
        """By a validator that is not ours."""
        jsonschema.Draft202012Validator.check_schema(self.schema)

    def test_accepts_every_shipped_scenario(self):
        """As numasim validate does."""
        self.assertGreater(len(SCENARIOS), 5)
        for scenario in SCENARIOS:
            with self.subTest(scenario.name):
                jsonschema.Draft202012Validator(self.schema).validate(
                    json.loads(scenario.read_text()))
                self.assert_ends(self.numasim("validate", str(scenario)), 0)

    def test_accepts_what_show_config_prints(self):
        """Every default lies within its range."""
        shown = self.numasim("show-config", "good.json")
        jsonschema.Draft202012Validator(self.schema).validate(json.loads(shown.stdout))

    def test_refuses_what_the_program_refuses(self):
        """Both, each bad scenario."""
        validator = jsonschema.Draft202012Validator(self.schema)
        for bad in BAD_SCENARIOS:
            with self.subTest(bad=bad):
                scenario = {"workload": {"trace": "trace.jsonl"}, **bad}
                self.assertFalse(validator.is_valid(scenario))
                self.write("bad.json", json.dumps(scenario))
                self.assertEqual(self.numasim("validate", "bad.json").returncode, 3)

    def test_describes_every_setting(self):
        """As numasim settings lists them."""
        listed = self.numasim("settings").stdout.splitlines()
        for line in listed:
            path = line.split("  ")[0]
            part = self.schema
            for step in path.split("."):
                part = next((p for p in part.get("anyOf", [part]) if p.get("type") != "null"))
                part = part["items"] if step == "N" else part["properties"][step]
            self.assertIn("description", part, path)


class Completion(ProgramTest):
    """numasim completion bash"""

    def complete(self, line):
        """What bash offers at the end of a line."""
        script = self.numasim("completion", "bash").stdout
        words = line.split(" ")
        listed = " ".join(f"'{word}'" for word in words)
        program = (f"{script}\nCOMP_WORDS=({listed}); COMP_CWORD={len(words) - 1}; _numasim\n"
                   "printf '%s\\n' \"${COMPREPLY[@]}\"\n")
        done = subprocess.run(["bash"], input=program, capture_output=True, text=True,
                              cwd=self.folder, check=True)
        return done.stdout.split()

    def test_is_a_bash_script(self):
        """bash -n reads it."""
        script = self.numasim("completion", "bash").stdout
        done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_completes_commands_options_settings_and_files(self):
        """At their places."""
        self.assertEqual(self.complete("numasim show"), ["show-config"])
        self.assertEqual(self.complete("numasim run --see"), ["--seed"])
        self.assertEqual(self.complete("numasim run --set kernel.h"), ["kernel.hz="])
        self.assertEqual(self.complete("numasim run go"), ["good.json"])
        self.assertEqual(self.complete("numasim run good.json --out tr"), ["trace.jsonl"])
        self.assertEqual(self.complete("numasim trace st"), ["stat"])
        self.assertIn("fill", self.complete("numasim trace gen "))
        self.assertIn("--seed", self.complete("numasim trace gen fill --"))

    def test_offers_every_command(self):
        """Those of --help."""
        offered = self.complete("numasim ")
        for line in self.numasim("--help").stdout.split("commands:\n")[1].splitlines():
            if not line.strip():
                break
            self.assertIn(line.split()[0], offered)

    def test_knows_no_other_shell(self):
        """Exit code 2."""
        self.assert_ends(self.numasim("completion", "tcsh"), 2, "unknown shell 'tcsh'")


class ManualPage(ProgramTest):
    """numasim man"""

    def test_is_set_without_a_warning(self):
        """By groff."""
        page = self.numasim("man").stdout
        done = subprocess.run(["groff", "-man", "-ww", "-Tutf8", "-P-cbou"], input=page,
                              capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        for text in ("NAME", "numasim run", "--save-state", "EXIT STATUS", "130"):
            self.assertIn(text, done.stdout)


if __name__ == "__main__":
    unittest.main()
