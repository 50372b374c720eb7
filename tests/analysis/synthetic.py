#!/usr/bin/python3
"""Run directories made up for tests, in the format of sim/results/RUN_DIRECTORY.md."""
import csv
import json
import math
from pathlib import Path

SERIES = ("time_ns,node,zone,free_pages,active_pages,inactive_pages,anon_pages,file_pages,"
          "dirty_pages,writeback_pages,pageset_pages,unfolded_free_pages").split(",")
ORDERS = ["time_ns", "node", "zone", *(f"order_{order}_blocks" for order in range(11))]
DEVICES = ("time_ns,device,read_requests,write_requests,in_flight,congested_read,"
           "congested_write").split(",")
EVENTS = "begin_ns,end_ns,kind,task,cpu,node,zone,order,gfp,value,detail".split(",")
ZONES = ("node,zone,start_pfn,spanned_pages,present_pages,min_pages,low_pages,high_pages,"
         "reserve_dma_pages,reserve_dma32_pages,reserve_normal_pages,"
         "reserve_movable_pages").split(",")
TASKS = ("id,task,daemon,cpu,begin_ns,end_ns,ending,running_ns,memory_ns,runnable_ns,"
         "sleeping_ns,waiting_ns").split(",")
WAITS = "id,task,queue,sleeps,total_ns".split(",")
VMSTAT = ["time_ns", "nr_free_pages"]
MS = 10**6


def zone(node, name, present, minimum, reserve=0):
    """A row of zones.csv with the kernel's usual marks."""
    return [node, name, 0, present, present, minimum, minimum * 5 // 4, minimum * 3 // 2,
            0, 0, reserve, reserve]


def event(begin_ms, end_ms, kind, node=-1, zone_name="-", detail="-", task="-"):
    """A row of events.csv."""
    return [round(begin_ms * MS), round(end_ms * MS), kind, task, -1 if task == "-" else 0, node,
            zone_name, -1, "-", -1, detail]


def write_run(path, zones, free_at, end_ms, events=(), queue_at=None, scenario="made up",
              seed=3, samples=240):
    """Writes a run. `free_at(zone row, t)` gives pages, `queue_at(t)` writes queued, t in 0..1."""
    path = Path(path)
    path.mkdir(parents=True, exist_ok=True)
    dates = [(i / samples, end_ms * MS * i // samples) for i in range(samples + 1)]
    _table(path / "zones.csv", ZONES, zones)
    _table(path / "series.csv", SERIES,
           [[ns, row[0], row[1], max(0, round(free_at(row, t)))] + [0] * 8
            for t, ns in dates for row in zones])
    _table(path / "devices.csv", DEVICES,
           [[ns, "sda", 0, queue_at(t) if queue_at else 0, 0, 0, 0] for t, ns in dates])
    _table(path / "events.csv", EVENTS, sorted(events, key=lambda row: row[1]))
    for name, header in (("orders", ORDERS), ("vmstat", VMSTAT), ("tasks", TASKS),
                         ("waits", WAITS)):
        _table(path / f"{name}.csv", header, [])
    thresholds = {"nr_requests": 128, "congestion_on_requests": 113,
                  "congestion_off_requests": 103}
    (path / "config.resolved.json").write_text(json.dumps({"name": scenario}))
    (path / "summary.json").write_text(json.dumps(
        {"numasim_summary": 1, "scenario": scenario, "seed": seed, "end_ns": end_ms * MS,
         "devices": {"sda": thresholds}}))
    return path


def _table(path, header, rows):
    with path.open("w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def storm(path, **options):
    """Two nodes that run into their marks, reclaim, and congest the disk from 6 s to 8.4 s."""
    zones = [zone(0, "DMA32", 200_000, 7_000, 1_000), zone(0, "Normal", 1_000_000, 35_000),
             zone(1, "Normal", 1_000_000, 35_000)]
    events = [event(6_000, 8_400, "congested", detail="sda:write"),
              event(6_300, 6_320, "congestion_wait", 0, "Normal", "write:timed_out", "writer")]
    for node in (0, 1):
        events += [event(1_000 + 400 * i, 1_200 + 400 * i, "kswapd", node) for i in range(25)]
        events += [event(6_100 + 300 * i, 6_250 + 300 * i + 200 * node, "direct_reclaim", node,
                         "Normal", "progress", f"writer{i}") for i in range(7)]

    def free_at(row, t):
        low = row[6]
        if 0.5 < t < 0.68:
            return low * 0.2
        return max(low * (1 + 0.2 * math.sin(60 * t)), row[4] * (1 - 9 * t))

    def queue_at(t):
        return 128 if 0.5 < t < 0.69 else round(40 + 25 * math.sin(20 * t))

    return write_run(path, zones, free_at, 12_000, events, queue_at,
                     **{"scenario": "writeback-storm", **options})


def spill(path):
    """A fill: node 0 runs dry, then its DMA zone down to its reserve, then node 1 falls."""
    zones = [zone(0, "DMA", 3_900, 62, 242), zone(0, "DMA32", 61_000, 968),
             zone(1, "DMA32", 64_500, 1_030)]
    falls = {(0, "DMA32"): (0.0, 0.45), (0, "DMA"): (0.45, 0.5), (1, "DMA32"): (0.5, 1.3)}

    def free_at(row, t):
        begin, end = falls[row[0], row[1]]
        floor = row[6] + row[10]
        return max(floor, row[4] * (1 - max(0, t - begin) / (end - begin)))

    events = [event(95, 95, "kswapd_wake", 0, "DMA32", task="fill"),
              event(95, 96, "kswapd", 0)]
    return write_run(path, zones, free_at, 210, events, scenario="anon2")


def idle(path):
    """Nothing happens on a small machine."""
    return write_run(path, [zone(0, "DMA", 4_000, 16)], lambda row, t: row[4], 0,
                     scenario="idle", samples=1)


def many_zones(path):
    """64 nodes; node 7 runs lowest. Failures, and two OOM kills, within a millisecond."""
    zones = [zone(node, "Normal", 30_000, 300) for node in range(64)]
    events = [event(0.2, 0.2, "oom_kill", 7, detail="hog"),
              event(0.6, 0.6, "oom_kill", 7, detail="hog2")]
    events += [event(i / 100, i / 100, "alloc_failed", 7, "Normal", "warned") for i in range(60)]
    return write_run(path, zones, lambda row, t: 200 + 2_000 * abs(row[0] - 7) * (1.05 - t), 1,
                     events, scenario="a scenario with a name that goes on and on, past all "
                     "that anybody would call reasonable")
