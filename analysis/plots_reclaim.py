#!/usr/bin/python3
"""Drawing reclaim, the devices' queues and the pressure in cpusets."""
import numpy as np
from matplotlib.ticker import FuncFormatter

from analysis.panels import edge_labels, headline, note
from analysis.style import COLOURS, SOFT_INK, short

BY = {"kswapd": ("kswapd", "#0b6fb0", "-"), "direct": ("direct reclaim", "#a86f00", (0, (3, 1)))}
FILLED = {"kswapd": {"facecolor": COLOURS["kswapd"], "alpha": 0.45, "lw": 0},
          "direct": {"facecolor": COLOURS["direct"], "alpha": 0.55, "lw": 0, "hatch": "////",
                     "edgecolor": "#8a5f00"}}
LINES = ("-", (0, (6, 2)), (0, (4, 1.5, 1, 1.5)), (0, (1.5, 1.5)))
SHADES = ("#0072B2", "#D55E00", "#009E73", "#5B3E96", "#6e7781")


def _steps(of, name, time):
    edges = time(np.append(of["begin_ns"], of["end_ns"].iloc[-1]).astype(float))
    return edges, np.append(of[name], of[name].iloc[-1])


def draw_reclaim_rate(ax, rates, time):
    """Pages scanned (line) and reclaimed (filled) each second, by who did it."""
    highest = 0
    for by, of in rates.groupby("by", sort=False):
        _, colour, dashes = BY[by]
        if not of["scanned_per_s"].any():
            continue
        x, scanned = _steps(of, "scanned_per_s", time)
        _, reclaimed = _steps(of, "reclaimed_per_s", time)
        ax.plot(x, scanned, color=colour, lw=1.1, ls=dashes, drawstyle="steps-post")
        ax.fill_between(x, 0, reclaimed, step="post", **FILLED[by])
        highest = max(highest, scanned.max())
    ax.set_ylim(0, 1.08 * highest if highest else 1)
    ax.set_ylabel("pages a second")
    ax.yaxis.set_major_formatter(FuncFormatter(short))
    if not highest:
        note(ax, "nothing was reclaimed", at=(0.5, 0.5), align=("center", "center"))


def draw_reclaim_efficiency(ax, rates, overall, time):
    """Pages reclaimed for each page scanned, along the run; labelled with the whole run's."""
    labels = []
    for row in overall.itertuples(index=False):
        name, colour, dashes = BY[row.by]
        of = rates[rates["by"] == row.by]
        if not row.scanned_pages:
            continue
        x, efficiency = _steps(of, "efficiency", time)
        ax.plot(x, 100 * efficiency, color=colour, lw=1.4, ls=dashes, drawstyle="steps-post",
                marker="." if len(x) < 40 else "", ms=3)
        labels.append((100 * row.efficiency, f"{name} {row.efficiency:.0%}", colour))
    ax.set_ylim(0, 108)
    ax.set_ylabel("reclaimed / scanned (%)")
    edge_labels(ax, labels)


def draw_depth_share(ax, deep, numbers):
    """How much of the run a queue was at least so deep."""
    for direction, dashes in (("write", "-"), ("read", (0, (3, 1)))):
        of = deep[deep["direction"] == direction]
        if len(of):
            ax.plot(np.append(100, 100 * of["share"]), np.append(0, of["requests"]),
                    color=COLOURS[direction], lw=1.3, ls=dashes, drawstyle="steps-pre")
    ax.axhline(numbers["congestion_on_requests"], color=COLOURS["congested"], lw=1, ls=(0, (6, 2)))
    ax.set_xlim(0, 100)
    ax.set_xlabel("share of the run (%)")
    ax.tick_params(labelleft=False)
    headline(ax, "", "at least so deep for")


def draw_cpuset_pressure(ax, table, time):
    """memory_pressure of each cpuset, a line each; at most five, those under most pressure."""
    labels = []
    pressure = table.groupby("cpuset")["memory_pressure_per_1000s"]
    ranked = pressure.max().sort_values(ascending=False, kind="stable")
    for place, cpuset in enumerate(ranked.index[:len(SHADES)]):
        of = table[table["cpuset"] == cpuset]
        colour = SHADES[place % len(SHADES)]
        ax.plot(time(of["time_ns"]), of["memory_pressure_per_1000s"], color=colour, lw=1.4,
                ls=LINES[place % len(LINES)], drawstyle="steps-post")
        labels.append((of["memory_pressure_per_1000s"].iloc[-1],
                       cpuset if len(cpuset) < 17 else "…" + cpuset[-15:], colour))
    highest = table["memory_pressure_per_1000s"].max() if len(table) else 0
    ax.set_ylim(0, 1.1 * max(highest, 1))
    ax.set_ylabel("direct reclaims in 1000 s")
    ax.yaxis.set_major_formatter(FuncFormatter(short))
    if not highest:
        text = "no direct reclaim in any cpuset" if len(table) else "no cpuset was measured"
        note(ax, text, at=(0.5, 0.5), align=("center", "center"))
    edge_labels(ax, labels)


def rate_note(overall):
    """The totals in words."""
    parts = [f"{BY[row.by][0]} {row.reclaimed_pages:,} of {row.scanned_pages:,} pages"
             for row in overall.itertuples(index=False) if row.scanned_pages]
    return "reclaimed of scanned: " + "   ".join(parts) if parts else ""


def quiet_note(ax, text):
    """A line in the middle of an empty panel."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=SOFT_INK)
