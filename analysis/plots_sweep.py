#!/usr/bin/python3
"""Drawing a sweep: cells of a grid, repeats with their confidence, a sampled design's points."""
import numpy as np
from matplotlib.colors import LogNorm, Normalize
from matplotlib.patches import Rectangle
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from analysis.metrics_sweep import unit_of
from analysis.panels import note
from analysis.style import COLOURS, INK, SOFT_INK, TINT, colour_map, duration, short

MAP = "magma_r"
LOGARITHMIC_FROM = 20.0  # largest over smallest
MOST_NUMBERED = 14  # cells across: with more there is no room for numbers
TARGET = "#009E73"
RATIO = "B / A"  # what a metric's name ends in where two sweeps are set against each other


def value_text(metric, value):
    """A metric's value for people, in a few characters."""
    if unit_of(metric) == "ns":
        return duration(value)
    return "<0.01" if metric.endswith(RATIO) and 0 < value < 0.01 else short(value)


def level_text(axis, level):
    """An axis's value for a tick: memory in binary steps, the rest short."""
    if not isinstance(level, (int, float)) or isinstance(level, bool):
        return str(level) if level is not None else "null"
    unit = unit_of(axis)
    if unit in ("KiB", "bytes") and level:
        size = level * (1024 if unit == "KiB" else 1)
        for name, step in (("G", 1 << 30), ("M", 1 << 20), ("K", 1 << 10)):
            if size >= step:
                return f"{size / step:.4g}{name}"
    if unit == "ns":
        return duration(level)
    return f"{level:g}" if abs(level) < 1e5 else short(level)


def axis_label(axis):
    """A setting's name; it ends in its unit."""
    name = axis.rsplit(".", 1)[-1]
    return f"{name}, shown in bytes" if unit_of(axis) == "KiB" else name


def scale_of(values):
    """One colour scale for all panels: logarithmic when the values span more than a decade."""
    there = np.asarray(values, dtype=float)
    there = there[~np.isnan(there)]
    low, high = (there.min(), there.max()) if len(there) else (0, 1)
    if low > 0 and high / low >= LOGARITHMIC_FROM:
        return LogNorm(low, high)
    return Normalize(low, high if high > low else low + 1)


def draw_cells(ax, table, x, y, scale, metric, limit=None, base=None):
    """The medians of a grid as coloured, numbered cells.

    `table` is of metrics_sweep.cells(), x and y are (axis, levels). What is missing is hatched,
    what the design leaves out is blank; a line runs where the metric passes `limit`, a box stands
    around the cell of `base`, a pair of levels.
    """
    (x_axis, x_levels), (y_axis, y_levels) = x, y
    grid = _grid(ax, table, x, y)
    mesh = ax.pcolormesh(np.arange(len(x_levels) + 1) - 0.5, np.arange(len(y_levels) + 1) - 0.5,
                         np.ma.masked_invalid(grid), norm=scale, cmap=MAP, edgecolors="white",
                         lw=0.8)
    if max(grid.shape) <= MOST_NUMBERED:
        _number(ax, grid, scale, metric)
    _draw_limit(ax, grid, limit)
    if base and base[0] in x_levels and base[1] in y_levels:
        _box(ax, x_levels.index(base[0]), y_levels.index(base[1]), fill=False, lw=2, zorder=4,
             ec=COLOURS["free"])
    ax.set_xticks(range(len(x_levels)), [level_text(x_axis, level) for level in x_levels])
    ax.set_yticks(range(len(y_levels)), [level_text(y_axis, level) for level in y_levels])
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return mesh


def _grid(ax, table, x, y):
    """The medians as an array; the cells whose runs are missing are hatched."""
    (x_axis, x_levels), (y_axis, y_levels) = x, y
    grid = np.full((len(y_levels), len(x_levels)), np.nan)
    for row in table.to_dict("records"):
        i, j = y_levels.index(row[y_axis]), x_levels.index(row[x_axis])
        grid[i, j] = row["median"]
        if np.isnan(row["median"]):
            _box(ax, j, i, fc=TINT, ec="#9aa4af", hatch="xxx", lw=0)
    ax.grid(False)
    return grid


def _box(ax, x, y, **how):
    ax.add_patch(Rectangle((x - 0.5, y - 0.5), 1, 1, **how))


def _number(ax, grid, scale, metric):
    inches = ax.get_position().width * ax.figure.get_figwidth() / grid.shape[1]
    for (i, j), value in np.ndenumerate(grid):
        if not np.isnan(value):
            dark = sum(colour_map(MAP)(scale(value))[:3]) < 1.5
            text = value_text(metric, value).replace(" ", "" if inches < 0.55 else " ")
            ax.text(j, i, text, ha="center", va="center", color="white" if dark else INK,
                    fontsize=6.8 if inches >= 0.42 else 5.5)


