#!/usr/bin/python3
"""Requests for pages as tables: how fast, how long, in blocks of which order, from which node."""
import numpy as np
import pandas as pd

from analysis.load import ORDERS
from analysis.metrics import MIB, PAGE_BYTES

MOST_BINS = 160


def bins(dates, most=MOST_BINS):
    """The sampling dates to tell apart when only so many can be: the first, the last, evenly."""
    dates = np.unique(np.asarray(dates, dtype="int64"))
    if len(dates) <= most + 1:
        return dates
    return dates[np.linspace(0, len(dates) - 1, most + 1).round().astype(int)]


def allocation_rate(requests, most=MOST_BINS):
    """Memory handed out by order over time: begin_ns, end_ns, order, mib_per_s.

    Orders that were never served are left out.
    """
    dates = bins(requests["time_ns"], most)
    at = requests.drop_duplicates("time_ns").set_index("time_ns").reindex(dates)
    seconds = np.diff(dates) / 1e9
    parts = []
    for order in ORDERS:
        served = at[f"order_{order}_served"].to_numpy() if len(dates) else np.array([])
        if len(served) < 2 or served[-1] == served[0]:
            continue
        mib_per_s = np.diff(served) * 2.0**order * PAGE_BYTES / MIB / seconds
        parts.append(pd.DataFrame({"begin_ns": dates[:-1], "end_ns": dates[1:], "order": order,
                                   "mib_per_s": mib_per_s}))
    columns = ["begin_ns", "end_ns", "order", "mib_per_s"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def slower_than(request_waits):
    """How much of each order's requests waited longer than a time: order, wait_ns, share, left.

    `left` is their number. The first row of an order is that of no wait at all.
    """
    parts = []
    for order, rows in request_waits.groupby("order"):
        rows = rows.sort_values("up_to_ns")
        total = rows["requests"].sum()
        left = total - rows["requests"].cumsum()
        waits, left = rows["up_to_ns"].to_numpy(), left.to_numpy()
        if waits[0] != 0:
            waits, left = np.append(0, waits), np.append(total, left)
        parts.append(pd.DataFrame({"order": order, "wait_ns": waits, "share": left / total,
                                   "left": left}))
    columns = ["order", "wait_ns", "share", "left"]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=columns)


def percentiles(request_waits, per_mille=(500, 990)):
    """Of each order: order, requests, max_ns and a column p50_ns, p99_ns, ... each."""
    rows = []
    for order, of in request_waits.groupby("order"):
        of = of.sort_values("up_to_ns")
        seen, total = of["requests"].cumsum().to_numpy(), int(of["requests"].sum())
        row = {"order": order, "requests": total, "max_ns": int(of["up_to_ns"].max())}
        for part in per_mille:
            rank = -(-total * part // 1000)
            row[f"p{part / 10:g}_ns"] = int(of["up_to_ns"].iloc[np.searchsorted(seen, rank)])
        rows.append(row)
    names = [f"p{part / 10:g}_ns" for part in per_mille]
    return pd.DataFrame(rows, columns=["order", "requests", *names, "max_ns"])


def locality(placement, nodes, distance=()):
    """Where the tasks of each node were served: cpu_node, memory_node, requests, share, distance.

    `share` is of the requests of the CPU's node: NaN where it made none.
    """
    every = pd.MultiIndex.from_product([nodes, nodes], names=["cpu_node", "memory_node"])
    served = placement.set_index(["cpu_node", "memory_node"])["requests"]
    table = served.reindex(every, fill_value=0).reset_index()
    of_node = table.groupby("cpu_node")["requests"].transform("sum")
    table["share"] = table["requests"] / of_node.where(of_node > 0)
    table["distance"] = [_distance(distance, row.cpu_node, row.memory_node)
                         for row in table.itertuples()]
    return table


def _distance(distance, one, other):
    """As in the SLIT; without one, what the kernel assumes."""
    if distance:
        return distance[one][other]
    return 10 if one == other else 20


def free_by_order(orders, node, zone, most=400):
    """A zone's free pages by order: a row for each date (time_ns), a column for each order."""
    rows = orders[(orders["node"] == node) & (orders["zone"] == zone)]
    rows = rows.drop_duplicates("time_ns").set_index("time_ns")
    rows = rows.loc[bins(rows.index, most)]
    return pd.DataFrame({order: rows[f"order_{order}_blocks"] * 2**order for order in ORDERS},
                        index=rows.index)


def largest_free_order(orders):
    """The order of the largest free block of each zone at each date: -1 where nothing is free."""
    blocks = orders[[f"order_{order}_blocks" for order in ORDERS]].to_numpy() > 0
    largest = np.where(blocks.any(axis=1), blocks.shape[1] - 1 - blocks[:, ::-1].argmax(axis=1), -1)
    return orders[["time_ns", "node", "zone"]].assign(largest_order=largest)
