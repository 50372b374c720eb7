#!/usr/bin/python3
"""The figures of one run, each on a sheet of its own. Every function takes a run and a width."""
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis import metrics, metrics_reclaim, metrics_requests, metrics_tasks
from analysis import plots_reclaim as reclaim
from analysis import plots_requests as requests
from analysis import plots_tasks as tasks
from analysis.panels import TimeAxis, headline
from analysis.plots import subtitle
from analysis.sheet import WIDE, Sheet, is_narrow, stack_inches
from analysis.style import drawn

MOST_TASKS = 12
MOST_LINES = 24


def fragmentation_panel(sheet, ax, run, zone, bar):
    """One zone's free blocks, with a colour bar in inches; returns the table it was drawn from."""
    pages = metrics_requests.free_by_order(run.orders, *zone)
    if pages.empty:
        reclaim.quiet_note(ax, "no samples of free blocks")
        return pages
    mesh = requests.draw_fragmentation(ax, pages, run.end_ns, TimeAxis(run.end_ns))
    colours = sheet.figure.colorbar(mesh, cax=sheet.axes(*bar))
    colours.set_label("free pages", fontsize=8)
    colours.outline.set_visible(False)
    return pages


def _edges(width, right=1.0):
    return {"left": 0.62, "right": right * 0.9} if is_narrow(width) else {
        "left": 0.85, "right": right}


@drawn
def fragmentation(run, width=WIDE):
    """Free memory by order of block, a panel a zone; at most four zones, the lowest."""
    free = metrics.free_against_marks(run.series, run.zones)
    zones = list(metrics.lowest_zones(free, 4).itertuples(index=False))
    heights, gap, time = [1.75] * max(len(zones), 1), 0.45, TimeAxis(run.end_ns)
    sheet = Sheet("Fragmentation: free blocks by size", subtitle(run, len(zones)),
                  stack_inches(heights, gap, top=0.4), width)
    edges = _edges(width, 1.05)
    panels = sheet.stack(heights, gap, top=0.4, **edges)
    for place, (ax, (node, zone)) in enumerate(zip(panels, zones)):
        bar = (width - edges["right"] + 0.1, 0.4 + place * (1.75 + gap), 0.13, 1.75)
        pages = fragmentation_panel(sheet, ax, run, (node, zone), bar)
        requests.name_zone(ax, node, zone, requests.fragmentation_note(pages))
    panels[-1].set_xlabel(time.label)
    return sheet.figure


@drawn
def latency(run, width=WIDE):
    """How long requests waited, by order."""
    slower, percentiles = requests.latency_tables(run)
    sheet = Sheet("Allocation latency: share slower than x", subtitle(run),
                  stack_inches([3.0], 0, bottom=0.8), width)
    edges = {"left": 0.85, "right": 1.55} if not is_narrow(width) else {"left": 0.7, "right": 1.42}
    ax, = sheet.stack([3.0], 0, **edges)
    requests.draw_latency(ax, slower, percentiles)
    headline(ax, "", requests.latency_note(percentiles))
    return sheet.figure


@drawn
def task_time(run, width=WIDE):
    """Where the time of each task went."""
    table = metrics_tasks.fold(metrics_tasks.task_time(run.tasks, run.waits), MOST_TASKS)
    heights = [0.4 * max(len(table), 2) + 0.1]
    sheet = Sheet("Where task time goes", subtitle(run), stack_inches(heights, 0), width,
                  tasks.part_handles(table))
    ax, = sheet.stack(heights, 0, left=1.35 if not is_narrow(width) else 1.1, right=0.3)
    tasks.draw_task_time(ax, table, metrics_tasks.in_direct_reclaim(run.events))
    return sheet.figure


def _nodes(run):
    cpu_nodes = run.placement[["cpu_node", "memory_node"]].to_numpy().ravel().tolist()
    return sorted({*run.zones["node"].tolist(), *cpu_nodes})


