#!/usr/bin/python3
"""A sweep's directory as one table. sim/sweep/SWEEPS.md says what is in it."""
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.load import RunError, document

PLAN_VERSION = 1
ABOUT_A_RUN = ("run", "point", "repeat", "seed", "status", "ended_by")
NO_NUMBER = -1


@dataclass(frozen=True)
class Sweep:
    """One sweep. `results` has a row for each run of the design, those not there included.

    `axes` are the columns that were varied, `metrics` those that were measured (float, with NaN
    where a run is missing or the number does not apply); units are in their names.
    """
    path: Path
    name: str
    axes: list
    metrics: list
    seeds: str
    results: pd.DataFrame
    answer: dict  # of numasim size; empty: the sweep asked nothing

    @property
    def repeats(self):
        """Runs of each point."""
        return int(self.results["repeat"].max()) + 1 if len(self.results) else 0

    @property
    def missing(self):
        """Runs of the design without a result."""
        return int((self.results["status"] != "ok").sum())


def is_sweep(directory):
    """Whether a directory is a sweep's."""
    return (Path(directory) / "sweep.json").is_file()


def load_sweep(directory):
    """Reads a sweep's directory, also one that is not finished; raises RunError for any other."""
    path = Path(directory)
    plan = _plan(path)
    try:
        design = _design(plan)
        table = path / "results.csv"
        measured = _whole_table(table) if table.exists() else _from_summaries(path, design["run"])
        answer = path / "answer.json"
        asked = json.loads(answer.read_text(encoding="utf-8")) if answer.exists() else {}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path}: not a whole sweep: {error}") from error
    if asked:  # a search leaves out values that it need not try
        tried = [one["value"] for one in asked["tried"]]
        design = design[design[asked["setting"]].isin(tried)]
    known = [name for name in measured if name not in design and name not in ABOUT_A_RUN]
    results = design.merge(measured[["run", "status", "ended_by", *known]], on="run", how="left")
    results["status"] = results["status"].fillna("missing")
    results["ended_by"] = results["ended_by"].fillna("-")
    results[known] = results[known].where(results["status"] == "ok")
    return Sweep(path=path, name=plan["name"], axes=plan["axes"], metrics=known,
                 seeds=plan["seeds"], results=results, answer=asked)


def _plan(path):
    return document(path, "sweep.json", ("numasim_sweep_plan", PLAN_VERSION),
                    ("a run or a sweep", "sweep"))


def _design(plan):
    """What was to be run: run, point, repeat, seed, and a column for each axis."""
    rows = [{"run": run["id"], "point": run["point"], "repeat": run["repeat"],
             "seed": run["seed"], **dict(zip(plan["axes"], map(_level, run["values"])))}
            for run in plan["runs"]]
    return pd.DataFrame(rows, columns=["run", "point", "repeat", "seed", *plan["axes"]])


def _level(value):
    """A value of an axis as something that can be compared: sections and lists as their text."""
    return json.dumps(value) if isinstance(value, (dict, list)) else value


def _whole_table(path):
    text = {"run": str, "status": str, "ended_by": str}
    return _numbers(pd.read_csv(path, dtype=text, keep_default_na=False))


def _from_summaries(path, ids):
    """What there is of a sweep that has no results.csv yet, from the runs themselves."""
    rows = []
    for run in ids:
        file = path / "runs" / run / "summary.json"
        if file.exists():
            summary = json.loads(file.read_text(encoding="utf-8"))
            rows.append({"run": run, "status": "ok", "ended_by": summary["ended_by"],
                         **dict(numbers_of(summary))})
    columns = ["run", "status", "ended_by"]
    return _numbers(pd.DataFrame(rows) if rows else pd.DataFrame(columns=columns))


def _numbers(table):
    """Metrics as floats; what does not apply becomes a missing value."""
    for name in table:
        if name not in ABOUT_A_RUN:
            column = pd.to_numeric(table[name], errors="coerce").astype("float64")
            change = name.startswith("vmstat.")  # of which -1 is one
            table[name] = column if change else column.where(column != NO_NUMBER)
    return table


def numbers_of(summary, above=""):
    """The numbers of a summary with their names as in stats.txt."""
    for key, value in summary.items():
        if isinstance(value, dict):
            yield from numbers_of(value, f"{above}{key}.")
        elif isinstance(value, int) and (above or key == "end_ns"):
            yield f"{above}{key}", value
