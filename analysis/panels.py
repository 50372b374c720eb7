#!/usr/bin/python3
"""What panels share: the axis of time, bands, an axis that magnifies its lower part, labels."""
import textwrap
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from analysis import metrics
from analysis.style import SOFT_INK, TINT

LINE_POINTS = 9.5  # height of a line of labels
NARROWEST_PARTS = 1500  # of the width of a panel: anything shorter would not be seen


@dataclass(frozen=True)
class TimeAxis:
    """Simulated time in the unit that suits the length of the run."""
    end_ns: int

    @property
    def _unit(self):
        for name, ns in (("s", 10**9), ("ms", 10**6), ("µs", 10**3)):
            if self.end_ns >= 2 * ns:
                return name, ns
        return "ns", 1

    @property
    def label(self):
        """What stands under the axis."""
        return f"simulated time ({self._unit[0]})"

    @property
    def end(self):
        """The end of the run, on this axis; never 0."""
        return self(max(self.end_ns, 1))

    @property
    def narrowest_ns(self):
        """The shortest time that can be seen on the page."""
        return max(self.end_ns // NARROWEST_PARTS, 1)

    def __call__(self, ns):
        return ns / self._unit[1]


def bands(ax, intervals, time, **how):
    """Shades the time that any of the intervals covers, over the whole height.

    What is too short to be seen is drawn as wide as can be seen; so there are never more bands
    than the page has room for.
    """
    seen_until = np.maximum(intervals["end_ns"], intervals["begin_ns"] + time.narrowest_ns)
    spans = metrics.union(intervals.assign(end_ns=seen_until))
    begin, end = time(spans["begin_ns"]), time(spans["end_ns"])
    ax.broken_barh(list(zip(begin, end - begin)), (0, 1), transform=ax.get_xaxis_transform(),
                   **how)


def note(ax, text, at=(1, 1), align=("right", "top")):
    """Writes a line into the panel on a white ground; `at` is in parts of the panel."""
    offset = {"right": -3, "left": 3, "center": 0}[align[0]], -4 if align[1] == "top" else 0
    ax.annotate(text, at, xycoords="axes fraction", xytext=offset, textcoords="offset points",
                ha=align[0], va=align[1], fontsize=8, color=SOFT_INK, zorder=5,
                bbox={"fc": "white", "ec": "none", "alpha": 0.8, "pad": 1.5})


def headline(ax, title, remark=""):
    """A panel's title, and to its right the numbers; below it where there is no room beside."""
    inches = ax.get_position().width * ax.figure.get_figwidth()
    beside = len(title) * 0.085 + len(remark) * 0.066 < inches
    letters = int(inches / 0.06)
    lines = [remark] if beside else textwrap.wrap(remark, letters) or [""]
    ax.set_title(title, pad=3 if beside or not remark else 3 + 10.5 * len(lines))
    side, across = (1, "right") if beside else (0, "left")
    ax.annotate("\n".join(lines), (side, 1), xycoords="axes fraction", xytext=(0, 4), ha=across,
                textcoords="offset points", va="bottom", fontsize=8, color=SOFT_INK)


def compress_above(ax, knee, top, share):
    """Gives 0..knee the lower `share` of the height and the rest, tinted, to knee..top."""
    ax.set_yscale("function", functions=(
        lambda y: np.interp(y, [0, knee, top], [0, share, 1]),
        lambda part: np.interp(part, [0, share, 1], [0, knee, top])))
    ax.set_ylim(0, top)
    below = [tick for tick in MaxNLocator(4).tick_values(0, knee) if 0 <= tick <= 0.97 * knee]
    above = [tick for tick in MaxNLocator(2).tick_values(knee, top)
             if knee + 0.45 * (top - knee) <= tick <= top]
    ax.yaxis.set_major_locator(FixedLocator(below + above[-1:]))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: f"{y:g}"))
    ax.axhspan(knee, top, color=TINT, lw=0, zorder=-1)
    ax.axhline(knee, color=SOFT_INK, lw=0.5)


def edge_labels(ax, labels):
    """Writes (y, text, colour) at the right edge, moved apart where they would overlap."""
    box = ax.get_window_extent()
    points = 72 / ax.figure.dpi
    labels = sorted(label for label in labels if label[0] <= ax.get_ylim()[1])
    wanted = [(ax.transData.transform((0, y))[1] - box.y0) * points for y, _, _ in labels]
    for place, (_, text, colour) in zip(spread(wanted, LINE_POINTS), labels):
        ax.annotate(text, (1, 0), xycoords="axes fraction", xytext=(5, place),
                    textcoords="offset points", color=colour, va="center", fontsize=8,
                    annotation_clip=False)


def spread(places, gap):
    """Moves ascending places, none below 0, until neighbours are at least `gap` apart.

    Those too close form a group that is centred where its members wanted to be.
    """
    groups = []  # (sum of the places wanted, number of members)
    for place in places:
        groups.append((place, 1))
        while len(groups) > 1 and _first(groups[-1], gap) < _first(groups[-2], gap) + (
                gap * groups[-2][1]):
            (wanted, members), (more_wanted, more_members) = groups[-2:]
            groups[-2:] = [(wanted + more_wanted, members + more_members)]
    return [_first(group, gap) + gap * i for group in groups for i in range(group[1])]


def _first(group, gap):
    """Where the lowest member of a group goes."""
    wanted, members = group
    return max(wanted / members - gap * (members - 1) / 2, 0)
