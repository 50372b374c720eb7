#!/usr/bin/python3
"""What reclaim did, the devices' queues and the pressure in cpusets, as tables."""
import numpy as np
import pandas as pd

from analysis.metrics_requests import bins

ZONES = ("dma", "dma32", "normal", "movable")
MOST_BINS = 100


def reclaim_rate(vmstat, most=MOST_BINS):
    """What kswapd and direct reclaim did over time.

    Columns begin_ns, end_ns, by ("kswapd", "direct"), scanned_per_s, reclaimed_per_s (pages),
    efficiency: pages reclaimed for each page scanned, NaN where none was scanned.
    """
    columns = ["begin_ns", "end_ns", "by", "scanned_per_s", "reclaimed_per_s", "efficiency"]
    if "kswapd_steal" not in vmstat or len(vmstat) < 2:
        return pd.DataFrame(columns=columns)
    dates = bins(vmstat["time_ns"], most)
    at = vmstat.drop_duplicates("time_ns").set_index("time_ns").loc[dates]
    steal = sum(at[f"pgsteal_{zone}"] for zone in ZONES)
    done = {"kswapd": at["kswapd_steal"], "direct": steal - at["kswapd_steal"]}
    parts = []
    for by, reclaimed in done.items():
        scanned = np.diff(sum(at[f"pgscan_{by}_{zone}"] for zone in ZONES))
        reclaimed, seconds = np.diff(reclaimed), np.diff(dates) / 1e9
        efficiency = np.divide(reclaimed, scanned, out=np.full(len(scanned), np.nan),
                               where=scanned > 0)
        parts.append(pd.DataFrame(dict(zip(columns, (
            dates[:-1], dates[1:], by, scanned / seconds, reclaimed / seconds, efficiency)))))
    return pd.concat(parts, ignore_index=True)


def overall_efficiency(vmstat):
    """Over the whole run: by, scanned_pages, reclaimed_pages, efficiency."""
    rows = []
    rates = reclaim_rate(vmstat)
    for by, of in rates.groupby("by", sort=False):
        seconds = (of["end_ns"] - of["begin_ns"]) / 1e9
        scanned, reclaimed = (round((of[name] * seconds).sum())
                              for name in ("scanned_per_s", "reclaimed_per_s"))
        rows.append((by, scanned, reclaimed, reclaimed / scanned if scanned else np.nan))
    return pd.DataFrame(rows, columns=["by", "scanned_pages", "reclaimed_pages", "efficiency"])


def at_least_so_deep(queue, end_ns):
    """The share of the run in which a device's queue was that deep: direction, requests, share.

    `queue` holds the samples of one device; each holds until the next.
    """
    lasts = np.diff(np.append(queue["time_ns"].to_numpy(), end_ns)).clip(min=0)
    whole = max(lasts.sum(), 1)
    rows = []
    for direction in ("read", "write"):
        depth = queue[f"{direction}_requests"].to_numpy()
        rows += [(direction, level, lasts[depth >= level].sum() / whole)
                 for level in range(1, int(depth.max(initial=0)) + 1)]
    return pd.DataFrame(rows, columns=["direction", "requests", "share"])


def cpuset_pressure(cpusets):
    """memory_pressure of each cpuset over time: time_ns, cpuset, memory_pressure; empty without."""
    columns = ["time_ns", "cpuset", "memory_pressure_per_1000s"]
    if not set(columns) <= set(cpusets):
        return pd.DataFrame({name: pd.Series(dtype="int64") for name in columns})
    return cpusets[columns]
