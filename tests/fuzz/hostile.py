#!/usr/bin/python3
"""Spoils good inputs, case by case, and looks at how the program takes it.

A case is a number: the same number spoils the same bytes. `hostile.py KIND NUMBER` shows one.
"""
import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Callable

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("NUMASIM_BINARY", str(ROOT / "build/numasim"))
DATA = ROOT / "tests/workloads/data"
LONGEST_SECONDS = 60

# What nobody but a programmer should ever read.
INTERNALS = re.compile(r"internal error|terminate called|what\(\)|Backtrace|nlohmann|boost::|std::|"
                       r"json\.exception|Assertion|Sanitizer|MM_CHECK|check failed|Segmentation")
A_MESSAGE = re.compile(r"^(numasim: .+|[^:]+(:\d+(:\d+)?)?: .+)$")

CROOKED = [b'"', b"{", b"}", b"[", b"]", b",", b":", b"null", b"-", b"-1", b"1e99", b"\\", b"\xff",
           b"0", b"//", b"/*", b"\n", b"\r\n", b"\t", b'"a":', b"true", b"18446744073709551616",
           b"\0", b"\xef\xbb\xbf", b"0.5", b"99999999999", b'"\\ud800"', b" "]

TRACE = b"""{"numasim_trace":1,"tasks":[{"name":"a","cpu":0},{"name":"b","cpu":0}]}
{"t":0,"task":"a","op":"alloc","id":1,"order":3,"gfp":"GFP_KERNEL"}
{"t":5000,"task":"b","op":"map","region":"heap","pages":300}
{"t":5000,"task":"b","op":"touch","region":"heap","pages":300,"write":true}
{"t":9000,"task":"a","op":"free","id":1}
{"t":9500,"task":"a","op":"sleep","duration_ns":1000}
{"t":9600,"task":"b","op":"mbind","region":"heap","policy":{"mode":"bind","nodes":[0]},"move":"own"}
{"t":9700,"task":"a","op":"sysctl","name":"swappiness","value":80}
{"t":9800,"task":"a","op":"cpuset","cpuset":"/","memory_pressure_enabled":true}
{"t":9850,"task":"a","op":"oom_adj","who":"b","value":-3}
{"t":9860,"task":"a","op":"wait","who":"b","records":3}
{"t":9870,"task":"a","op":"look_up","directory":"/usr","first_name":5,"names":400}
{"t":9900,"task":"b","op":"exit"}
"""


@dataclass
class Kind:
    """A kind of input: good files, the one to be spoilt among them, and what reads them."""
    name: str
    files: Callable[[random.Random], dict]  # name -> bytes; the first is spoilt
    args: list
    allowed: tuple = (0, 3)
    leaves_nothing: tuple = field(default=())  # what may not stand after an error
    spoilt: bool = True  # else the files are strange enough as they are made


NUMBERS = [b"0", b"1", b"2", b"3", b"10", b"11", b"64", b"255", b"4096", b"65536", b"2147483648",
           b"4294967295", b"9223372036854775807", b"18446744073709551615"]


def swap_token(text, rng):
    """A number, or a text in quotes, becomes another one: the syntax stays."""
    tokens = list(re.finditer(rb'"[^"\n]*"|\b\d+\b', text))
    if not tokens:
        return text
    token = rng.choice(tokens)
    others = [other.group() for other in tokens if other.group()[:1] == b'"']
    is_text = token.group()[:1] == b'"'
    new = rng.choice(others) if is_text and others else rng.choice(NUMBERS)
    return text[:token.start()] + new + text[token.end():]


def spoil_bytes(text, rng):
    """A few bytes are taken out, put in, changed or copied; sometimes the end is missing."""
    text = bytearray(text)
    place, what = rng.randrange(len(text) + 1), rng.random()
    if what < 0.25:
        del text[place:place + rng.randint(1, 12)]
    elif what < 0.6:
        text[place:place + rng.choice((0, 0, 1, 4))] = rng.choice(CROOKED)
    elif what < 0.75:
        text[place:place + 1] = bytes([rng.randrange(256)])
    elif what < 0.95:
        start = rng.randrange(len(text) + 1)
        text[place:place] = text[start:start + rng.randint(1, 80)]
    else:
        del text[place:]
    return bytes(text)


def spoil(text, rng):
    """Once, mostly; now and then in many places."""
    for _ in range(rng.choice((1, 1, 1, 2, 5))):
        text = (swap_token if rng.random() < 0.6 else spoil_bytes)(text, rng)
    return text


