#!/usr/bin/python3
"""The figures of one run that are about waiting: queues, locks, devices, cpusets; the dashboard."""
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from analysis import metrics, metrics_reclaim, metrics_tasks
from analysis import plots_reclaim as reclaim
from analysis import plots_requests as requests
from analysis import plots_tasks as tasks
from analysis.panels import TimeAxis, headline
from analysis.plots import draw_device, subtitle
from analysis.run_figures import fragmentation_panel, locality_table
from analysis.sheet import WIDE, Sheet, in_rows, is_narrow, stack_inches
from analysis.style import COLOURS, drawn, duration

MOST_QUEUES = 14
MOST_DEVICES = 4
DEVICE_HANDLES = (
    Line2D([], [], color=COLOURS["write"], lw=1.2, label="writes"),
    Line2D([], [], color=COLOURS["read"], lw=1.2, ls=(0, (3, 1)), label="reads"),
    Patch(color=COLOURS["congested"], alpha=0.4, label="congested"))
DASHBOARD_TASKS = 7


def _totals_figure(run, width, title, names, total_ns, counts, unit):
    heights = [0.32 * max(len(names), 2) + 0.1]
    sheet = Sheet(title, subtitle(run), stack_inches(heights, 0), width)
    ax, = sheet.stack(heights, 0, left=1.75 if not is_narrow(width) else 1.6, right=0.35)
    tasks.draw_totals(ax, names, total_ns, counts, unit)
    return sheet.figure


@drawn
def waits(run, width=WIDE):
    """What tasks and daemons slept for, in all."""
    table = metrics_tasks.waits_by_queue(run.waits)[:MOST_QUEUES]
    return _totals_figure(run, width, "What tasks slept for", list(table["queue"]),
                          table["total_ns"], table["sleeps"], "sleep")


@drawn
def lock_waits(run, width=WIDE):
    """What tasks lost to locks."""
    table = metrics_tasks.lock_waits(run.locks, run.waits)[:MOST_QUEUES]
    return _totals_figure(run, width, "Waits for locks", list(table["lock"]), table["total_ns"],
                          table["waits"], "wait")


@drawn
def devices(run, width=WIDE):
    """The queue of each device that had work: along the run, and how much of it so deep."""
    names = metrics.active_devices(run.devices, run.events)[:MOST_DEVICES]
    heights, gap, time = [1.8] * max(len(names), 1), 0.62, TimeAxis(run.end_ns)
    sheet = Sheet("Device queues", subtitle(run), stack_inches(heights, gap, top=0.5), width,
                  DEVICE_HANDLES)
    aside = 1.5 if not is_narrow(width) else 0
    left = 0.85 if not is_narrow(width) else 0.62
    panels = sheet.stack(heights, gap, left=left, right=aside + 0.95, top=0.5)
    congested = metrics.congested(run.events)
    for place, (ax, name) in enumerate(zip(panels, names)):
        queue, numbers = run.devices[run.devices["device"] == name], run.summary["devices"][name]
        draw_device(ax, queue, numbers, congested[congested["device"] == name], time)
        if aside:
            beside = sheet.axes(width - aside - 0.2, 0.5 + place * (1.8 + gap), aside, 1.8,
                                sharey=ax)
            deep = metrics_reclaim.at_least_so_deep(queue, run.end_ns)
            reclaim.draw_depth_share(beside, deep, numbers)
    if not names:
        reclaim.quiet_note(panels[0], "no device had work to do")
    panels[-1].set_xlim(0, time.end)
    panels[-1].set_xlabel(time.label)
    return sheet.figure


@drawn
def cpuset_pressure(run, width=WIDE):
    """memory_pressure of the cpusets."""
    time = TimeAxis(run.end_ns)
    sheet = Sheet("Memory pressure of cpusets", subtitle(run), stack_inches([2.2], 0), width)
    ax, = sheet.stack([2.2], 0, left=0.85 if not is_narrow(width) else 0.62, right=1.3)
    reclaim.draw_cpuset_pressure(ax, metrics_reclaim.cpuset_pressure(run.cpusets), time)
    ax.set_xlim(0, time.end)
    ax.set_xlabel(time.label)
    return sheet.figure


def _dashboard_places(width):
    """(left, top, width, height) of a to d, the colour bar, and the height of all."""
    if is_narrow(width):
        inner = width - 1.2
        return [(0.65, 0.35, inner - 0.2, 2.1), (0.82, 3.25, inner - 1.02, 2.1),
                (1.1, 7.05, inner - 0.35, 2.1), (0.65, 9.95, inner - 0.2, 2.4)
                ], (width - 0.68, 0.35, 0.12, 2.1), 12.9
    return [(1.35, 0.35, 3.75, 2.5), (6.75, 0.35, 2.25, 2.5), (1.35, 4.0, 4.3, 2.55),
            (6.75, 3.85, 3.4, 2.7)], (5.2, 0.35, 0.12, 2.5), 7.1


@drawn
def dashboard(run, width=WIDE):
    """Fragmentation, latency, task time and locality on one page."""
    places, bar, inner = _dashboard_places(width)
    total = run.summary.get("requests", {}).get("total", 0)
    kills = run.summary.get("oom", {}).get("kills", 0)
    sheet = Sheet(f"Run report: {run.summary['scenario']}", subtitle(run)
                  + f"   {duration(run.end_ns)} simulated   {total:,} requests"
                  + f"   {kills} OOM kills", inner, width)
    frame = [sheet.axes(*place) for place in places]
    _panel_a(sheet, frame[0], run, bar)
    slower, percentiles = requests.latency_tables(run)
    requests.draw_latency(frame[1], slower, percentiles)
    headline(frame[1], "b  Allocation latency")
    table = metrics_tasks.fold(metrics_tasks.task_time(run.tasks, run.waits), DASHBOARD_TASKS)
    tasks.draw_task_time(frame[2], table, metrics_tasks.in_direct_reclaim(run.events))
    _legend_above(frame[2], tasks.part_handles(table), width)
    _panel_d(frame[3], run)
    return sheet.figure


def _panel_a(sheet, ax, run, bar):
    zone = requests.lowest_zone(run)
    if zone is None:
        reclaim.quiet_note(ax, "no zone")
        return
    fragmentation_panel(sheet, ax, run, zone, bar)
    ax.set_xlabel(TimeAxis(run.end_ns).label)
    headline(ax, "a  Fragmentation", f"node {zone[0]} / {zone[1]}")


def _panel_d(ax, run):
    if run.zones["node"].nunique() < 2:
        headline(ax, "d  NUMA locality")
        reclaim.quiet_note(ax, "one node: all memory is local")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        return
    requests.draw_locality(ax, locality_table(run))
    headline(ax, "d  NUMA locality", "row share of requests")


def _legend_above(ax, handles, width):
    columns = 3 if is_narrow(width) else 4
    rows = -(-len(handles) // columns)
    ax.set_title("c  Where task time goes", pad=6 + 13 * rows)
    if handles:
        ax.legend(handles=in_rows(handles, columns), ncol=columns, loc="lower left",
                  bbox_to_anchor=(-0.01, 0.985), handlelength=1.1, columnspacing=1.0,
                  borderaxespad=0.2, fontsize=7.5)
