#!/usr/bin/python3
"""Reads what numasim leaves behind, works figures out and draws them.

    import analysis
    run = analysis.load_run("runs/quickstart")
    run.series, run.events, run.devices, run.zones    DataFrames
    run.summary, run.config                           dicts
    analysis.pressure_figure(run).savefig("pressure.png")
"""
from importlib import import_module

from analysis import style  # first: says where matplotlib keeps its cache

_HOMES = {
    "load": ("Run", "RunError", "load_run"), "load_sweeps": ("Sweep", "load_sweep"),
    "plots": ("pressure_figure",),
    "run_figures": ("allocation_rate", "fragmentation", "latency", "locality",
                    "reclaim_efficiency", "task_time", "timeline"),
    "run_figures_waits": ("cpuset_pressure", "dashboard", "devices", "lock_waits", "waits"),
    "sweep_figures": ("multiples_figure", "points_figure", "repeats_figure", "sweep_figure")}
_HOME = {name: home for home, names in _HOMES.items() for name in names}
__all__ = sorted([*_HOME, "against", "style"])


def __getattr__(name):
    """Loads what is asked for: `--help` needs no pandas, and says what is missing where it is."""
    if name == "against":
        return import_module(f"{__name__}.against")
    if name not in _HOME:
        raise AttributeError(f"module {__name__} has no attribute {name}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)


def __dir__():
    return __all__
