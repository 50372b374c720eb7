#!/usr/bin/python3
"""The figures of a sweep, one for each metric: small multiples, repeats, points."""
from dataclasses import dataclass
from itertools import product

import pandas as pd

from analysis import metrics_sweep
from analysis.plots_sweep import (axis_label, draw_cells, draw_points, draw_repeats, grey_note,
                                  level_text, scale_of, value_text)
from analysis.sheet import WIDE, Sheet, is_narrow, stack_inches
from analysis.style import drawn

MOST_PANELS = 12
MOST_COLUMNS = 3


def subtitle(sweep):
    """What was run, in one line."""
    shape = " x ".join(str(len(metrics_sweep.levels(sweep, axis))) for axis in sweep.axes)
    points = sweep.results["point"].nunique()
    text = f"sweep: {sweep.name}   {len(sweep.results)} runs"
    text += f" = {shape}" if metrics_sweep.is_grid(sweep) and shape else f" at {points} points"
    if sweep.repeats > 1:
        text += f", {sweep.repeats} seeds each ({sweep.seeds})"
    elif len(sweep.results):
        text += f", seed {sweep.results['seed'].iloc[0]}"
    return text + (f", {sweep.missing} missing (hatched)" if sweep.missing else ", none missing")


def sweep_figure(sweep, metric, width=WIDE, limit=None, base=None):
    """The figure that suits the design: cells of a grid, repeats along an axis, or points."""
    axes = metrics_sweep.varied(sweep)
    if not metrics_sweep.is_grid(sweep):
        return points_figure(sweep, metric, width, limit)
    if len(axes) >= 2:
        return multiples_figure(sweep, metric, width, limit, base)
    return repeats_figure(sweep, metric, (axes or sweep.axes or ["point"])[0], width, limit)


def _panels(sweep, others):
    """What each panel of small multiples fixes: [{axis: level}, ...], and whether some are left
    out."""
    every = [dict(zip(others, combination)) for combination in
             product(*(metrics_sweep.levels(sweep, axis) for axis in others))]
    return every[:MOST_PANELS], len(every) > MOST_PANELS


