#!/usr/bin/python3
"""Recorded and simulated free pages over time: the table and its figure."""
import pandas as pd
from matplotlib.figure import Figure

from analysis.command import BadInput
from analysis.style import COLOURS, look

COLUMNS = ("source", "zone", "time_ns", "free_pages")
MOST_ZONES = 8
WIDTH_INCHES, PANEL_INCHES, EDGES_INCHES = 7.2, 1.25, 0.75
DOTS_PER_INCH = 72
LOOKS = {"recorded": {"color": "#9aa4af", "lw": 2.4},
         "simulated": {"color": COLOURS["free"], "lw": 1.0}}


class TableError(BadInput):
    """A file that is no table of free pages; says why."""


def load_free_pages(path):
    """The table as a DataFrame; raises TableError."""
    try:
        table = pd.read_csv(path)
    except (OSError, ValueError) as error:
        raise TableError(f"{path}: cannot be read: {error}") from error
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise TableError(f"{path}: no column {missing[0]}")
    return table


def draw_zone(ax, rows):
    """Both sources of one zone as steps: a sample holds until the next."""
    for source, how in LOOKS.items():
        of = rows[rows["source"] == source]
        ax.step(of["time_ns"] / 1e9, of["free_pages"], where="post", label=source, **how)
    ax.set_ylim(bottom=0)
    ax.set_ylabel("free pages")


def free_pages_figure(table):
    """One panel a zone, at most eight."""
    zones = list(dict.fromkeys(table["zone"]))[:MOST_ZONES]
    with look():
        height = EDGES_INCHES + PANEL_INCHES * max(len(zones), 1)
        figure = Figure(figsize=(WIDTH_INCHES, height), dpi=DOTS_PER_INCH, layout="constrained")
        axes = figure.subplots(max(len(zones), 1), 1, sharex=True, squeeze=False)[:, 0]
        for ax, zone in zip(axes, zones):
            draw_zone(ax, table[table["zone"] == zone])
            ax.set_title(zone)
        axes[0].legend(loc="upper right", ncols=2)
        axes[-1].set_xlabel("time since the recording began (s)")
    return figure
