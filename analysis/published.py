#!/usr/bin/python3
"""What the programs that hold the simulator against published measurements have in common."""
import json
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


def write_trace(path, cpu_of, records_of):
    """A trace of tasks, each on its CPU; `records_of(name)` gives what the task does."""
    with path.open("w", encoding="utf-8") as trace:
        tasks = [{"name": name, "cpu": cpu} for name, cpu in cpu_of.items()]
        print(json.dumps({"numasim_trace": 1, "tasks": tasks}), file=trace)
        for name in cpu_of:
            for record in records_of(name):
                print(json.dumps({"task": name, **record}), file=trace)


def tasks_of_run(binary, scenario, settings):
    """Runs a scenario beside its file and returns the rows of its own tasks."""
    run = scenario.parent / "run"
    words = [f"--set={path}={value}" for path, value in settings.items()]
    subprocess.run([binary, "run", scenario, "--out", run, "--force", "--no-figure", *words],
                   check=True, stdout=subprocess.DEVNULL)
    tasks = pd.read_csv(run / "tasks.csv", keep_default_na=False)
    return tasks[tasks.daemon == 0]


def write(table, draw, size, out):
    """NAME.csv and NAME.png, each whole or not at all."""
    text = table.round(2).to_csv()
    command.write_beside(out.with_suffix(".csv"), lambda file: file.write(text.encode()))
    with style.look():
        figure = Figure(figsize=size, layout="constrained")
        draw(table, figure)
        command.write_figure(figure, out.with_suffix(".png"), "png")
