#!/usr/bin/python3
"""Reads what numasim leaves behind, works figures out and draws them.

    import analysis
    run = analysis.load_run("runs/quickstart")
    run.series, run.events, run.devices, run.zones    DataFrames
    run.summary, run.config                           dicts
    analysis.pressure_figure(run).savefig("pressure.png")
"""
from analysis import style  # first: says where matplotlib keeps its cache
from analysis.load import Run, RunError, load_run
from analysis.load_sweep import Sweep, load_sweep
from analysis.plots import pressure_figure
from analysis.run_figures import (allocation_rate, fragmentation, latency, locality,
                                  reclaim_efficiency, task_time, timeline)
from analysis.run_figures_waits import cpuset_pressure, dashboard, devices, lock_waits, waits
from analysis.sweep_figures import (multiples_figure, points_figure, repeats_figure,
                                    sweep_figure)

__all__ = ["Run", "RunError", "Sweep", "allocation_rate", "cpuset_pressure", "dashboard",
           "devices", "fragmentation", "latency", "load_run", "load_sweep", "locality",
           "lock_waits", "multiples_figure", "points_figure", "pressure_figure",
           "reclaim_efficiency", "repeats_figure", "style", "sweep_figure", "task_time",
           "timeline", "waits"]
