#!/usr/bin/python3
"""What the programs that hold the simulator against published measurements have in common."""
import os
import subprocess
from pathlib import Path

import pandas as pd
from analysis import command, style
from matplotlib.figure import Figure

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = ROOT / "configs/published"


def command_line(description, name):
    """A parser with --out and --numasim."""
    parser = command.parser(description)
    parser.add_argument("--out", metavar="NAME", type=Path, default=Path(name),
                        help="writes NAME.csv and NAME.png (default: %(default)s)")
    parser.add_argument("--numasim", metavar="PROGRAM",
                        default=os.environ.get("NUMASIM_BINARY", ROOT / "numasim"),
                        help="default: the launcher")
    return parser


def tasks_of_run(binary, scenario, settings):
    """Runs a scenario beside its file and returns the rows of its own tasks."""
    run = scenario.parent / "run"
    words = [f"--set={path}={value}" for path, value in settings.items()]
    subprocess.run([binary, "run", scenario, "--out", run, "--force", "--no-figure", *words],
                   check=True, stdout=subprocess.DEVNULL)
    tasks = pd.read_csv(run / "tasks.csv", keep_default_na=False)
    return tasks[tasks.daemon == 0]


def write(table, draw, size, out):
    """NAME.csv and NAME.png."""
    table.round(2).to_csv(out.with_suffix(".csv"))
    with style.look():
        figure = Figure(figsize=size, layout="constrained")
        draw(table, figure)
        style.save(figure, out.with_suffix(".png"), "png")
