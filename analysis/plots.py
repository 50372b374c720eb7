#!/usr/bin/python3
"""The figures: draw_ functions draw on Axes they are given, _figure functions lay out a page."""
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis import metrics
from analysis.panels import TimeAxis, bands, compress_above, edge_labels, headline, note
from analysis.sheet import WIDE, Sheet, is_narrow, stack_inches
from analysis.style import COLOURS, DASHES, TINT, look

MOST_ZONES = 8
MOST_DEVICES = 3
GAP_INCHES, NARROW_GAP_INCHES = 0.32, 0.62
ZOOM = 3.0  # "near the marks" is up to this multiple of the high mark
MAGNIFIED_PART = 0.75  # of the height of a panel whose upper part is compressed
HATCHED = {"facecolor": COLOURS["direct"], "hatch": "////", "edgecolor": "#8a5f00", "lw": 0}


def draw_zone(ax, free, events, time):
    """One zone: free memory against its marks, with what was done about it behind.

    kswapd and direct reclaim bands are those of the zone's node: a direct reclaim belongs to the
    node its request looked at first, whatever zones it then took pages from.
    """
    node, zone = free[["node", "zone"]].iloc[0]
    bands(ax, metrics.of_kind(events, "kswapd", node), time, color=COLOURS["kswapd"], alpha=0.22,
          lw=0)
    bands(ax, metrics.of_kind(events, "direct_reclaim", node), time, alpha=0.45, **HATCHED)
    x, y = time(free["time_ns"]), free["free_mib"]
    ax.fill_between(x, 0, y, color=COLOURS["free"], alpha=0.10, lw=0)
    ax.plot(x, y, color=COLOURS["free"], lw=1.4, marker="." if len(x) == 1 else "")
    scale_zone(ax, free)
    _draw_marks(ax, free.iloc[0])
    _draw_points(ax, events, node, zone, time)
    ax.set_ylabel("free (MiB)")
    headline(ax, f"node {node} / {zone}", zone_note(events, node, time.end_ns))


def scale_zone(ax, free):
    """Chooses the vertical axis: linear, or linear below and compressed above.

    A zone that spends a quarter of the run near its marks has them magnified; what is far above
    them, such as the first fall of a full zone, stays in sight in the tinted part at the top.
    """
    near, whole = _reach(free)
    if is_compressed(free):
        compress_above(ax, near, whole, MAGNIFIED_PART)
    else:
        ax.set_ylim(0, whole)


def is_compressed(free):
    """Whether the upper part of a zone's axis is compressed."""
    near, whole = _reach(free)
    return bool((free["free_mib"] <= near).mean() >= 0.25 and whole > 2 * near)


def _reach(free):
    """Where "near the marks" ends, and where the axis does."""
    marks = free.iloc[0]
    whole = max(1.08 * free["free_mib"].max(), 1.15 * marks["high_mib"], metrics.mib(1))
    return max(ZOOM * marks["high_mib"], 1.35 * marks["reserve_mib"]), whole


def _draw_marks(ax, marks):
    names = list(metrics.MARKS)
    if marks["reserve_mib"] > marks["min_mib"]:
        names.append("reserve")
    text = {"reserve": "min + reserve"}
    for name in names:
        ax.axhline(marks[f"{name}_mib"], color=COLOURS[name], lw=1.1, ls=DASHES[name])
    edge_labels(ax, [(marks[f"{name}_mib"], text.get(name, name), COLOURS[name])
                     for name in names])


