#!/usr/bin/python3
"""Drawing where the time of tasks went: by part, along the run, by wait queue, by lock."""
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import FuncFormatter, MaxNLocator

from analysis import metrics
from analysis.metrics_tasks import PARTS
from analysis.panels import note
from analysis.style import COLOURS, INK, SOFT_INK, duration
from analysis.style import PARTS as LOOKS

HATCHED = {"facecolor": COLOURS["direct"], "hatch": "////", "edgecolor": "#8a5f00", "lw": 0}
LEAST_NAMED = 0.055  # of a bar: narrower pieces carry no number
DARK = ("page_io", "lock")
# What a task's line can show: kind of event, how it is drawn.
INTERVALS = {"kswapd": {"facecolor": "#8fcdf0"},
             "direct_reclaim": {**HATCHED, "alpha": 0.75},
             "congestion_wait": {"facecolor": COLOURS["congested"], "hatch": "......",
                                 "edgecolor": "#6d2b53"},
             "dirty_throttle": {"facecolor": "#b9a3d6", "hatch": "----", "edgecolor": "#4a3371"},
             "swap_in": {"facecolor": "#0072B2", "hatch": "xxxx", "edgecolor": "#9ccbe8"},
             "pdflush": {"facecolor": "#e3d9f0"}, "oom_wait": {"facecolor": "#4b5560"}}
POINTS = {"alloc_failed": ({"marker": "x", "ms": 4.5, "mew": 1.1, "color": COLOURS["failed"]},
                           "failed request"),
          "write_failed": ({"marker": "v", "ms": 4.5, "color": COLOURS["oom"]}, "failed write")}
INSIDE = ("congestion_wait",)  # of others: drawn smaller, on top


def shorten(name, letters=18):
    """A task's name that leaves room for its bar."""
    return name if len(name) <= letters else name[:letters - 2] + "…"


def draw_task_time(ax, table, reclaim_ns):
    """A bar for each task: the parts of its life; below it how much was direct reclaim."""
    places = np.arange(len(table))[::-1]
    life = table["life_ns"].clip(lower=1).to_numpy()
    left = np.zeros(len(table))
    for part in PARTS:
        share = table[f"{part}_ns"].to_numpy() / life
        if not share.any():
            continue
        colour, hatch, _ = LOOKS[part]
        ax.barh(places, 100 * share, left=100 * left, height=0.62, color=colour, hatch=hatch,
                edgecolor="white" if part != "asleep" else "#c5ccd3", lw=0.8)
        _number_bars(ax, places, left, share, part)
        left = left + share
    _draw_reclaim(ax, places, table["task"].map(reclaim_ns).fillna(0).to_numpy() / life)
    _tidy_bars(ax, places, [shorten(name) for name in table["task"]])
    ax.set_xlim(0, 100)
    ax.set_xlabel("share of task time (%)")
    if table.empty:
        note(ax, "no tasks", at=(0.5, 0.5), align=("center", "center"))


def _draw_reclaim(ax, places, in_reclaim):
    """The thin bar below each: how much of the task's life was direct reclaim."""
    told = in_reclaim >= 0.005
    ax.barh(places[told] - 0.49, 100 * in_reclaim[told], height=0.12, **{**HATCHED, "lw": 0.4})
    for place, share in zip(places[told], in_reclaim[told]):
        text = f"{share:.0%} in direct reclaim" if share < 0.6 else f"{share:.0%}"
        ax.text(100 * share + 0.6, place - 0.5, text, fontsize=6.5, va="center", color=SOFT_INK)


def _number_bars(ax, places, left, share, part):
    for place, begin, width in zip(places, left, share):
        if width >= LEAST_NAMED:
            ax.text(100 * (begin + width / 2), place, f"{width:.0%}", ha="center", va="center",
                    fontsize=8, color="white" if part in DARK else INK,
                    bbox={"fc": LOOKS[part][0], "ec": "none", "pad": 1.4})


def _tidy_bars(ax, places, names):
    ax.set_yticks(places, names)
    ax.set_ylim(-0.75, max(len(places), 1) - 0.4)
    ax.grid(axis="y", visible=False)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", length=0)


