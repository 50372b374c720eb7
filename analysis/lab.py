#!/usr/bin/python3
"""A place to try things in: runs numasim on scenarios written down here and loads what it leaves.

    from analysis.lab import Lab, show
    lab = Lab()
    run = lab.run("quickstart", {"kernel.min_free_kbytes": 8192})
    show(analysis.dashboard(run))

Everything lies in a folder of its own, which goes with the program.
"""
import io
import json
import os
import subprocess
import tempfile
from pathlib import Path

from analysis import style
from analysis.load import load_run
from analysis.load_sweeps import load_sweep

ROOT = Path(__file__).resolve().parents[1]


class LabError(Exception):
    """numasim did not do what it was asked; says why in its own words."""


def _program():
    """The program: $NUMASIM_BINARY, else the one built here, else the one that builds itself."""
    built = ROOT / "build/numasim"
    return os.environ.get("NUMASIM_BINARY") or str(built if built.exists() else ROOT / "numasim")


class Lab:
    """Runs, sweeps and traces, numbered in the order they are made."""

    def __init__(self):
        self._folder = tempfile.TemporaryDirectory(prefix="numasim-lab-")
        self.folder = Path(self._folder.name)
        self._made = 0

    def numasim(self, *words, codes=(0,)):
        """Runs the program in the lab's folder; returns what it printed. Raises LabError."""
        done = subprocess.run([_program(), *map(str, words)], cwd=self.folder, text=True,
                              capture_output=True, check=False)
        if done.returncode not in codes:
            raise LabError(f"numasim {' '.join(map(str, words))}\n{done.stderr}")
        return done.stdout

    def _next(self, kind):
        self._made += 1
        return self.folder / f"{kind}{self._made}"

    def _file(self, content, kind):
        path = self._next(kind).with_suffix(".json")
        path.write_text(json.dumps(content))
        return path

    def scenario(self, scenario):
        """The file of a scenario: of configs/scenarios by its name, or written down here."""
        if isinstance(scenario, dict):
            return self._file(scenario, "scenario")
        return ROOT / f"configs/scenarios/{scenario}.json"

    def run(self, scenario, settings=None, seed=None):
        """Runs a scenario with settings changed and loads the run."""
        out = self._next("run")
        words = [f"--set={path}={json.dumps(value)}" for path, value in (settings or {}).items()]
        words += [f"--seed={seed}"] if seed is not None else []
        self.numasim("run", self.scenario(scenario), "--out", out, "--quiet", "--no-figure", *words)
        return load_run(out)

    def sweep(self, base, **design):
        """Runs a sweep: `grid`, `zip`, `sample`, `repeats` ... as in a sweep's file."""
        return self._sweep("sweep", base, design)

    def size(self, base, **design):
        """Runs the search for a size; `size` is the question as in a sweep's file."""
        return self._sweep("size", base, design)

    def _sweep(self, command, base, design):
        out = self._next(command)
        question = self._file({"numasim_sweep": 1, "name": out.name,
                               "base": str(self.scenario(base)), **design}, "design")
        self.numasim(command, question, "--out", out, "--quiet")
        return load_sweep(out)

    def trace(self, kind, **parameters):
        """Makes a workload from a seed; returns its file."""
        path = self._next(kind).with_suffix(".jsonl")
        words = [word for name, value in parameters.items()
                 for word in (f"--{name.replace('_', '-')}", value)]
        self.numasim("trace", "gen", kind, *words, "--out", path)
        return path


def show(figure):
    """Shows a figure in a notebook, as it would be in a file; elsewhere it is drawn and dropped."""
    picture = io.BytesIO()
    style.save(figure, picture, "png")
    try:
        from IPython import get_ipython
        from IPython.display import Image, display
    except ImportError:
        return
    if get_ipython() is not None:
        display(Image(picture.getvalue(), width=900))
