#!/usr/bin/python3
"""The zonelist cache on 28 nodes, beside what was measured on a machine of 56 CPUs.

example: analysis/zonelist_cache.py --out cache     writes cache.csv and cache.png
"""
import argparse
import json
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

if __name__ == "__main__":  # run as a program, from anywhere
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np
import pandas as pd
from analysis import command, published, style

PAGES_OF_GIB = 2**18
CHUNK = 128         # pages touched before the thread computes for them
USER_NS = 8227      # of a store: the row of 64 GiB and 19 threads
THREADS_OF_CPU = 2  # the published times have half as many CPUs at work as threads
NEAR = 0.25         # of the measured time
NO_GAIN = 0.02      # less is none: runs were told in whole seconds
WITHOUT, WITH = "without", "with"


def measured():
    """The published table, by (GiB, threads)."""
    return pd.read_csv(published.CONFIGS / "zonelist_cache_measured.csv",
                       index_col=["gib", "threads"])


def records(pages):
    """A thread that stores into each of its pages, and computes."""
    yield {"op": "map", "region": "memory", "pages": pages}
    for first in range(0, pages, CHUNK):
        part = min(CHUNK, pages - first)
        yield {"op": "touch", "region": "memory", "first_page": first, "pages": part}
        yield {"op": "compute", "duration_ns": part * USER_NS}


def write_scenario(path, share):
    """The machine with one in `share` of its pages."""
    scenario = json.loads((published.CONFIGS / path.name).read_text("utf-8"))
    for node in scenario["machine"]["nodes"]:
        node["memory_bytes"] //= share
    path.write_text(json.dumps(scenario), "utf-8")


def seconds(binary, gib, threads, cache, share):
    """System, user and elapsed time; of `share` runs where one was made with that share."""
    with tempfile.TemporaryDirectory() as place:
        scenario = Path(place) / "zonelist_cache.json"
        pages = gib * PAGES_OF_GIB // threads // share
        write_scenario(scenario, share)
        cpu_of = {f"thread{number}": number // THREADS_OF_CPU for number in range(threads)}
        published.write_trace(scenario.with_suffix(".jsonl"), cpu_of, lambda _: records(pages))
        tasks = published.tasks_of_run(binary, scenario,
                                       {"kernel.zonelist_cache": str(cache == WITH).lower()})
    user = pages * threads * USER_NS
    on_cpu = (tasks.running_ns + tasks.memory_ns + tasks.spinning_ns).sum()
    return {f"{what}_{cache}_s": nanoseconds * share / 10**9
            for what, nanoseconds in (("sys", on_cpu - user), ("user", user),
                                      ("real", tasks.end_ns.max()))}


def simulate(binary, rows, share, jobs):
    """The measured table's columns, for these rows."""
    cells = [(row, cache) for row in rows for cache in (WITHOUT, WITH)]
    with ThreadPoolExecutor(jobs) as pool:
        times = list(pool.map(lambda cell: seconds(binary, *cell[0], cell[1], share), cells))
    table = pd.DataFrame([without | with_it for without, with_it in zip(times[::2], times[1::2])],
                         index=pd.MultiIndex.from_tuples(rows, names=measured().index.names))
    return table[measured().columns]


def gain(table):
    """Share of the system time that the cache saves."""
    return 1 - table.sys_with_s / table.sys_without_s


def direction(gains):
    """1, 0 or -1: what is told of a gain that is more, or not more, than the noise."""
    return np.sign(gains.where(gains.abs() > NO_GAIN, 0))


def verdicts(simulated):
    """A line a row, then how many are near."""
    theirs = measured().loc[simulated.index]
    errors = simulated / theirs - 1
    for row in simulated.index:
        yield "{:2} GiB {:2} threads".format(*row) + "".join(
            f"   {what} {simulated[f'{what}_{cache}_s'][row]:6.0f} s"
            f" ({errors[f'{what}_{cache}_s'][row]:+4.0%})"
            for what, cache in (("sys", WITHOUT), ("sys", WITH), ("real", WITH))
        ) + f"   gain {gain(simulated)[row]:+6.1%}, measured {gain(theirs)[row]:+6.1%}"
    near = errors.abs() <= NEAR
    same = direction(gain(simulated)) == direction(gain(theirs))
    yield (f"within {NEAR:.0%}: sys {near.filter(like='sys').sum().sum()},"
           f" real {near.filter(like='real').sum().sum()} of {2 * len(near)};"
           f" gain of the same direction: {same.sum()} of {len(same)};"
           f" rank correlation of the gains"
           f" {gain(simulated).corr(gain(theirs), method='spearman'):.2f}")


def draw(simulated, figure):
    """Bars: simulated. Points: measured."""
    theirs = measured().loc[simulated.index]
    times, gains = figure.subplots(2, 1, sharex=True)
    places = np.arange(len(simulated))
    for shift, cache, colour in ((-0.2, WITHOUT, style.PAIR[1]), (0.2, WITH, style.PAIR[0])):
        column = f"sys_{cache}_s"
        times.bar(places + shift, simulated[column], 0.38, color=colour,
                  label=f"{cache} the cache")
        times.plot(places + shift, theirs[column], "o", color=style.INK, markerfacecolor="white",
                   label="measured" if cache == WITH else None)
    times.set(yscale="log", ylabel="system time, s", title="System time of the 28-node machine")
    times.legend(ncols=3)
    gains.bar(places, gain(simulated) * 100, 0.6, color=style.COLOURS["kswapd"])
    gains.plot(places, gain(theirs) * 100, "o", color=style.INK, markerfacecolor="white")
    gains.set(ylabel="saved by the cache, %", xlabel="GiB touched / threads")
    gains.set_xticks(places, [f"{gib}/{threads}" for gib, threads in simulated.index])


def rows_of(text):
    """12/1,38/19 -> [(12, 1), (38, 19)]"""
    rows = {f"{gib}/{threads}": (gib, threads) for gib, threads in measured().index}
    for name in text.split(","):
        if name not in rows:
            raise argparse.ArgumentTypeError(
                f"expected rows of the published table ({', '.join(rows)}), found {name!r}")
    return [rows[name] for name in text.split(",")]


def arguments(words):
    """The command line."""
    parser = published.command_line(__doc__, "zonelist_cache")
    parser.add_argument("--rows", metavar="GIB/THREADS,...", type=rows_of,
                        default=list(measured().index), help="default: the published 16")
    parser.add_argument("--share", metavar="N", type=int, default=1,
                        help="simulate one page in N, and count each N times (default: 1)")
    parser.add_argument("-j", "--jobs", metavar="N", type=int, default=2,
                        help="runs at a time (default: %(default)s)")
    return parser.parse_args(words)


def carry_out(options):
    """Runs, writes, prints a line a row."""
    simulated = simulate(options.numasim, options.rows, options.share, options.jobs)
    published.write(simulated, draw, (8, 5.2), options.out)
    print("\n".join(verdicts(simulated)))


def main(words):
    """The exit code."""
    options = arguments(words)
    return command.carry_out("zonelist_cache.py", lambda: carry_out(options), options.out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
