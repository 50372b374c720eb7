#!/usr/bin/python3
"""Usage, help, versions, exit codes: what every command has in common."""
import json
import subprocess
import unittest

from tests.cli.program import PROGRAM, ROOT, ProgramTest

COMMANDS = ("run", "validate", "show-config", "import", "conform")


class Usage(ProgramTest):
    """The command line itself."""

    def test_no_command_prints_usage_and_fails(self):
        """Nothing was asked for, so nothing succeeded."""
        done = self.numasim()
        self.assert_ends(done, 2, "usage: numasim COMMAND")
        self.assertEqual(done.stdout, "")

    def test_help_lists_commands_and_exit_codes(self):
        """On stdout: it was asked for."""
        done = self.numasim("--help")
        self.assert_ends(done, 0)
        for text in (*COMMANDS, "exit codes:", "130", "example:"):
            self.assertIn(text, done.stdout)

    def test_each_command_explains_itself(self):
        """Usage, options and an example."""
        for command in COMMANDS:
            done = self.numasim(command, "--help")
            self.assert_ends(done, 0)
            self.assertTrue(done.stdout.startswith(f"usage: numasim {command} "), done.stdout)
            self.assertIn("\nexamples:\n", done.stdout)

    def test_help_of_run_shows_defaults(self):
        """The default run directory is documented."""
        self.assertIn("[runs/NAME-SEED]", self.numasim("run", "-h").stdout)

    def test_slips_of_the_keyboard_get_a_suggestion(self):
        """Exit code 2, nothing on stdout."""
        for args, message in (
                (["rnu"], "unknown command rnu; did you mean run?"),
                (["--hlep"], "unknown option --hlep"),
                (["run", "--sede", "1"], "unknown option --sede; did you mean --seed?"),
                (["run", "--see", "1", "good.json"], "unknown option --see"),
                (["run", "--seed"], "--seed needs a value"),
                (["run", "--json=yes", "good.json"], "--json takes no value"),
                (["run", "--seed", "1", "--seed", "2", "good.json"], "--seed is given twice"),
                (["run", "--seed", "1.5", "good.json"], "--seed expects a whole number"),
                (["run", "--out", "", "good.json"], "--out needs the name of a directory"),
                (["run"], "numasim run needs SCENARIO"),
                (["run", "a", "b"], "numasim run takes SCENARIO only")):
            done = self.numasim(*args)
            self.assert_ends(done, 2, message)
            self.assertEqual(done.stdout, "")

    def test_a_bad_argument_for_simgrid_is_our_error(self):
        """SimGrid itself would abort with a backtrace."""
        for arg in ("--cfg=foo:bar", "--cfg=help", "--log=no_stdout", "--help", "x"):
            done = self.numasim("run", "good.json", "--simgrid", arg)
            self.assert_ends(done, 2, f'SimGrid does not take "{arg}"')
            self.assertEqual(done.stderr.count("\n"), 1, done.stderr)


class Versions(ProgramTest):
    """--version."""

    def test_version_names_number_source_and_simgrid(self):
        """One line."""
        self.assertRegex(self.numasim("--version").stdout,
                         r"^numasim \d+\.\d+\.\d+ \(git [0-9a-z-]+, SimGrid \d+\.\d+\)\n$")

    def test_version_as_json(self):
        """A document with the same three."""
        document = json.loads(self.numasim("--version", "--json").stdout)
        self.assertEqual(list(document), ["version", "git_hash", "simgrid_version"])


class Output(ProgramTest):
    """stdout is data."""

    def test_a_reader_that_goes_away_is_no_error(self):
        """| head."""
        command = f"{PROGRAM} show-config good.json | head -1; echo ${{PIPESTATUS[0]}}"
        done = subprocess.run(["bash", "-c", command], cwd=self.folder, text=True,
                              capture_output=True, timeout=60, check=False)
        self.assertEqual((done.stdout, done.stderr), ("{\n0\n", ""))

    def test_a_full_disk_is_exit_code_4(self):
        """Not a crash, not silence."""
        with open("/dev/full", "w", encoding="utf-8") as full:
            done = subprocess.run([PROGRAM, "show-config", "good.json"], cwd=self.folder,
                                  stdout=full, stderr=subprocess.PIPE, text=True, check=False)
        self.assert_ends(done, 4, "<stdout>: cannot be written: No space left on device")

    def test_messages_hold_no_control_characters(self):
        """A file must not be able to move the cursor."""
        self.write("evil.json", '{"a\\u001b[2J\\nx": 1}')
        done = self.numasim("validate", "evil.json")
        self.assertNotIn("\x1b", done.stderr)
        self.assertEqual(done.stderr.count("\n"), 3, done.stderr)


class Documentation(unittest.TestCase):
    """configs/README.md."""

    def test_the_table_of_settings_is_the_one_the_program_prints(self):
        """Every default is written once, in the tables."""
        table = subprocess.run([PROGRAM, "settings", "--markdown"], capture_output=True, text=True,
                               check=True).stdout
        readme = (ROOT / "configs/README.md").read_text(encoding="utf-8")
        self.assertTrue(readme.endswith(table),
                        "replace the end of configs/README.md by: numasim settings --markdown")


if __name__ == "__main__":
    unittest.main()
