#!/usr/bin/python3
"""What a sweep measured, as tables: medians of cells, repeats with confidence, what differs."""
from math import comb

import numpy as np
import pandas as pd

CONFIDENCE = 0.95
LEAST_DIFFERENCE = 0.01  # of the largest value
UNITS = {"kbytes": "KiB", "bytes": "bytes", "percent": "%", "ns": "ns", "pages": "pages",
         "hz": "Hz", "second": "bytes/s"}


def levels(sweep, axis):
    """The values of an axis, ascending where they are numbers, else in the design's order."""
    values = sweep.results[axis].drop_duplicates().tolist()
    if all(isinstance(value, (int, float)) and value == value for value in values):
        return sorted(values)
    return values


def varied(sweep):
    """The axes that have more than one level, those with most levels first."""
    counts = {axis: len(levels(sweep, axis)) for axis in sweep.axes}
    return sorted((axis for axis in sweep.axes if counts[axis] > 1),
                  key=lambda axis: (-counts[axis], sweep.axes.index(axis)))


def is_grid(sweep):
    """Whether the points are (nearly) every combination of the levels."""
    cells = 1
    for axis in varied(sweep):
        cells *= len(levels(sweep, axis))
    return cells <= 1.5 * max(sweep.results["point"].nunique(), 1)


def cells(sweep, metric, axes):
    """The median of a metric over the repeats of each combination of these axes' levels.

    Columns: the axes, median (NaN where no run is there), runs, of which `missing` are not there.
    Combinations that the design leaves out have no row.
    """
    grouped = sweep.results.assign(there=sweep.results[metric].notna()).groupby(
        list(axes), sort=False, dropna=False)
    table = grouped.agg(median=(metric, "median"), runs=("run", "size"), there=("there", "sum"))
    table["missing"] = table["runs"] - table["there"]
    return table.drop(columns="there").reset_index()


def interval_ranks(count, confidence=CONFIDENCE):
    """Ranks (from 1) of the two order statistics between which the median of all seeds lies with
    that confidence, whatever its distribution; None when there are too few values."""
    best, below = None, 0.0
    for rank in range(1, count // 2 + 1):
        below += comb(count, rank - 1) / 2.0**count
        if 2 * below > 1 - confidence:
            break
        best = (rank, count + 1 - rank)
    return best


def repeats(sweep, metric, axis):
    """The repeats at each level: level, runs, missing, median, low, high, sure.

    Between low and high lies the median of all seeds with 95 % confidence if `sure`; with too few
    repeats to say so they are the smallest and the largest seen.
    """
    rows = []
    for level in levels(sweep, axis):
        of = sweep.results[sweep.results[axis] == level]
        values = np.sort(of[metric].dropna().to_numpy())
        ranks = interval_ranks(len(values))
        low, high = (values[ranks[0] - 1], values[ranks[1] - 1]) if ranks else (
            (values[0], values[-1]) if len(values) else (np.nan, np.nan))
        middle = float(np.median(values)) if len(values) else np.nan
        rows.append((level, len(of), len(of) - len(values), middle, low, high, ranks is not None))
    return pd.DataFrame(rows, columns=["level", "runs", "missing", "median", "low", "high", "sure"])


def telling_metrics(sweep, most):
    """The metrics that say most: those that differ between points, steadily within one.

    Requests that fail, waits and time in reclaim come before other counts. What hardly differs is
    left out, unless nothing differs more.
    """
    table = sweep.results[sweep.results["status"] == "ok"]
    ranked, flat = [], []
    for metric in sweep.metrics:
        values = table[metric].dropna()
        if values.nunique() < 2:
            continue
        between = table.groupby("point")[metric].median().std(ddof=0)
        spread = values.std(ddof=0) or 1.0
        differs = values.max() - values.min() >= LEAST_DIFFERENCE * values.abs().max()
        (ranked if differs else flat).append(
            (_interest(metric), -round(between / spread, 3), len(ranked), metric))
    return [metric for *_, metric in sorted(ranked or flat)[:most]]


def _interest(metric):
    """Small for what people ask about first."""
    first = ("requests.failed", "waits.request.p99_ns", "waits.direct_reclaim.total_ns",
             "kswapd.awake_ns", "waits.congestion_wait.total_ns", "waits.request.max_ns",
             "numa.miss", "oom.kills", "direct_reclaim.reclaimed_pages")
    return first.index(metric) if metric in first else len(first)


def unit_of(name):
    """The unit a name ends in, for people; empty for a plain count."""
    return UNITS.get(name.rsplit("_", 1)[-1] if "_" in name else "", "")
