#!/usr/bin/python3
"""Every figure there is: its name, what it says, the table behind it, and when it is worth drawing.

The table of a figure is what its positions are taken from; it stands beside it as CSV.
"""
from dataclasses import dataclass
from typing import Callable

import pandas as pd

from analysis import against, metrics, metrics_reclaim, metrics_requests, metrics_tasks
from analysis import run_figures, run_figures_waits
from analysis.metrics_sweep import telling_metrics
from analysis.plots import pressure_figure
from analysis.sweep_figures import sweep_figure

MOST_SWEEP_METRICS = 6


@dataclass(frozen=True)
class Exhibit:
    """A figure that can be drawn: `draw(width)` gives it, `table()` what it shows."""
    name: str
    title: str
    caption: str
    draw: Callable
    table: Callable


def _marks(run):
    return metrics.free_against_marks(run.series, run.zones)


def _always(_run):
    return True


def _kinds(*kinds):
    return lambda run: run.events["kind"].isin(kinds).any()


def _orders(run):
    wide = metrics_requests.largest_free_order(run.orders)
    return wide.join(run.orders[[name for name in run.orders if name.startswith("order_")]])


def _latency(run):
    return metrics_requests.slower_than(run.request_waits)


def _time(run):
    return metrics_tasks.task_time(run.tasks, run.waits)


def _depths(run):
    names = metrics.active_devices(run.devices, run.events)
    parts = [metrics_reclaim.at_least_so_deep(run.devices[run.devices["device"] == name],
                                              run.end_ns).assign(device=name) for name in names]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"device": []})


# name, title, caption, figure, table, when
_OF_A_RUN = (
    ("dashboard", "At a glance",
     "a: free memory by size of block, grey where none of that size was left, above the dashed "
     "line blocks of a huge page and more. b: how many requests waited longer than x. c: the "
     "parts of each task's life; the bar below shows how much of it was direct reclaim. d: which "
     "node's memory served the tasks of each node.", run_figures_waits.dashboard, _time, _always),
    ("pressure", "Free pages against watermarks",
     "Free memory of each zone with its marks. Blue: the node's kswapd was awake; hatched: a task "
     "was in direct reclaim; pink: the device's queue was congested.", pressure_figure, _marks,
     _always),
    ("fragmentation", "Fragmentation",
     "Free memory by order of block; grey: no block of that order.", run_figures.fragmentation,
     _orders, lambda run: len(run.orders) > 0),
    ("latency", "Allocation latency",
     "The share of requests of each order that waited longer than x; a ring at the 99th "
     "percentile. HZ/10 is as long as a request waits for a congested device at most.",
     run_figures.latency, _latency, lambda run: (run.request_waits["up_to_ns"] > 0).any()),
    ("allocation_rate", "Allocation rate by order", "Memory handed out each second.",
     run_figures.allocation_rate, lambda run: metrics_requests.allocation_rate(run.requests),
     lambda run: len(run.requests) > 1),
    ("task_time", "Where task time goes", "The parts of each task's life add up to 100 %.",
     run_figures.task_time, _time, lambda run: (run.tasks["daemon"] == 0).any()),
    ("timeline", "Timeline of tasks", "What each task and daemon waited for, and when.",
     run_figures.timeline, lambda run: run.events, _always),
    ("reclaim", "Reclaim efficiency", "Above: pages scanned and reclaimed. Below: reclaimed for "
     "each page scanned; the labels are of the whole run.", run_figures.reclaim_efficiency,
     lambda run: metrics_reclaim.reclaim_rate(run.vmstat),
     lambda run: metrics_reclaim.overall_efficiency(run.vmstat)["scanned_pages"].sum() > 0),
    ("waits", "What tasks slept for", "Time asleep by wait queue, tasks and daemons together; "
     "daemons without work left out.", run_figures_waits.waits,
     lambda run: metrics_tasks.waits_by_queue(run.waits),
     lambda run: len(metrics_tasks.waits_by_queue(run.waits)) > 0),
    ("lock_waits", "Waits for locks", "Time lost to each lock.", run_figures_waits.lock_waits,
     lambda run: metrics_tasks.lock_waits(run.locks, run.waits),
     lambda run: len(metrics_tasks.lock_waits(run.locks, run.waits)) > 0),
    ("devices", "Device queues", "Requests in each queue, with the thresholds of congestion; to "
     "the right how much of the run it was at least so deep.", run_figures_waits.devices, _depths,
     lambda run: len(metrics.active_devices(run.devices, run.events)) > 0),
    ("locality", "NUMA locality", "The share of each node's requests that each node served.",
     run_figures.locality, run_figures.locality_table,
     lambda run: run.zones["node"].nunique() > 1 and len(run.placement) > 0),
    ("cpuset_pressure", "Memory pressure of cpusets", "How often tasks of a cpuset went into "
     "direct reclaim, as the kernel's meter shows it.", run_figures_waits.cpuset_pressure,
     lambda run: metrics_reclaim.cpuset_pressure(run.cpusets),
     lambda run: metrics_reclaim.cpuset_pressure(run.cpusets)[
         "memory_pressure_per_1000s"].any()),
)