def _draw_points(ax, events, node, zone, time):
    for date in time(metrics.of_kind(events, "oom_kill")["begin_ns"]):
        ax.axvline(date, color=COLOURS["oom"], lw=1.2)
    failed = metrics.of_kind(events, "alloc_failed", node)
    failed = failed[failed["zone"].isin([zone, "-"])]["begin_ns"]
    failed = (failed // time.narrowest_ns * time.narrowest_ns).unique()
    ax.plot(time(failed), np.zeros(len(failed)), ls="", marker="x", ms=5, mew=1.1,
            color=COLOURS["failed"], clip_on=False, zorder=4)


def zone_note(events, node, end_ns):
    """The numbers of a node in one line."""
    awake = metrics.kswapd_awake(events, [node], end_ns)["share"].iloc[0]
    text = "kswapd awake <1%" if 0 < awake < 0.01 else f"kswapd awake {awake:.0%}"
    for kind, name in (("direct_reclaim", "direct reclaim"),
                       ("congestion_wait", "congestion wait")):
        wait = metrics.waits(events, kind, [node]).iloc[0]
        if wait["count"] or kind == "direct_reclaim":
            text += f"   {name} {wait['count']:,}x"
            text += f", {wait['total_ns'] / 1e6:,.0f} ms" if wait["count"] else ""
    return text


def draw_device(ax, queue, numbers, intervals, time):
    """One device: requests in its queue, the thresholds, and the time it was congested."""
    bands(ax, intervals, time, color=COLOURS["congested"], alpha=0.30, lw=0)
    for direction, dashes in (("write", "-"), ("read", (0, (3, 1)))):
        _draw_depth(ax, time(queue["time_ns"]), queue[f"{direction}_requests"],
                    COLOURS[direction], dashes)
    on, off = numbers["congestion_on_requests"], numbers["congestion_off_requests"]
    deepest = queue[["read_requests", "write_requests"]].max().max()
    ax.set_ylim(0, 1.08 * max(numbers["nr_requests"], deepest, 1))
    for level, dashes in ((on, DASHES["high"]), (off, DASHES["min"])):
        ax.axhline(level, color=COLOURS["congested"], lw=1, ls=dashes)
    edge_labels(ax, [(on, f"on {on}", COLOURS["congested"]),
                     (off, f"off {off}", COLOURS["congested"])])
    ax.set_ylabel("requests queued")
    headline(ax, f"block device {queue['device'].iloc[0]}: queue depth", "congested time shaded")
    _note_longest(ax, intervals, time)


def _draw_depth(ax, x, depth, colour, dashes):
    if depth.any():
        ax.fill_between(x, 0, depth, step="post", color=colour, alpha=0.10, lw=0)
        ax.plot(x, depth, drawstyle="steps-post", color=colour, lw=1.1, ls=dashes)


def _note_longest(ax, intervals, time):
    if intervals.empty:
        return
    longest = intervals.loc[(intervals["end_ns"] - intervals["begin_ns"]).idxmax()]
    middle = time((longest["begin_ns"] + longest["end_ns"]) / 2) / time.end
    length_ms = (longest["end_ns"] - longest["begin_ns"]) / 1e6
    side = "left" if middle < 0.2 else "right" if middle > 0.8 else "center"
    note(ax, f"longest congestion {length_ms:,.0f} ms", at=(middle, 0.42), align=(side, "center"))


def pressure_figure(run, width=WIDE):
    """Free pages against watermarks, a panel a zone, and below them the device queues."""
    with look():
        free = metrics.free_against_marks(run.series, run.zones)
        zones = metrics.lowest_zones(free, MOST_ZONES)
        devices = metrics.active_devices(run.devices, run.events)[:MOST_DEVICES]
        congested = metrics.congested(run.events)
        time = TimeAxis(run.end_ns)
        parts = [free[(free["node"] == node) & (free["zone"] == zone)]
                 for node, zone in zones.itertuples(index=False)]
        sheet, axes = _page(run, parts, devices, width)
        axes[-1].set_xlim(0, time.end)
        axes[-1].set_xlabel(time.label)
        for ax, of_zone in zip(axes, parts):
            draw_zone(ax, of_zone, run.events, time)
            if devices and not congested.empty:  # carries the onset up from the device
                ax.axvline(time(congested["begin_ns"].min()), color=COLOURS["congested"], lw=0.9,
                           ls=":")
        for ax, device in zip(axes[len(parts):], devices):
            draw_device(ax, run.devices[run.devices["device"] == device],
                        run.summary["devices"][device],
                        congested[congested["device"] == device], time)
        return sheet.figure


def _page(run, parts, devices, width):
    """A sheet with its panels below each other, as tall as they need."""
    panels = max(len(parts) + len(devices), 1)
    heights = [1.5 if panels <= 4 else 1.2 if panels <= 6 else 0.95] * panels
    gap = NARROW_GAP_INCHES if is_narrow(width) else GAP_INCHES
    sheet = Sheet("Free pages against watermarks", subtitle(run, len(parts)),
                  stack_inches(heights, gap, top=gap), width, _legend(run, parts, devices))
    edges = {"left": 0.6, "right": 0.92} if is_narrow(width) else {"left": 0.85, "right": 1.0}
    return sheet, sheet.stack(heights, gap, top=gap, **edges)


def subtitle(run, zones_shown=None):
    """What was run, in one line."""
    name = run.summary["scenario"]
    name = name if len(name) <= 60 else name[:57] + "..."
    nodes = run.zones["node"].nunique()
    memory = metrics.mib(run.zones["present_pages"].sum())
    size = f"{memory:,.0f} MiB" if memory < 10_240 else f"{memory / 1024:,.1f} GiB"
    text = (f"scenario: {name}   seed {run.summary['seed']}   "
            f"{nodes} node{'s' if nodes != 1 else ''}, {size}")
    if zones_shown is not None and zones_shown < len(run.zones):
        text += f"   shown: the {zones_shown} of {len(run.zones)} zones that ran lowest"
    return text


def _legend(run, parts, devices):
    kinds = set(run.events["kind"])
    queues = run.devices[run.devices["device"].isin(devices)]
    entries = [
        (True, Line2D([], [], color=COLOURS["free"], label="free pages")),
        ("kswapd" in kinds, Patch(color=COLOURS["kswapd"], alpha=0.35, label="kswapd awake")),
        ("direct_reclaim" in kinds, Patch(alpha=0.6, label="direct reclaim", **HATCHED)),
        ("congested" in kinds and devices,
         Patch(color=COLOURS["congested"], alpha=0.4, label="device congested")),
        (queues["write_requests"].any(),
         Line2D([], [], color=COLOURS["write"], lw=1.2, label="writes")),
        (queues["read_requests"].any(),
         Line2D([], [], color=COLOURS["read"], lw=1.2, ls=(0, (3, 1)), label="reads")),
        ("oom_kill" in kinds, Line2D([], [], color=COLOURS["oom"], lw=1.2, label="OOM kill")),
        ("alloc_failed" in kinds, Line2D([], [], ls="", marker="x", ms=5,
                                         color=COLOURS["failed"], label="failed request")),
        (any(is_compressed(part) for part in parts),
         Patch(color=TINT, label="scale compressed")),
    ]
    return [handle for shown, handle in entries if shown]