def locality_table(run):
    """The table of draw_locality()."""
    return metrics_requests.locality(run.placement, _nodes(run),
                                     run.config.get("machine", {}).get("distance") or ())


@drawn
def locality(run, width=WIDE):
    """From which node's memory the tasks of each node were served."""
    table = locality_table(run)
    side = min(3.8, max(1.6, 0.85 * len(_nodes(run))), width - 1.3)
    sheet = Sheet("NUMA locality: row share of requests", subtitle(run),
                  stack_inches([side], 0), width)
    across = min(side * 1.3, width - 1.6)
    ax = sheet.axes(0.75, 0.25, across, side)
    shades = requests.draw_locality(ax, table)
    bar = sheet.figure.colorbar(shades, cax=sheet.axes(0.85 + across, 0.25, 0.13, side),
                                format=lambda share, _: f"{share:.0%}")
    bar.outline.set_visible(False)
    return sheet.figure


@drawn
def allocation_rate(run, width=WIDE):
    """How much memory was handed out over time, by order."""
    rate = metrics_requests.allocation_rate(run.requests)
    time = TimeAxis(run.end_ns)
    handles = [Patch(color=requests.order_colour(order), label=f"order {order}")
               for order in sorted(rate["order"].unique())]
    sheet = Sheet("Allocation rate by order", subtitle(run), stack_inches([2.6], 0), width, handles)
    ax, = sheet.stack([2.6], 0, **_edges(width, 0.35))
    totals = requests.draw_allocation_rate(ax, rate, time)
    ax.set_xlim(0, time.end)
    ax.set_xlabel(time.label)
    headline(ax, "", "   ".join(f"order {order}: {mib:,.1f} MiB" for order, mib in totals))
    return sheet.figure


@drawn
def timeline(run, width=WIDE):
    """What each task waited for, along the run."""
    names = metrics_tasks.timeline_tasks(run.tasks, run.events, MOST_LINES)
    heights, time = [0.27 * max(len(names), 3)], TimeAxis(run.end_ns)
    left_out = run.tasks["task"].nunique() - len(names)
    note = f"   {left_out} left out" if left_out > 0 else ""
    sheet = Sheet("Timeline of tasks and daemons", subtitle(run) + note, stack_inches(heights, 0),
                  width, tasks.timeline_handles(run.events, run.tasks))
    ax, = sheet.stack(heights, 0, left=1.35 if not is_narrow(width) else 1.1, right=0.35)
    tasks.draw_timeline(ax, run.tasks, run.events, names, time)
    ax.set_xlim(0, time.end)
    ax.set_xlabel(time.label)
    return sheet.figure


@drawn
def reclaim_efficiency(run, width=WIDE):
    """How much reclaim scanned, and what it got for it."""
    rates = metrics_reclaim.reclaim_rate(run.vmstat)
    overall = metrics_reclaim.overall_efficiency(run.vmstat)
    time, gap = TimeAxis(run.end_ns), 0.35
    handles = [Line2D([], [], color=colour, ls=dashes, lw=1.2, label=f"{name}: scanned")
               for name, colour, dashes in reclaim.BY.values()]
    handles += [Patch(label=f"{name}: reclaimed", **reclaim.FILLED[by])
                for by, (name, _, _) in reclaim.BY.items()]
    sheet = Sheet("Reclaim efficiency", subtitle(run), stack_inches([1.7, 1.5], gap, top=0.45),
                  width, handles)
    rate, share = sheet.stack([1.7, 1.5], gap, top=0.45, **_edges(width, 1.42))
    reclaim.draw_reclaim_rate(rate, rates, time)
    headline(rate, "", reclaim.rate_note(overall))
    reclaim.draw_reclaim_efficiency(share, rates, overall, time)
    share.set_xlim(0, time.end)
    share.set_xlabel(time.label)
    return sheet.figure
