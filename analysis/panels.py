#!/usr/bin/python3
"""What panels share: an axis that magnifies its lower part, and text that covers nothing."""
import numpy as np
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from analysis.style import SOFT_INK, TINT

LINE_POINTS = 9.5  # height of a line of labels


def note(ax, text, at=(1, 1), align=("right", "top")):
    """Writes a line into the panel on a white ground; `at` is in parts of the panel."""
    offset = {"right": -3, "left": 3, "center": 0}[align[0]], -4 if align[1] == "top" else 0
    ax.annotate(text, at, xycoords="axes fraction", xytext=offset, textcoords="offset points",
                ha=align[0], va=align[1], fontsize=8, color=SOFT_INK, zorder=5,
                bbox={"fc": "white", "ec": "none", "alpha": 0.8, "pad": 1.5})


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
