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
from analysis.plots import pressure_figure

__all__ = ["Run", "RunError", "load_run", "pressure_figure", "style"]
