#!/usr/bin/python3
"""A user at a terminal: progress while it runs, a warning when something is missing."""
import os
import pty
import re
import shutil
import signal
import subprocess
import time
import unittest

from tests.cli.program import PROGRAM, ProgramTest

PROGRESS = re.compile(r"\d+% \| [\d.]+ s simulated, \S+ s per s \| \d+ records/s")


def read_all(terminal):
    """What was shown, to the end."""
    shown = b""
    while True:
        try:
            more = os.read(terminal, 4096)
        except OSError:  # the other end is closed
            return shown.decode()
        if not more:
            return shown.decode()
        shown += more


class Terminal(ProgramTest):
    """stderr is a terminal."""

    def setUp(self):
        super().setUp()
        self.numasim("trace", "gen", "orders", "--operations", "700000", "--gap-ns", "2us",
                     "--out", "trace.jsonl", "--force")

    def run_at_terminal(self, *options):
        """Runs the scenario; returns its exit code and what the terminal showed."""
        ours, theirs = pty.openpty()
        command = [PROGRAM, "run", "good.json", "--no-figure", "--out", "run", *options]
        with subprocess.Popen(command, cwd=self.folder, stdout=subprocess.DEVNULL,
                              stderr=theirs) as running:
            os.close(theirs)
            self.hold_up(running)
            shown = read_all(ours)
            os.close(ours)
        return running.returncode, shown

    def hold_up(self, running):
        """Stops the run in its midst for longer than progress waits for, however fast it is."""
        while running.poll() is None and not (self.folder / "run.incomplete").exists():
            time.sleep(0.001)
        for _ in range(3):  # the first may come before the clock of the progress was looked at
            time.sleep(0.02)
            running.send_signal(signal.SIGSTOP)
            time.sleep(1.1)
            running.send_signal(signal.SIGCONT)

    def test_progress_is_shown_and_wiped_away(self):
        """In one line, gone at the end."""
        code, shown = self.run_at_terminal()
        self.assertEqual(code, 0, shown)
        self.assertRegex(shown, PROGRESS)
        self.assertTrue(shown.endswith("\r\x1b[K"), shown[-80:])
        self.assertNotIn("\n", shown)

    def test_progress_can_be_left_out(self):
        """By either option."""
        for option in ("--no-progress", "--quiet"):
            self.assertEqual(self.run_at_terminal(option), (0, ""))
            shutil.rmtree(self.folder / "run")


class Warnings(ProgramTest):
    """What is no error, and yet not as it should be."""

    def test_a_figure_that_cannot_be_drawn_is_a_warning(self):
        """And an error for those who ask for it; the run is there all the same."""
        for number, (options, code) in enumerate((([], 0), (["--werror"], 1))):
            out = self.folder / f"run{number}"
            environment = {**os.environ, "MPLBACKEND": "nowhere"}
            done = subprocess.run([PROGRAM, "run", "good.json", "--out", str(out), *options],
                                  cwd=self.folder, capture_output=True, text=True,
                                  env=environment, check=False)
            self.assertEqual(done.returncode, code, done.stderr)
            self.assertIn("numasim: warning: no figure: plot.py", done.stderr)
            self.assertTrue((out / "summary.json").exists())

    def test_python_of_the_path_is_not_the_one_that_draws(self):
        """A python3 without matplotlib comes first there, as pyenv's does."""
        shim = self.folder / "bin/python3"
        shim.parent.mkdir()
        shim.write_text("#!/bin/sh\nexit 1\n")
        shim.chmod(0o755)
        environment = {**os.environ, "PATH": f"{shim.parent}:{os.environ['PATH']}"}
        done = subprocess.run([PROGRAM, "run", "good.json", "--out", "run", "--werror"],
                              cwd=self.folder, capture_output=True, text=True, env=environment,
                              check=False)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertTrue((self.folder / "run/pressure.png").exists())


if __name__ == "__main__":
    unittest.main()
