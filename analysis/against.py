#!/usr/bin/python3
"""Two runs, or two sweeps, set against each other: the tables and the figures."""
from dataclasses import replace

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from analysis import metrics, metrics_requests
from analysis.load import RunError
from analysis.load_sweeps import numbers_of
from analysis.metrics_sweep import repeats, varied
from analysis.panels import TimeAxis, headline, note
from analysis.plots_requests import draw_latency_line, label_latency
from analysis.plots_sweep import RATIO, value_text
from analysis.sheet import WIDE, Sheet, is_narrow, stack_inches
from analysis.style import INK, PAIR, SOFT_INK, drawn, short
from analysis.sweep_figures import sweep_figure

MOST_ZONES = 6
MOST_DIFFERENCES = 18
LOOKS = ({"color": PAIR[0], "ls": "-", "lw": 1.5}, {"color": PAIR[1], "ls": (0, (4, 1.5)),
                                                   "lw": 1.3})


def names_of(one, other):
    """What to call two runs: their directories, with more of the path where they are alike."""
    paths = one.path.resolve(), other.path.resolve()
    for parts in range(1, 4):
        names = ["/".join(path.parts[-parts:]) for path in paths]
        if names[0] != names[1]:
            break
    return names


def differences(one, other):
    """Every number of the summaries that differs: name, one, other, ratio (other / one).

    The largest ratio either way first; where one of them is 0 the ratio is inf or 0.
    """
    numbers = [dict(numbers_of(run.summary)) for run in (one, other)]
    rows = [(name, value, numbers[1][name]) for name, value in numbers[0].items()
            if name in numbers[1] and numbers[1][name] != value]
    table = pd.DataFrame(rows, columns=["name", "one", "other"])
    a, b = table["one"].astype(float), table["other"].astype(float)
    table["ratio"] = b / a.where(a != 0)
    table.loc[a == 0, "ratio"] = np.inf
    ratio = table["ratio"].clip(1e-9, 1e9).where(table["ratio"] > 0, 1e-9)
    order = np.log2(ratio).abs().sort_values(ascending=False, kind="stable").index
    return table.loc[order].reset_index(drop=True)


def settings_that_differ(one, other):
    """The settings in which two runs differ: setting, one, other (as text)."""
    flat = [dict(_flat(run.config)) for run in (one, other)]
    names = list(dict.fromkeys([*flat[0], *flat[1]]))
    rows = [(name, str(flat[0].get(name, "-")), str(flat[1].get(name, "-"))) for name in names
            if flat[0].get(name) != flat[1].get(name)]
    return pd.DataFrame(rows, columns=["setting", "one", "other"])


def _flat(value, above=""):
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list) and any(isinstance(part, (dict, list)) for part in value):
        pairs = enumerate(value)
    else:
        yield above, value
        return
    for key, part in pairs:
        yield from _flat(part, f"{above}.{key}" if above else str(key))


def _handles(names):
    return [Line2D([], [], label=f"{letter}: {name}", **look)
            for letter, name, look in zip("AB", names, LOOKS)]


def _sheet(one, other, title, inner, width):
    seeds = f"seeds {one.summary['seed']} and {other.summary['seed']}"
    scenarios = list(dict.fromkeys(run.summary["scenario"] for run in (one, other)))
    return Sheet(title, f"scenario: {' and '.join(scenarios)}   {seeds}", inner, width,
                 _handles(names_of(one, other)))


@drawn
def free_memory(one, other, width=WIDE):
    """Free memory of each zone that both have, at most six."""
    free = [metrics.free_against_marks(run.series, run.zones) for run in (one, other)]
    common = free[0].merge(other.zones[["node", "zone"]], on=["node", "zone"])
    zones = list(metrics.lowest_zones(common, MOST_ZONES).itertuples(index=False))
    heights, gap = [1.3] * max(len(zones), 1), 0.42
    time = TimeAxis(max(one.end_ns, other.end_ns))
    sheet = _sheet(one, other, "Free memory, A against B",
                   stack_inches(heights, gap, top=0.35), width)
    panels = sheet.stack(heights, gap, top=0.35, left=0.7, right=0.35)
    for ax, (node, zone) in zip(panels, zones):
        for table, look in zip(free, LOOKS):
            of = table[(table["node"] == node) & (table["zone"] == zone)]
            ax.plot(time(of["time_ns"]), of["free_mib"], **look)
        ax.set_ylim(bottom=0)
        ax.set_ylabel("free (MiB)")
        headline(ax, f"node {node} / {zone}")
    if not zones:
        note(panels[0], "no zone is in both", at=(0.5, 0.5), align=("center", "center"))
    panels[-1].set_xlim(0, time.end)
    panels[-1].set_xlabel(time.label)
    return sheet.figure


