#!/usr/bin/python3
"""What a report says besides its figures: numbers, tables and texts, for each kind of report."""
import json
from dataclasses import dataclass, field

import pandas as pd

from analysis import against, gallery, metrics, metrics_reclaim, metrics_requests, report_page
from analysis import sweep_figures
from analysis.metrics_sweep import levels, varied
from analysis.plots import subtitle
from analysis.style import duration

MOST_ROWS = 40
MOST_LINES = 200


@dataclass
class Story:
    """A page to be: its head, figures, and the sections before and after them (HTML)."""
    title: str
    head: str
    exhibits: list
    before: list = field(default_factory=list)
    contents_before: list = field(default_factory=list)
    after: list = field(default_factory=list)
    contents_after: list = field(default_factory=list)

    def tell(self, name, title, frame, caption=""):
        """Adds a table after the figures, cut to a readable length; nothing when it is empty."""
        if frame.empty:
            return
        if len(frame) > MOST_ROWS:
            caption = f"{caption} The first {MOST_ROWS} of {len(frame)}.".strip()
        self.after.append(report_page.table(name, title, frame[:MOST_ROWS], caption))
        self.contents_after.append((name, title))


def key_numbers(run):
    """The numbers people look for first: (name, text)."""
    summary = run.summary
    requests, waits = summary.get("requests", {}), summary.get("waits", {})
    wait, direct = waits.get("request", {}), waits.get("direct_reclaim", {})
    congestion = waits.get("congestion_wait", {})
    awake = metrics.kswapd_awake(run.events, sorted(run.zones["node"].unique()), run.end_ns)
    numa = summary.get("numa", {})
    served = numa.get("hit", 0) + numa.get("miss", 0)
    return [
        ("simulated", duration(run.end_ns)),
        ("requests", f"{requests.get('total', 0):,}"),
        ("failed", f"{requests.get('failed', 0):,}"),
        ("wait of a request, p99", duration(wait.get("p99_ns", 0))),
        ("longest wait", duration(wait.get("max_ns", 0))),
        ("direct reclaims", f"{direct.get('count', 0):,}, {duration(direct.get('total_ns', 0))}"),
        ("congestion waits",
         f"{congestion.get('count', 0):,}, {duration(congestion.get('total_ns', 0))}"),
        ("kswapd awake, a node", f"{awake['share'].mean() if len(awake) else 0:.0%}"),
        ("served elsewhere than wished", f"{numa.get('miss', 0) / served if served else 0:.1%}"),
        ("OOM kills", f"{summary.get('oom', {}).get('kills', 0):,}")]


def _provenance(run):
    try:
        text = (run.path / "provenance.json").read_text(encoding="utf-8")
        made = json.loads(text)
        return f"made by numasim {made['version']}, source {made['git_hash']}"
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def of_run(run):
    """The report of one run."""
    head = (report_page.paragraph(subtitle(run), soft=True)
            + report_page.paragraph(run.config.get("description", ""))
            + report_page.paragraph(run.config.get("look_at", ""), soft=True)
            + report_page.numbers(key_numbers(run)))
    story = Story(f"numasim: {run.summary['scenario']}", head, gallery.of_run(run))
    story.tell("ooms", "OOM kills", _oom_kills(run))
    story.tell("failures", "Requests that failed", _failures(run),
               "By task, order and flags.")
    story.tell("percentiles", "Waits of requests by order", _waits_by_order(run))
    story.tell("efficiency", "What reclaim got for its work", _efficiency(run))
    story.tell("zones", "Zones", run.zones[["node", "zone", "present_pages", "min_pages",
                                           "low_pages", "high_pages"]])
    story.after.append(_kernel_messages(run))
    config = json.dumps(run.config, indent=2)
    story.after.append(report_page.folded("The scenario as it ran", config))
    story.after.append(report_page.paragraph(_provenance(run), soft=True))
    return story


def _kernel_messages(run):
    """The beginning of what the kernel printed, if it did."""
    try:
        lines = (run.path / "dmesg.txt").read_text(encoding="utf-8").splitlines()
    except (OSError, ValueError):
        return ""
    more = f"\n({len(lines) - MOST_LINES:,} more lines)" if len(lines) > MOST_LINES else ""
    title = f"What the kernel said: {len(lines):,} lines"
    return report_page.folded(title, "\n".join(lines[:MOST_LINES]) + more) if lines else ""


