#!/usr/bin/python3
"""Small recordings: a real machine's console and dump, with a made-up workload on it."""
import gzip
import json
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MACHINE = ROOT / "tests/workloads/data/kernel2624_anon2"
PREFIX = "NAME=x NODES=2 MB=256 APPEND=console=ttyS0 panic=1 mem=512M "
SAMPLES = ["ms\tzone\tfree\tinactive\tactive\tanon\tdirty\twriteback\tpages_scanned\tfile\tslab",
           "0.1\t0\t2766\t0\t0\t0\t0\t0\t0\t0\t0",
           "0.1\t1\t59881\t9\t10\t10\t0\t0\t0\t10\t312",
           "0.1\t5\t63958\t12\t1\t0\t0\t0\t0\t13\t377"]
EVENTS = ["idx\tns\tcpu\tirq\tpid\ttype\ta0\ta1\ta2\ta3\ta4\ta5",
          "1\t100000\t0\t0\t1\tMARK\t1\t0\t0\t0\t0\t0",
          "2\t3000000\t0\t1\t1\tVMSTAT\t0\t0\t0\t0\t0\t0",
          "3\t900000000\t0\t0\t1\tMARK\t3\t0\t0\t0\t0\t0"]
SUMMARY = {"vmstat_delta": {}, "alloc_by_zone": {"1": 331}, "t0_ns": 5190980028}


def write_gzip(path, lines):
    """Writes lines, compressed."""
    path.write_bytes(gzip.compress("".join(f"{line}\n" for line in lines).encode()))


def make_recording(folder, workload, summary=None, events=(), samples=()):
    """A folder with a recording of `workload`, the end of a kernel's command line."""
    folder.mkdir(parents=True)
    for name in ("console.txt.gz", "dump0.tsv.gz"):
        shutil.copy(MACHINE / name, folder / name)
    (folder / "cmd.txt").write_text(PREFIX + workload + " ACC=-accel tcg\n")
    (folder / "summary.json").write_text(json.dumps({**SUMMARY, **(summary or {})}))
    write_gzip(folder / "events.tsv.gz", [*EVENTS, *events])
    write_gzip(folder / "samples.tsv.gz", [*SAMPLES, *samples])
    return folder
