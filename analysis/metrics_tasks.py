#!/usr/bin/python3
"""Where the time of tasks went, as tables."""
import pandas as pd

from analysis import metrics

# The parts of a task's time, in the order in which they are drawn.
PARTS = ("on_cpu", "memory", "runnable", "lock", "congestion_wait", "page_io", "other", "asleep")
_FROM_TASKS = {"on_cpu": "running_ns", "memory": "memory_ns", "runnable": "runnable_ns",
               "lock": "spinning_ns", "asleep": "sleeping_ns"}
_NO_WORK = "has no work"


def kind_of_wait(queue):
    """Which part of a task's time its sleep in a wait queue is."""
    if queue.startswith("congestion_wait"):
        return "congestion_wait"
    if "lock" in queue and "block" not in queue:
        return "lock"
    if "I/O" in queue or queue.endswith(" request"):
        return "page_io"
    return "other"


def task_time(tasks, waits):
    """Each task's life and its parts: task, tasks, life_ns, and a column PART_ns for each part.

    Daemons are left out. Tasks of one name stand in one row; `tasks` says how many they are. The
    parts add up to the life.
    """
    work = tasks[tasks["daemon"] == 0].set_index("id")
    table = pd.DataFrame({"task": work["task"], "tasks": 1,
                          "life_ns": work["end_ns"] - work["begin_ns"]})
    for part in PARTS:
        table[f"{part}_ns"] = work[_FROM_TASKS[part]] if _FROM_TASKS.get(part) in work else 0
    slept = waits.assign(part=waits["queue"].map(kind_of_wait))
    slept = slept.groupby(["id", "part"])["total_ns"].sum()
    for (task, part), total in slept.items():
        if task in table.index:
            table.loc[task, f"{part}_ns"] += total
    return table.groupby("task", sort=False, as_index=False).sum()


def fold(table, most):
    """At most so many rows: those with the longest waits stay, the rest becomes one."""
    if len(table) <= most:
        return table
    waited = table[[f"{part}_ns" for part in PARTS if part not in ("asleep", "on_cpu")]].sum(axis=1)
    kept = waited.rank(method="first", ascending=False) < most
    rest = table[~kept].drop(columns="task").sum()
    name = f"{rest['tasks']} others"
    return pd.concat([table[kept], pd.DataFrame([{"task": name, **rest}])], ignore_index=True)


def in_direct_reclaim(events):
    """How long each task was in direct reclaim, waits inside included: Series by task's name."""
    rows = metrics.of_kind(events, "direct_reclaim")
    return (rows["end_ns"] - rows["begin_ns"]).groupby(rows["task"]).sum()


def waits_by_queue(waits):
    """What tasks slept for: queue, sleeps, total_ns, mean_ns, the longest in all first.

    Daemons that have nothing to do are left out.
    """
    rows = waits[~waits["queue"].str.contains(_NO_WORK, regex=False)]
    table = rows.groupby("queue", as_index=False)[["sleeps", "total_ns"]].sum()
    table["mean_ns"] = table["total_ns"] // table["sleeps"].where(table["sleeps"] > 0, 1)
    return table.sort_values(["total_ns", "queue"], ascending=[False, True], ignore_index=True)


def lock_waits(locks, waits):
    """What tasks lost to locks: lock, waits, total_ns, the longest in all first.

    From locks.csv where a run has it, else from the wait queues that are locks.
    """
    columns = ["lock", "waits", "total_ns"]
    if {"lock", "contended", "waited_ns"} <= set(locks):
        table = locks[["lock", "contended", "waited_ns"]].set_axis(columns, axis=1)
    else:
        rows = waits[waits["queue"].map(kind_of_wait) == "lock"]
        table = rows.groupby("queue", as_index=False)[["sleeps", "total_ns"]].sum()
        table.columns = columns
    table = table[table["waits"] > 0]
    return table.sort_values(["total_ns", "lock"], ascending=[False, True], ignore_index=True)


def timeline_tasks(tasks, events, most):
    """The tasks and daemons worth a line of their own, in the table's order: those that events
    are about, longest intervals first; with room left, the others."""
    busy = events[events["task"] != "-"]
    length = (busy["end_ns"] - busy["begin_ns"] + 1).groupby(busy["task"]).sum()
    names = list(dict.fromkeys([*tasks["task"], *length.index]))
    work = set(tasks.loc[tasks["daemon"] == 0, "task"])
    ranked = sorted(names, key=lambda name: (name not in length.index, -length.get(name, 0),
                                             name not in work, names.index(name)))
    shown = [name for name in ranked if name in length.index or name in work][:most]
    return [name for name in names if name in shown]