@dataclass(frozen=True)
class _Grid:
    """Where the panels of small multiples go, in inches; x, y are (axis, levels).

    `others` are what the panels number: the last one's levels stand beside each other if they fit,
    so that a row and a column each have a level in common.
    """
    x: tuple
    y: tuple
    others: tuple
    panels: int
    width: float
    left: float = 0.85
    right: float = 1.05
    beside: float = 0.18

    @property
    def columns(self):
        if is_narrow(self.width):
            return 1
        last = len(self.others[-1][1]) if len(self.others) > 1 else self.panels
        return min(self.panels, last if last <= MOST_COLUMNS else MOST_COLUMNS)

    @property
    def rows(self):
        return -(-self.panels // self.columns)

    @property
    def top(self):
        """Above the first row of panels: room for their titles, a line an axis."""
        return 0.35 + 0.15 * max(len(self.others), 1)

    @property
    def below(self):
        """Between two rows of panels."""
        return 0.25 + 0.15 * max(len(self.others), 1)

    @property
    def height(self):
        """Of a panel."""
        return min(0.3 * len(self.y[1]) + 0.5, 3.2)

    def axes(self, sheet, place):
        """The axes of one panel."""
        row, column = divmod(place, self.columns)
        inches = (self.width - self.left - self.right
                  - self.beside * (self.columns - 1)) / self.columns
        return sheet.axes(self.left + column * (inches + self.beside),
                          self.top + row * (self.height + self.below), inches, self.height)


@drawn
def multiples_figure(sweep, metric, width=WIDE, limit=None, base=None):
    """Small multiples: the two axes with most levels span the panels, the others number them.

    `base` maps axes to the values of the base scenario, whose cell is boxed.
    """
    x_axis, y_axis, *others = metrics_sweep.varied(sweep)
    table = metrics_sweep.cells(sweep, metric, [x_axis, y_axis, *others])
    panels, cut = _panels(sweep, others)
    x, y, *numbered = ((axis, metrics_sweep.levels(sweep, axis))
                       for axis in (x_axis, y_axis, *others))
    grid = _Grid(x, y, tuple(numbered), len(panels), width)
    heights = [grid.height] * grid.rows
    sheet = Sheet(f"Sweep: {metric}", subtitle(sweep) + f"   first {MOST_PANELS} panels" * cut,
                  stack_inches(heights, grid.below, top=grid.top, bottom=0.6), width)
    scale = scale_of(table["median"])
    for place, fixed in enumerate(panels):
        ax = grid.axes(sheet, place)
        of = table[(table[list(fixed)] == pd.Series(fixed, dtype=object)).all(axis=1)]
        mesh = draw_cells(ax, of, grid.x, grid.y, scale, metric, limit,
                          _base_of(base, fixed, grid.x, grid.y))
        _label_panel(ax, fixed, grid, place)
    _colour_bar(sheet, mesh, metric, (width - grid.right + 0.15, grid.top, 0.13,
                                      sum(heights) + grid.below * (grid.rows - 1)))
    _explain(sheet, metric, limit, base)
    return sheet.figure


def _base_of(base, fixed, x, y):
    if base and all(base.get(axis) == level for axis, level in fixed.items()):
        return base.get(x[0]), base.get(y[0])
    return None


def _label_panel(ax, fixed, grid, place):
    ax.set_title("\n".join(f"{axis.rsplit('.', 1)[-1]} {level_text(axis, level)}"
                           for axis, level in fixed.items()), fontsize=8)
    if place % grid.columns:
        ax.tick_params(labelleft=False)
    else:
        ax.set_ylabel(_within(axis_label(grid.y[0]), grid.height), fontsize=8)
    if grid.panels - place <= grid.columns:
        ax.set_xlabel(axis_label(grid.x[0]), fontsize=8)
    else:
        ax.tick_params(labelbottom=False)


def _within(name, inches):
    """A setting's name in two lines where one is longer than a panel is high."""
    breaks = [place + 1 for place, letter in enumerate(name) if letter in "_ "]
    if len(name) * 0.064 <= inches or not breaks:
        return name
    middle = min(breaks, key=lambda place: abs(place - len(name) / 2))
    return f"{name[:middle]}\n{name[middle:]}"


def _colour_bar(sheet, mesh, metric, place):
    bar = sheet.figure.colorbar(mesh, cax=sheet.axes(*place),
                                format=lambda value, _: value_text(metric, value))
    bar.outline.set_visible(False)
    bar.ax.tick_params(labelsize=8)


def _explain(sheet, metric, limit, base):
    parts = ["cell: median"]
    if limit is not None:
        parts.append(f"green line: where it passes {value_text(metric, limit)}")
    if base:
        parts.append("blue box: base")
    sheet.figure.text(1 - 0.2 / sheet.width, 1 - (sheet.head + 0.02) / sheet.height,
                      "   ".join(parts), fontsize=8, ha="right", va="top", color="#57606a")


@drawn
def repeats_figure(sweep, metric, axis, width=WIDE, limit=None):
    """The repeats along one axis, with the confidence of their median."""
    table = metrics_sweep.repeats(sweep, metric, axis)
    sheet = Sheet(f"Sweep: {metric}", subtitle(sweep), stack_inches([2.9], 0, top=0.4), width)
    ax, = sheet.stack([2.9], 0, top=0.4, left=0.85, right=1.0 if limit is not None else 0.35)
    draw_repeats(ax, table, sweep.results, metric, axis, limit)
    if sweep.repeats > 1:
        sure = bool(table["sure"].all())
        grey_note(ax, "band: 95 % confidence of the median" if sure else
                  "band: smallest to largest (too few seeds for 95 %)")
    return sheet.figure


@drawn
def points_figure(sweep, metric, width=WIDE, limit=None):
    """A sampled design: a panel for each axis."""
    axes = metrics_sweep.varied(sweep) or sweep.axes
    columns = 1 if is_narrow(width) else min(len(axes), 3)
    rows = -(-len(axes) // columns)
    sheet = Sheet(f"Sweep: {metric}", subtitle(sweep),
                  stack_inches([2.4] * rows, 0.75, top=0.3, bottom=0.65), width)
    left, between = 0.85, 0.2
    panel = (width - left - (1.0 if limit is not None else 0.35)
             - between * (columns - 1)) / columns
    first = None
    for place, axis in enumerate(axes):
        row, column = divmod(place, columns)
        ax = sheet.axes(left + column * (panel + between), 0.3 + row * 3.15, panel, 2.4,
                        **({"sharey": first} if first else {}))
        first = first or ax
        draw_points(ax, sweep.results, metric, axis,
                    limit)
        ax.tick_params(labelleft=column == 0)
    return sheet.figure