def _oom_kills(run):
    kills = pd.DataFrame(run.summary.get("oom_kills") or [])
    wanted = ("time_ns", "victim", "for_task", "points", "chosen")
    return kills[[name for name in wanted if name in kills]]


def _failures(run):
    failed = metrics.of_kind(run.events, "alloc_failed")
    keys = ["task", "node", "zone", "order", "gfp", "detail"]
    counted = failed.groupby(keys, sort=False).size().reset_index(name="requests")
    return counted.rename(columns={"detail": "told"}).sort_values(
        "requests", ascending=False, kind="stable")


def _waits_by_order(run):
    table = metrics_requests.percentiles(run.request_waits, (500, 900, 990, 999))
    for name in table:
        if name.endswith("_ns"):
            table[name] = table[name].map(duration)
    return table.rename(columns=lambda name: name.removesuffix("_ns"))


def _efficiency(run):
    table = metrics_reclaim.overall_efficiency(run.vmstat)
    return table[table["scanned_pages"] > 0] if len(table) else table


def of_sweep(sweep, wanted=None):
    """The report of a sweep."""
    ok = int((sweep.results["status"] == "ok").sum())
    cards = [("runs", f"{len(sweep.results):,}"), ("there", f"{ok:,}"),
             ("missing or failed", f"{sweep.missing:,}"), ("seeds at a point", f"{sweep.repeats}")]
    head = (report_page.paragraph(sweep_figures.subtitle(sweep), soft=True)
            + report_page.paragraph(_answer(sweep.answer)) + report_page.numbers(cards))
    story = Story(f"numasim sweep: {sweep.name}", head, gallery.of_sweep(sweep, wanted))
    story.tell("axes", "What was varied", pd.DataFrame(
        [(axis, len(levels(sweep, axis)), str(levels(sweep, axis)[0]),
          str(levels(sweep, axis)[-1])) for axis in sweep.axes if len(sweep.results)],
        columns=["setting", "values", "from", "to"]))
    bad = sweep.results[sweep.results["status"] != "ok"]
    story.tell("missing", "Runs that are not there",
               bad[["run", "point", "repeat", "seed", "status", *sweep.axes]])
    return story


def _answer(answer):
    """What a search came to, in words."""
    if not answer:
        return ""
    goal = (f"{answer['metric']} at most {answer['at_most']:g} in "
            f"{answer['quantile']:.0%} of the seeds")
    if answer.get("answer") is None:
        return f"No value tried of {answer['setting']} keeps {goal}."
    return f"{answer['setting']} = {answer['answer']} is the smallest value that keeps {goal}."


def of_two_runs(one, other):
    """The report of two runs, A and B."""
    names = against.names_of(one, other)
    head = (report_page.paragraph(f"A: {names[0]}   {subtitle(one)}", soft=True)
            + report_page.paragraph(f"B: {names[1]}   {subtitle(other)}", soft=True)
            + report_page.numbers([(name, f"{a} → {b}") for (name, a), (_, b) in
                                   zip(key_numbers(one), key_numbers(other))]))
    story = Story(f"numasim: {names[0]} against {names[1]}", head, gallery.of_two_runs(one, other))
    heads = {"one": "A", "other": "B"}
    story.tell("settings", "Settings that differ",
               against.settings_that_differ(one, other).rename(columns=heads))
    story.tell("differences", "Numbers that differ",
               against.differences(one, other).rename(columns={**heads, "ratio": "B / A"}))
    return story


def of_two_sweeps(one, other, wanted=None):
    """The report of two sweeps, A and B."""
    names = against.names_of(one, other)
    head = (report_page.paragraph(f"A: {names[0]}   {sweep_figures.subtitle(one)}", soft=True)
            + report_page.paragraph(f"B: {names[1]}   {sweep_figures.subtitle(other)}", soft=True)
            + report_page.paragraph(f"varied: {', '.join(varied(one))}", soft=True))
    return Story(f"numasim sweeps: {names[0]} against {names[1]}", head,
                 gallery.of_two_sweeps(one, other, wanted))