def part_handles(table):
    """The legend of draw_task_time()."""
    return [Patch(facecolor=LOOKS[part][0], hatch=LOOKS[part][1], label=LOOKS[part][2],
                  edgecolor="#9aa4af" if part == "asleep" else "white", lw=0.6)
            for part in PARTS if table[f"{part}_ns"].any()]


def draw_timeline(ax, tasks, events, names, time):
    """A line for each task while it lives, with what it waited for."""
    places = {name: place for place, name in enumerate(reversed(names))}
    for row in tasks[tasks["task"].isin(names)].itertuples(index=False):
        ax.plot(time(np.array([row.begin_ns, row.end_ns])), [places[row.task]] * 2, lw=1.6,
                color="#b4bcc4" if row.daemon == 0 else "#dde2e6", solid_capstyle="butt", zorder=1)
        if row.ending == "killed":
            ax.plot(time(row.end_ns), places[row.task], marker="X", ms=6, color=COLOURS["oom"],
                    zorder=5, clip_on=False)
    for kind, how in INTERVALS.items():
        for name, of_task in metrics.of_kind(events, kind).groupby("task"):
            if name in places:
                _draw_intervals(ax, of_task, places[name], time, how,
                                0.42 if kind in INSIDE else 0.72)
    for kind, (how, _) in POINTS.items():
        of_kind = metrics.of_kind(events, kind)
        dates = of_kind["begin_ns"] // time.narrowest_ns * time.narrowest_ns
        seen = of_kind.assign(date=dates).drop_duplicates(["task", "date"])
        seen = seen[seen["task"].isin(names)]
        ax.plot(time(seen["date"]), seen["task"].map(places), ls="", zorder=4, clip_on=False, **how)
    _tidy_bars(ax, list(places.values()), [shorten(name) for name in places])


def _draw_intervals(ax, intervals, place, time, how, height):
    seen_until = np.maximum(intervals["end_ns"], intervals["begin_ns"] + time.narrowest_ns)
    spans = metrics.union(intervals.assign(end_ns=seen_until))
    begin, end = time(spans["begin_ns"]), time(spans["end_ns"])
    ax.broken_barh(list(zip(begin, end - begin)), (place - height / 2, height),
                   **{"lw": 0, "zorder": 2 + (height < 0.5), **how})


def timeline_handles(events, tasks):
    """The legend of draw_timeline()."""
    kinds = set(events["kind"])
    handles = [Line2D([], [], color="#b4bcc4", lw=1.6, label="alive")]
    handles += [Patch(label=kind, **how) for kind, how in INTERVALS.items() if kind in kinds]
    if (tasks["ending"] == "killed").any():
        handles.append(Line2D([], [], ls="", marker="X", ms=6, color=COLOURS["oom"],
                              label="OOM kill"))
    handles += [Line2D([], [], ls="", label=label, **how)
                for kind, (how, label) in POINTS.items() if kind in kinds]
    return handles


def draw_totals(ax, names, total_ns, counts, unit):
    """A bar for each name: time in all, how often, and how long on average."""
    places = np.arange(len(names))[::-1]
    total_ns, counts = np.asarray(total_ns, dtype=float), np.asarray(counts)
    ax.barh(places, total_ns, height=0.6, color=COLOURS["free"], alpha=0.75)
    _tidy_bars(ax, places, [shorten(name, 24) for name in names])
    longest = max(total_ns.max(initial=0), 1)
    ax.set_xlim(0, 1.02 * longest)
    inches = ax.get_position().width * ax.figure.get_figwidth()
    for place, total, count in zip(places, total_ns, counts):
        often = f"{count:,} {unit}" if count == 1 else f"{count:,} {unit}s"
        whole = f"{duration(total)}   {often}   {duration(total / max(count, 1))} each"
        bar = total / longest * inches
        text = whole if 0.068 * len(whole) < max(bar, inches - bar) else duration(total)
        inside = bar > inches - bar
        ax.annotate(text, (total, place), xytext=(-5 if inside else 5, 0), va="center",
                    ha="right" if inside else "left", textcoords="offset points", fontsize=8,
                    color="white" if inside else INK)
    ax.xaxis.set_major_locator(MaxNLocator(5, steps=[1, 2, 5, 10]))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda ns, _: duration(ns)))
    ax.set_xlabel("time waited in all")
    if not len(names):
        note(ax, "nobody waited", at=(0.5, 0.5), align=("center", "center"))