def of_run(run):
    """The figures of one run; those with nothing to show are left out."""
    return [Exhibit(name, title, caption, lambda width, figure=figure: figure(run, width),
                    lambda table=table: table(run))
            for name, title, caption, figure, table, when in _OF_A_RUN if when(run)]


def of_sweep(sweep, metrics_wanted=None):
    """A figure for each metric: `{metric: limit or None}`; without, those that tell most."""
    wanted = metrics_wanted or _asked(sweep) or {
        metric: None for metric in telling_metrics(sweep, MOST_SWEEP_METRICS)}
    return [Exhibit(f"sweep_{_file_name(metric)}", metric,
                    "Median over the seeds of each point; hatched where a run is missing.",
                    lambda width, metric=metric, limit=limit: sweep_figure(
                        sweep, metric, width, limit),
                    lambda metric=metric: sweep.results[
                        ["run", "point", "repeat", "seed", "status", *sweep.axes, metric]])
            for metric, limit in wanted.items()]


def _asked(sweep):
    """What a search for a size was about."""
    return {sweep.answer["metric"]: sweep.answer["at_most"]} if sweep.answer else {}


def of_two_runs(one, other):
    """Two runs set against each other."""
    pairs = (("free", "Free memory", "A solid, B dashed.", against.free_memory,
              lambda: pd.concat([_marks(one).assign(run="A"), _marks(other).assign(run="B")])),
             ("latency", "Allocation latency", "Requests of all orders.", against.latency,
              lambda: pd.concat([_latency(one).assign(run="A"), _latency(other).assign(run="B")])),
             ("numbers", "What differs most", "The numbers of the two summaries, B over A: to the "
              "right B has more, to the left A.", against.numbers,
              lambda: against.differences(one, other)))
    return [Exhibit(f"against_{name}", title, caption,
                    lambda width, figure=figure: figure(one, other, width), table)
            for name, title, caption, figure, table in pairs]


def of_two_sweeps(one, other, metrics_wanted=None):
    """One metric a figure, of the same points in both."""
    common = [metric for metric in telling_metrics(one, len(one.metrics))
              if metric in other.metrics][:MOST_SWEEP_METRICS]
    wanted = list(metrics_wanted or common)
    return [Exhibit(f"against_{_file_name(metric)}", metric, "A against B, or B / A at each point.",
                    lambda width, metric=metric: against.sweeps(one, other, metric, width),
                    lambda metric=metric: against.ratio_of_sweeps(one, other, metric).results)
            for metric in wanted]


def _file_name(metric):
    return "".join(letter if letter.isalnum() else "_" for letter in metric)
