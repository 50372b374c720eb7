#!/usr/bin/python3
"""Numbers worked out from the tables of a run: DataFrame in, DataFrame out, nothing drawn.

Intervals are half open, [begin_ns, end_ns).
"""
import numpy as np
import pandas as pd

PAGE_BYTES = 4096
MIB = 1 << 20
MARKS = ("min", "low", "high")
RESERVES = ("dma", "dma32", "normal", "movable")


def mib(pages):
    """Pages as MiB."""
    return pages * PAGE_BYTES / MIB


def of_kind(events, kind, node=None):
    """The rows of one kind, of one node if a node is given."""
    chosen = events["kind"] == kind
    if node is not None:
        chosen &= events["node"] == node
    return events[chosen]


def union(intervals):
    """The time covered by any of the intervals, as disjoint intervals in order.

    Columns begin_ns, end_ns. Intervals that touch are joined; empty ones cover nothing.
    """
    rows = intervals.loc[intervals["end_ns"] > intervals["begin_ns"], ["begin_ns", "end_ns"]]
    rows = rows.sort_values(["begin_ns", "end_ns"], kind="stable")
    covered_until = rows["end_ns"].cummax().shift(fill_value=-1)
    island = (rows["begin_ns"] > covered_until).cumsum()
    joined = rows.groupby(island).agg(begin_ns=("begin_ns", "min"), end_ns=("end_ns", "max"))
    return joined.reset_index(drop=True).astype("int64")


def total_ns(intervals):
    """The lengths of all intervals, overlaps counted as often as they occur."""
    return int((intervals["end_ns"] - intervals["begin_ns"]).sum())


def kswapd_awake(events, nodes, end_ns):
    """How long each node's kswapd was awake: node, intervals, awake_ns, share of the run."""
    rows = []
    for node in nodes:
        intervals = of_kind(events, "kswapd", node)
        awake_ns = total_ns(union(intervals))
        rows.append((node, len(intervals), awake_ns, awake_ns / end_ns if end_ns else 0.0))
    return pd.DataFrame(rows, columns=["node", "intervals", "awake_ns", "share"])


def waits(events, kind, nodes):
    """How often and how long tasks waited, by node: node, count, total_ns.

    Waits of several tasks at once count several times. A wait belongs to the node its request
    looked at first (the event's node).
    """
    rows = [(node, len(of_node), total_ns(of_node))
            for node in nodes for of_node in [of_kind(events, kind, node)]]
    return pd.DataFrame(rows, columns=["node", "count", "total_ns"])


def congested(events):
    """When which device was congested: device, direction, begin_ns, end_ns."""
    rows = of_kind(events, "congested")
    parts = rows["detail"].str.replace(r":open$", "", regex=True).str.rsplit(":", n=1)
    return pd.DataFrame({"device": parts.str[0], "direction": parts.str[1],
                         "begin_ns": rows["begin_ns"], "end_ns": rows["end_ns"]}
                        ).reset_index(drop=True)


def free_against_marks(series, zones):
    """Each sample's free memory beside its zone's marks, in MiB.

    Columns time_ns, node, zone, free_mib, min_mib, low_mib, high_mib, reserve_mib. The reserve is
    the min mark plus the largest lowmem_reserve: what a request for the highest zone leaves here.
    """
    marks = zones[["node", "zone"]].copy()
    for mark in MARKS:
        marks[f"{mark}_mib"] = mib(zones[f"{mark}_pages"])
    reserve_pages = zones[[f"reserve_{name}_pages" for name in RESERVES]].max(axis=1)
    marks["reserve_mib"] = mib(zones["min_pages"] + reserve_pages)
    samples = series[["time_ns", "node", "zone"]].assign(free_mib=mib(series["free_pages"]))
    return samples.merge(marks, on=["node", "zone"], how="left", validate="many_to_one")


def lowest_zones(free, count):
    """The zones that came closest to their high mark, at most `count`, in the order of `free`.

    Columns node, zone.
    """
    one_page_mib = mib(1)
    low = free.assign(ratio=free["free_mib"] / np.maximum(free["high_mib"], one_page_mib))
    lowest = low.groupby(["node", "zone"], sort=False, as_index=False)["ratio"].min()
    chosen = lowest["ratio"].rank(method="first") <= count
    return lowest.loc[chosen, ["node", "zone"]].reset_index(drop=True)


def active_devices(devices, events):
    """The names of the devices that had a request or were congested, in the table's order."""
    busy = devices[(devices["read_requests"] > 0) | (devices["write_requests"] > 0)]
    names = set(busy["device"]) | set(congested(events)["device"])
    return [name for name in devices["device"].unique() if name in names]