def spoil_file(name, data, rng):
    """A compressed file is spoilt within, or its own bytes are."""
    if name.endswith(".gz") and rng.random() < 0.8:
        return gzip.compress(spoil(gzip.decompress(data), rng), mtime=0)
    return spoil(data, rng)


def _scenario(rng):
    scenario = rng.choice(sorted((ROOT / "configs/scenarios").glob("*.json")))
    text = re.sub(rb'"trace": *"[^"]*"', b'"trace": "t.jsonl"', scenario.read_bytes())
    machines = sorted((ROOT / "configs/machines").glob("*.json"))
    return {"scenarios/s.json": text, "scenarios/t.jsonl": TRACE,
            **{f"machines/{machine.name}": machine.read_bytes() for machine in machines}}


def _trace(rng):
    packed = rng.random() < 0.3
    return {"t.jsonl.gz" if packed else "t.jsonl": gzip.compress(TRACE) if packed else TRACE}


def _trace_and_scenario(rng):
    return {**_trace_plain(rng), "s.json": b'{"workload":{"trace":"t.jsonl"},"machine":{"nodes":'
            b'[{"memory_bytes":"64MiB"},{"memory_bytes":"64MiB"}]}}'}


def _trace_plain(_):
    return {"t.jsonl": TRACE}


def _capture(_):
    text = gzip.decompress((DATA / "ftrace/a.trace.gz").read_bytes())
    return {"c.txt": b"".join(text.splitlines(keepends=True)[:300])}


def _recording(rng):
    folder = DATA / rng.choice(("kernel2624_boot2", "kernel2624_anon2"))
    files = {f"r/{path.name}": path.read_bytes() for path in sorted(folder.iterdir())}
    first = rng.choice(sorted(files))
    return {first: files.pop(first), **files}


def _sweep(rng):
    """A sweep's file beside what it names; only listed, or its table would take minutes."""
    sweep = rng.choice(sorted((ROOT / "configs/sweeps").glob("*.json")))
    others = [path for folder in ("machines", "scenarios", "scenarios/traces")
              for path in sorted((ROOT / "configs" / folder).glob("*.json*"))]
    return {"sweeps/w.json": sweep.read_bytes(),
            **{str(path.relative_to(ROOT / "configs")): path.read_bytes() for path in others}}


def _llfree(rng):
    """Any bytes are a trace of sixteen bytes a record, or are not."""
    return {"l.bin": rng.randbytes(rng.choice((0, 15, 16, 160, 1600)))}


def _golden(rng):
    """The beginning of a recording of decisions."""
    family = rng.choice(("cpuset", "setup", "watermark", "slowpath", "vmscan"))
    with gzip.open(ROOT / f"tests/golden/2.6.24/{family}.jsonl.gz") as file:
        lines = [line for _, line in zip(range(6), file)]
    lines[0] = re.sub(rb'"cases": *\d+', b'"cases": 5', lines[0])
    return {"g.jsonl": b"".join(lines)}


@lru_cache(maxsize=1)
def leaves():
    """(path, schema) of every setting that is no section; "0" stands for a list's element."""
    done = subprocess.run([PROGRAM, "schema"], check=True, capture_output=True, text=True)
    found = []

    def walk(path, schema):
        schema = next((kind for kind in schema.get("anyOf", ()) if kind.get("type") != "string"),
                      schema)
        if schema.get("type") == "object":
            for key, inner in schema["properties"].items():
                walk((*path, key), inner)
        elif schema.get("type") == "array":
            walk((*path, 0), schema["items"])
        else:
            found.append((path, schema))

    walk((), json.loads(done.stdout))
    return [(path, schema) for path, schema in found
            if path[0] not in ("$schema", "extends", "name") and path[-1] != "trace"]


def legal_value(schema, rng):
    """A value at an edge of its range, or anywhere in it."""
    if "enum" in schema:
        return rng.choice(schema["enum"])
    if schema.get("type") == "boolean":
        return rng.random() < 0.5
    if schema.get("type") != "integer":
        return "x"
    least, most = schema["minimum"], schema["maximum"]
    somewhere = least + min(most - least, int(2 ** (rng.random() * 40)))
    return rng.choice((least, most, least + 1, somewhere, somewhere, somewhere))


def say(tree, path, value):
    """Puts a value into a tree of sections and lists."""
    *way, last = path
    for step, following in zip(way, path[1:]):
        empty = [] if following == 0 else {}
        if isinstance(tree, list):
            tree.extend([empty] * (not tree))
            tree = tree[0]
        else:
            tree = tree.setdefault(step, empty)
    if isinstance(tree, list):
        tree[:] = [value]
    else:
        tree[last] = value


