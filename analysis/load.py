#!/usr/bin/python3
"""A run directory as tables. sim/results/RUN_DIRECTORY.md says what is in them."""
import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from analysis.command import BadInput

SUMMARY_VERSION = 1
TEXT_COLUMNS = ("zone", "device", "kind", "task", "gfp", "detail", "ending", "queue",
                "lock", "cpuset")
COLUMNS = {  # without these a table is none of ours; it may have more
    "zones": "node zone present_pages min_pages low_pages high_pages",
    "series": "time_ns node zone free_pages",
    "orders": "time_ns node zone order_0_blocks order_10_blocks",
    "devices": "time_ns device read_requests write_requests",
    "vmstat": "time_ns", "events": "begin_ns end_ns kind task node zone detail",
    "tasks": "id task daemon begin_ns end_ns ending running_ns memory_ns runnable_ns sleeping_ns",
    "waits": "id task queue sleeps total_ns"}
TABLES = tuple(COLUMNS)
ORDERS = range(11)
# Tables that some runs do not have: older ones, or those whose machine has no such thing.
OPTIONAL_TABLES = {
    "requests": ["time_ns", *(f"order_{order}_served" for order in ORDERS), "failed"],
    "request_waits": ["order", "up_to_ns", "requests"],
    "placement": ["cpu_node", "memory_node", "requests", "pages"],
    "locks": ["lock"], "cpusets": ["time_ns", "cpuset"]}


class RunError(BadInput):
    """A directory that does not hold a run this code can read; says what to do."""


@dataclass(frozen=True)
class Run:
    """One run. Times are nanoseconds, memory is pages, as the column names say.

    A table that the run does not have is empty.
    """
    path: Path
    series: pd.DataFrame
    orders: pd.DataFrame
    devices: pd.DataFrame
    vmstat: pd.DataFrame
    events: pd.DataFrame
    zones: pd.DataFrame
    tasks: pd.DataFrame
    waits: pd.DataFrame
    requests: pd.DataFrame
    request_waits: pd.DataFrame
    placement: pd.DataFrame
    locks: pd.DataFrame
    cpusets: pd.DataFrame
    summary: dict
    config: dict

    @property
    def end_ns(self):
        """Simulated time at the end of the run."""
        return self.summary["end_ns"]


def load_run(directory):
    """Reads a complete run directory; raises RunError for any other."""
    path = Path(directory)
    summary = _summary(path)
    try:
        tables = {name: _table(path / f"{name}.csv", columns.split())
                  for name, columns in COLUMNS.items()}
        tables |= {name: _optional_table(path / f"{name}.csv", columns)
                   for name, columns in OPTIONAL_TABLES.items()}
        config = json.loads((path / "config.resolved.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RunError(f"{path}: not a whole run directory: {error}") from error
    return Run(path=path, summary=summary, config=config, **tables)


def _summary(path):
    return document(path, "summary.json", ("numasim_summary", SUMMARY_VERSION),
                    ("a run", "complete run"))


def document(path, name, version, words):
    """The JSON document `name` of a directory, of the version (key, number).

    `words` say what the directory should be of, and what it is not without the document.
    """
    whose, what = words
    key, number = version
    if not path.is_dir():
        raise RunError(f"{path}: no such directory; give the directory of {whose}")
    try:
        read = json.loads((path / name).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunError(f"{path}: no {name} in it, so no {what}") from None
    except (OSError, ValueError) as error:
        raise RunError(f"{path}/{name}: cannot be read: {error}") from error
    found = read.get(key) if isinstance(read, dict) else None
    if found != number:
        raise RunError(f"{path}/{name}: expected \"{key}\": {number}, found {found}")
    return read


def _check(path, columns, found):
    missing = [name for name in columns if name not in found]
    if missing:
        raise ValueError(f"{path.name}: no column {missing[0]}")


def _table(path, needed):
    """A task may be called 7 or NA: text columns stay text, and no text means a missing value."""
    columns = pd.read_csv(path, nrows=0).columns
    _check(path, needed, columns)
    types = {name: str if name in TEXT_COLUMNS else "int64" for name in columns}
    return pd.read_csv(path, dtype=types, keep_default_na=False)


def _optional_table(path, columns):
    """Numbers where a whole column is of them, else text."""
    if not path.exists():
        return pd.DataFrame({name: pd.Series(dtype="int64") for name in columns})
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    if path.stem in ("requests", "request_waits", "placement"):
        _check(path, columns, table.columns)
    for name in table:
        if name not in TEXT_COLUMNS and table[name].str.fullmatch(r"-?\d+").all():
            table[name] = table[name].astype("int64")
    return table