def _draw_limit(ax, grid, limit):
    """The edges between cells that keep the limit and cells that pass it."""
    if limit is None:
        return
    for (i, j), value in np.ndenumerate(grid):
        for neighbour, edge in (((i, j + 1), ((j + 0.5, j + 0.5), (i - 0.5, i + 0.5))),
                                ((i + 1, j), ((j - 0.5, j + 0.5), (i + 0.5, i + 0.5)))):
            if neighbour[0] < grid.shape[0] and neighbour[1] < grid.shape[1]:
                other = grid[neighbour]
                if not np.isnan(value + other) and (value <= limit) != (other <= limit):
                    ax.plot(*edge, color="white", lw=4, solid_capstyle="round", zorder=3)
                    ax.plot(*edge, color=TARGET, lw=2.4, solid_capstyle="round", zorder=3.5)


def draw_repeats(ax, table, values, metric, axis, limit=None):
    """Each level's repeats as points, their median as a line, its confidence as a band."""
    places = np.arange(len(table))
    ax.fill_between(places, table["low"], table["high"], color=COLOURS["kswapd"], alpha=0.3, lw=0)
    ax.plot(places, table["median"], color=COLOURS["free"], lw=1.6, marker="o", ms=4,
            mfc="white", zorder=3)
    for place, level in zip(places, table["level"]):
        seen = np.sort(values.loc[values[axis] == level, metric].dropna().to_numpy())
        aside = (np.arange(len(seen)) * 7 % 11 - 5) / 5 * 0.16 * (len(seen) > 1)
        ax.plot(place + aside, seen, ls="", marker=".", ms=3.5, color=INK, alpha=0.55, zorder=2)
    for place in places[table["missing"].to_numpy() > 0]:
        ax.axvspan(place - 0.4, place + 0.4, fc="none", ec="#9aa4af", hatch="xx", lw=0, zorder=0)
    _value_axis(ax, metric, table["high"].max(), limit)
    ax.set_xticks(places, [level_text(axis, level) for level in table["level"]])
    if len(places) > 9:
        every = -(-len(places) // 9)
        ax.set_xticks(places[::every], [level_text(axis, level)
                                        for level in table["level"][::every]])
    ax.set_xlim(-0.5, len(places) - 0.5)
    ax.set_xlabel(axis_label(axis))


def draw_repeats_pair(ax, tables, metric, axis, looks):
    """The medians of two sweeps along one axis, each with its band."""
    names = list(dict.fromkeys(level for table in tables for level in table["level"]))
    if all(isinstance(name, (int, float)) for name in names):
        names.sort()
    for table, look in zip(tables, looks):
        places = table["level"].map(names.index)
        ax.fill_between(places, table["low"], table["high"], color=look["color"], alpha=0.18, lw=0)
        ax.plot(places, table["median"], marker="o", ms=4, mfc="white", **look)
    _value_axis(ax, metric, np.nanmax([table["high"].max() for table in tables]), None)
    ax.set_xticks(range(len(names)), [level_text(axis, name) for name in names])
    ax.set_xlabel(axis_label(axis))


def draw_points(ax, results, metric, axis, limit=None):
    """A sampled design: the metric of each run against one of its settings."""
    ok = results[results[metric].notna()]
    numbers = all(isinstance(level, (int, float)) for level in ok[axis])
    x = ok[axis] if numbers else ok[axis].astype(str)
    ax.plot(x, ok[metric], ls="", marker="o", ms=4.5, mfc=COLOURS["kswapd"], mec=COLOURS["free"],
            mew=0.8, alpha=0.9)
    if numbers and len(ok) and ok[axis].min() > 0 and ok[axis].max() > 8 * ok[axis].min():
        binary = unit_of(axis) in ("KiB", "bytes")
        ax.set_xscale("log", base=2 if binary else 10)
        ax.xaxis.set_major_locator(LogLocator(2) if binary else LogLocator(10, (1, 2, 5)))
        ax.xaxis.set_minor_formatter(NullFormatter())
    if numbers:
        ax.xaxis.set_major_formatter(FuncFormatter(lambda level, _: level_text(axis, level)))
    _value_axis(ax, metric, ok[metric].max() if len(ok) else np.nan, limit)
    ax.set_xlabel(axis_label(axis))


def _value_axis(ax, metric, highest, limit):
    ax.yaxis.set_major_formatter(FuncFormatter(lambda value, _: value_text(metric, value)))
    if np.isnan(highest):
        note(ax, "no run is there", at=(0.5, 0.5), align=("center", "center"))
        highest = 1
    if limit is not None:
        ax.axhline(limit, color=TARGET, lw=1.4, ls=(0, (6, 2)))
        ax.annotate(f"limit {value_text(metric, limit)}", (1, limit), va="center", fontsize=8,
                    xycoords=("axes fraction", "data"), xytext=(5, 0), color=TARGET,
                    textcoords="offset points", annotation_clip=False)
    ax.set_ylim(-0.03 * max(highest, limit or 0, 1e-9), 1.08 * max(highest, limit or 0, 1e-9))


def grey_note(ax, text):
    """A remark above the right end of a panel."""
    ax.annotate(text, (1, 1), xycoords="axes fraction", xytext=(0, 4), ha="right", va="bottom",
                textcoords="offset points", fontsize=8, color=SOFT_INK)