def _settings(rng):
    """A scenario of legal values that nobody tried together."""
    scenario = {"workload": {"trace": "t.jsonl"}}
    for path, schema in rng.sample(leaves(), rng.randint(1, 5)):
        say(scenario, path, legal_value(schema, rng))
    scenario.setdefault("run", {})["time_limit_ns"] = 20_000_000
    return {"s.json": json.dumps(scenario).encode(), "t.jsonl": TRACE}


KINDS = [
    Kind("settings", _settings, ["run", "s.json", "--out", "o", "--no-figure", "--quiet"],
         allowed=(0, 1, 3), leaves_nothing=("o",), spoilt=False),
    Kind("scenario", _scenario, ["run", "@", "--dry-run"]),
    Kind("show-config", _scenario, ["show-config", "@"]),
    Kind("trace", _trace, ["validate", "@"]),
    Kind("trace stat", _trace, ["trace", "stat", "@"]),
    Kind("run", _trace_and_scenario,
         ["run", "s.json", "--out", "o", "--no-figure", "--quiet", "--set",
          "run.time_limit_ns=50ms"], allowed=(0, 1, 3), leaves_nothing=("o",)),
    Kind("ftrace", _capture, ["import", "ftrace", "@", "--nodes", "4", "--memory", "256MiB",
                              "--out", "o"], leaves_nothing=("o",)),
    Kind("perf", _capture, ["import", "perf", "@", "--nodes", "1", "--memory", "256MiB",
                            "--cpus", "4", "--out", "o"], leaves_nothing=("o",)),
    Kind("llfree", _llfree, ["import", "llfree", "@", "--nodes", "1", "--memory", "256MiB",
                             "--cpus", "4", "--out", "o"], leaves_nothing=("o",), spoilt=False),
    Kind("trace convert", _trace, ["trace", "convert", "@", "o.jsonl.zst"],
         leaves_nothing=("o.jsonl.zst",)),
    Kind("sweep", _sweep, ["sweep", "@", "--list"], allowed=(0, 2, 3, 4)),
    Kind("kernel2624", _recording, ["import", "kernel2624", "r", "--out", "o"],
         allowed=(0, 3, 4), leaves_nothing=("o",)),
    Kind("conform", _golden, ["conform", "@"], allowed=(0, 1, 3)),
    Kind("conform folder", _recording, ["conform", "r"], allowed=(0, 1, 3, 4)),
]


def run_on(kind, files, folder):
    """Runs the program on files; returns what is wrong with how it ended, or nothing."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    args = [next(iter(files)) if arg == "@" else arg for arg in kind.args]
    try:
        done = subprocess.run([PROGRAM, *args], cwd=folder, capture_output=True,
                              timeout=LONGEST_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"still running after {LONGEST_SECONDS} s"
    return fault_in(kind, done, folder)


def fault_in(kind, done, folder):
    """What a user may not see."""
    said = done.stderr.decode(errors="replace")
    if done.returncode not in kind.allowed:
        return f"exit code {done.returncode}: {said[-600:]}"
    if INTERNALS.search(said):
        return f"speaks of its insides: {said[-600:]}"
    if done.returncode in (3, 4):
        strange = [line for line in said.splitlines() if not A_MESSAGE.match(line)]
        if not said or strange:
            return f"no clear message: {strange[:3] or 'silence'}"
        left = [name for name in kind.leaves_nothing if (folder / name).exists()]
        if left:
            return f"leaves {left} behind"
    return None


def files_of_case(kind, number):
    """The first of them is spoilt."""
    rng = random.Random(f"{kind.name} {number}")
    files = kind.files(rng)
    first = next(iter(files))
    if kind.spoilt:
        files[first] = spoil_file(first, files[first], rng)
    return files


def run_case(kind, number):
    """One spoilt input."""
    files = files_of_case(kind, number)
    folder = Path(tempfile.mkdtemp(prefix="numasim-hostile-"))
    try:
        return run_on(kind, files, folder)
    finally:
        shutil.rmtree(folder)


def show(kind_name, number):
    """Leaves the files of a case in a folder and says how the program takes them."""
    kind = next(kind for kind in KINDS if kind.name == kind_name)
    files = files_of_case(kind, number)
    folder = Path(tempfile.mkdtemp(prefix="numasim-hostile-"))
    print(folder, " ".join(kind.args), run_on(kind, files, folder) or "is taken well")


if __name__ == "__main__":
    show(sys.argv[1], int(sys.argv[2]))