@drawn
def latency(one, other, width=WIDE):
    """Waits of requests of all orders."""
    sheet = _sheet(one, other, "Allocation latency, A against B",
                   stack_inches([2.9], 0, bottom=0.8), width)
    ax, = sheet.stack([2.9], 0, left=0.85, right=0.5)
    together = [run.request_waits.assign(order=0).groupby(["order", "up_to_ns"], as_index=False)
                .sum() for run in (one, other)]
    tables = [metrics_requests.slower_than(table) for table in together]
    for table, look in zip(tables, LOOKS):
        draw_latency_line(ax, table, **look)
    label_latency(ax, pd.concat(tables))
    return sheet.figure


@drawn
def numbers(one, other, width=WIDE):
    """The numbers of the summaries that differ most, as B / A."""
    table = differences(one, other)[:MOST_DIFFERENCES]
    heights = [0.24 * max(len(table), 3)]
    sheet = _sheet(one, other, "What differs most: B / A", stack_inches(heights, 0), width)
    left = 2.9 if not is_narrow(width) else 1.75
    ax, = sheet.stack(heights, 0, left=left, right=1.6 if not is_narrow(width) else 1.15)
    draw_differences(ax, table, 26 if is_narrow(width) else 48)
    return sheet.figure


def draw_differences(ax, table, letters=48):
    """A bar for each number, to the right where B is larger; the values stand at the edge."""
    places = np.arange(len(table))[::-1]
    power = np.log2(table["ratio"].clip(2.0**-10, 2.0**10)).to_numpy()
    ax.barh(places, power, height=0.6, color=[PAIR[int(up)] for up in power > 0],
            hatch=None, alpha=0.85)
    for bar, up in zip(ax.patches, power > 0):
        bar.set_hatch("////" if up else "")
        bar.set_edgecolor("white")
    ax.axvline(0, color=INK, lw=0.8)
    reach = max(1, int(np.ceil(np.abs(power).max()))) if len(table) else 1
    wide = ax.get_position().width * ax.figure.get_figwidth() > 3
    step = max(1, reach // 3 if wide else reach // 2)
    ticks = range(-(reach // step) * step, reach + 1, step)
    ax.set_xlim(-reach - 0.2, reach + 0.2)
    ax.set_xticks(list(ticks), [f"{2**tick}x" if tick >= 0 else f"1/{2**-tick}" for tick in ticks])
    names = [name if len(name) <= letters else "…" + name[1 - letters:] for name in table["name"]]
    ax.set_yticks(places, names, fontsize=7.5)
    ax.set_ylim(-0.6, max(len(table), 1) - 0.4)
    for place, row in zip(places, table.itertuples(index=False)):
        text = f"{_value(row.name, row.one)} → {_value(row.name, row.other)}"
        ax.annotate(text, (1, place), xycoords=("axes fraction", "data"), xytext=(5, 0),
                    textcoords="offset points", va="center", fontsize=7.5, color=SOFT_INK)
    if table.empty:
        note(ax, "nothing differs", at=(0.5, 0.5), align=("center", "center"))


def _value(name, value):
    return value_text(name, value) if name.endswith("_ns") else short(value)


def ratio_of_sweeps(one, other, metric):
    """A sweep of B / A for the points that both have; raises RunError if there are none.

    Where both are 0 nothing changed: 1. Where A alone is 0 there is no ratio: told as missing.
    """
    if set(one.axes) != set(other.axes):
        raise RunError(f"{other.path}: its axes are not those of {one.path}")
    keys = [*one.axes, "repeat"]
    both = one.results.merge(other.results[[*keys, metric]], on=keys, suffixes=("", " of B"))
    if both.empty:
        raise RunError(f"{other.path}: it has no point in common with {one.path}")
    there, here = both[f"{metric} of B"], both[metric]
    ratio = (there / here.where(here != 0)).mask((there == 0) & (here == 0), 1)
    both["status"] = both["status"].where(ratio.notna(), "missing")
    return replace(one, results=both.assign(**{f"{metric}, {RATIO}": ratio}),
                   name=" against ".join(names_of(one, other)))


def sweeps(one, other, metric, width=WIDE):
    """One metric of two sweeps: both along their axis, or B / A at each point of a grid."""
    if len(varied(one)) != 1:
        ratio = ratio_of_sweeps(one, other, metric)
        return sweep_figure(ratio, f"{metric}, {RATIO}", width, limit=1)
    return _both(one, other, metric, width)


@drawn
def _both(one, other, metric, width):
    from analysis.plots_sweep import draw_repeats_pair
    axis = varied(one)[0]
    if axis not in other.axes:
        raise RunError(f"{other.path}: its axes are not those of {one.path}")
    sheet = Sheet(f"Sweeps: {metric}", " against ".join(names_of(one, other)),
                  stack_inches([2.9], 0, top=0.4), width, _handles(names_of(one, other)))
    ax, = sheet.stack([2.9], 0, top=0.4, left=0.85, right=0.35)
    tables = [repeats(sweep, metric, axis) for sweep in (one, other)]
    draw_repeats_pair(ax, tables, metric, axis, LOOKS)
    return sheet.figure
