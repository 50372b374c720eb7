#!/usr/bin/python3
"""zone->lock under 1 to 26 CPUs, beside what was measured on Linux 6.0.

example: analysis/zone_lock.py --out lock_scaling     writes lock_scaling.csv and lock_scaling.png
"""
import random
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Callable

if __name__ == "__main__":  # run as a program, from anywhere
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np
import pandas as pd
from analysis import command, published, style

CPU_HZ = 2_200_000_000
PHASE_NS = 1_600_000_000  # all have allocated, and the once-a-second work is done: they go on
WARM_UP = 200     # turns of `repeat` before the timed ones
FITTED_AT = 26    # cores: the one count that the lock-hold constants are taken from
LEAST_CONTENDED = 4  # cores from which on the lock is what counts


@dataclass(frozen=True)
class Operation:
    """A benchmark: the trace of one CPU, what is timed of it, and the setting that is held long."""
    name: str
    records: Callable  # (cpu, draw) -> dicts
    operations: int    # that one CPU does in the timed part
    begins_ns: int     # date at which the timed part begins
    held: tuple        # settings that take the lock-hold constant, in cycles for each operation
    order: int = 0


def bulk(first, count, order=0):
    """One allocation after the other."""
    return {"op": "alloc", "id": first, "count": count, "order": order, "gfp": "GFP_KERNEL"}


def allocate(cpu, _draw):
    """Pages alone."""
    yield bulk(cpu * 10**6, 5000)


def allocate_and_free(cpu, _draw):
    """The same, then all are freed in order."""
    yield bulk(cpu * 10**6, 5000)
    yield {"op": "free", "id": cpu * 10**6, "count": 5000, "t": PHASE_NS}


def reallocate(cpu, draw):
    """The CPU's pages freed in any order, then as many allocated again."""
    base, pages = cpu * 10**6, list(range(5000))
    yield bulk(base, len(pages))
    draw.shuffle(pages)
    for turn, page in enumerate(pages):
        yield {"op": "free", "id": base + page, **({"t": PHASE_NS} if turn == 0 else {})}
    yield bulk(base + len(pages), len(pages))


def repeat(cpu, _draw):
    """A page allocated and freed again, always the same; timed once the CPU has its pages."""
    for turn in range(2000 + WARM_UP):
        yield bulk(cpu * 10**6, 1) | ({"t": PHASE_NS} if turn == WARM_UP else {})
        yield {"op": "free", "id": cpu * 10**6}


def allocate_blocks(cpu, _draw):
    """Blocks of 2 MiB."""
    yield bulk(cpu * 10**6, 200, 9)


OPERATIONS = (
    Operation("bulk_alloc", allocate, 5000, 0, ("refill_per_page_cycles",)),
    Operation("bulk_free", allocate_and_free, 5000, PHASE_NS, ("flush_per_page_cycles",)),
    Operation("random", reallocate, 5000, PHASE_NS,
              ("refill_per_page_cycles", "flush_per_page_cycles")),
    Operation("repeat", repeat, 2000, PHASE_NS, ()),
    Operation("order9_alloc", allocate_blocks, 200, 0, ("buddy_base_cycles",), 9))


def measured():
    """The published figures, in ns for each operation."""
    return pd.read_csv(published.CONFIGS / "zone_lock_measured.csv", index_col="cores")


def held_ns(operation):
    """The lock-hold constant: a lock that is never free makes each of n CPUs wait n times that."""
    return measured()[f"{operation.name}_ns"][FITTED_AT] / FITTED_AT


def settings_of(operation):
    """What the constant is divided on."""
    cycles = round(held_ns(operation) * CPU_HZ / 10**9)
    shares = len(operation.held)
    return {f"costs.{name}": (cycles + place) // shares
            for place, name in enumerate(operation.held)}


def simulated_ns(operation, cpus, binary, place):
    """Time of one operation on one CPU while so many do it."""
    shutil.copy(published.CONFIGS / "zone_lock.json", place)
    draw, cpu_of = random.Random(1), {f"cpu{cpu}": cpu for cpu in range(cpus)}
    published.write_trace(place / "zone_lock.jsonl", cpu_of,
                          lambda name: operation.records(cpu_of[name], draw))
    own = published.tasks_of_run(binary, place / "zone_lock.json", settings_of(operation))
    return (own.end_ns - operation.begins_ns).mean() / operation.operations


def simulate(binary, cores):
    """A column an operation, a row a number of cores."""
    with tempfile.TemporaryDirectory() as place:
        return pd.DataFrame(
            {f"{operation.name}_ns": [simulated_ns(operation, cpus, binary, Path(place))
                                      for cpus in cores] for operation in OPERATIONS},
            index=pd.Index(cores, name="cores"))


def straight_line(column):
    """Slope, and the share of the variance that a line explains, where the lock is contended."""
    contended = column[column.index >= LEAST_CONTENDED]
    slope, offset = np.polyfit(contended.index, contended, 1)
    rest = contended - (slope * contended.index + offset)
    return slope, 1 - (rest**2).sum() / ((contended - contended.mean())**2).sum()


def verdicts(simulated):
    """Operation, published and simulated slope in ns a core, error, R2; the flat row's spread."""
    for operation in OPERATIONS:
        name = f"{operation.name}_ns"
        if not operation.held:
            spread = simulated[name].max() / simulated[name].min() - 1
            yield f"{operation.name:12} flat within {spread:.2%}"
            continue
        theirs, ours = straight_line(measured()[name]), straight_line(simulated[name])
        yield (f"{operation.name:12} hold {held_ns(operation):7.1f} ns   slope {theirs[0]:7.1f}"
               f" measured, {ours[0]:7.1f} simulated ({ours[0] / theirs[0] - 1:+.1%})"
               f"   R2 {ours[1]:.5f}")


def draw(simulated, figure):
    """Lines: simulated. Points: measured."""
    colours = [style.COLOURS[name] for name in ("free", "high", "min", "reserve")]
    axes = figure.subplots(1, 2)
    for (axis, names) in zip(axes, (("bulk_alloc", "bulk_free", "random", "repeat"),
                                    ("order9_alloc",))):
        for name, colour, mark in zip(names, colours, "osD^"):
            axis.plot(simulated.index, simulated[f"{name}_ns"], color=colour)
            axis.plot(measured().index, measured()[f"{name}_ns"], mark, color=colour,
                      markerfacecolor="white")
            axis.plot([], [], f"{mark}-", color=colour, markerfacecolor="white", label=name)
        axis.yaxis.set_major_formatter(lambda ns, _: style.duration(ns))
        axis.set(xlabel="cores", ylabel="time of an operation", xlim=0, ylim=0)
        axis.legend()
    figure.suptitle("Contention of zone->lock: lines simulated, marks measured on Linux 6.0")
    axes[0].set_title("single pages")
    axes[1].set_title("blocks of 2 MiB")


def arguments(words):
    """The command line."""
    parser = published.command_line(__doc__, "zone_lock")
    parser.add_argument("--cores", metavar="N,...", default=",".join(map(str, range(1, 27))),
                        help="numbers of cores (default: 1 to 26)")
    return parser.parse_args(words)


def carry_out(options):
    """Runs, writes, prints a line an operation."""
    simulated = simulate(options.numasim, [int(count) for count in options.cores.split(",")])
    published.write(simulated, draw, (9, 3.6), options.out)
    print("\n".join(verdicts(simulated)))


def main(words):
    """The exit code."""
    options = arguments(words)
    return command.carry_out("zone_lock.py", lambda: carry_out(options), options.out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
