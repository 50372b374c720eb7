#!/usr/bin/python3
"""One look for all figures: Okabe-Ito colours with one meaning each, the same file each time."""
import os
import tempfile
from contextlib import contextmanager
from functools import wraps
from pathlib import Path

INK, SOFT_INK, GRID, TINT = "#22272e", "#57606a", "#e3e6ea", "#eef0f2"
COLOURS = {"free": "#0072B2", "high": "#009E73", "low": "#E69F00", "min": "#D55E00",
           "reserve": "#6e7781", "kswapd": "#56B4E9", "direct": "#E69F00", "oom": "#B00020",
           "failed": "#22272e", "congested": "#CC79A7", "write": "#5B3E96", "read": "#009E73"}
# Where time goes: colour, and a hatch where two neighbours are of one grey.
PARTS = {"on_cpu": ("#cfd8dc", "", "on its CPU"), "memory": ("#90a4ae", "", "memory traffic"),
         "runnable": ("#f2d8a7", "....", "runnable"), "lock": ("#5f6b76", "----", "lock wait"),
         "congestion_wait": ("#CC79A7", "\\\\\\\\", "congestion_wait"),
         "page_io": ("#0072B2", "", "page I/O"), "other": ("#b9a58a", "xxxx", "other waits"),
         "asleep": ("#ffffff", "", "asleep by itself")}
PAIR = ("#0072B2", "#D55E00")  # two runs side by side: the first, the other
DASHES = {"high": (0, (6, 2)), "low": (0, (4, 2, 1, 2)), "min": (0, (2, 1.5)),
          "reserve": (0, (1, 2))}
DOTS_PER_INCH = 150

_SETTINGS = {
    "figure.dpi": DOTS_PER_INCH, "savefig.dpi": DOTS_PER_INCH, "figure.facecolor": "white",
    "font.family": ["DejaVu Sans"], "font.size": 9, "axes.titlesize": 9.5,
    "axes.titleweight": "bold", "axes.titlelocation": "left", "axes.titlepad": 3,
    "axes.labelcolor": INK, "axes.labelsize": 8.5, "text.color": INK,
    "axes.edgecolor": "#9aa4af", "xtick.color": INK, "ytick.color": INK,
    "xtick.labelsize": 8.5, "ytick.labelsize": 8.5, "axes.spines.top": False,
    "axes.spines.right": False, "axes.grid": True, "grid.color": GRID, "grid.linewidth": 0.7,
    "axes.axisbelow": True, "legend.frameon": False, "legend.fontsize": 8,
    "hatch.linewidth": 0.5, "svg.hashsalt": "numasim", "svg.fonttype": "path"}


def _writable(directory):
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError:
        return False
    return os.access(directory, os.W_OK | os.X_OK)


def _own_directory_in_tmp():
    """The same place each time, so that the font list is made once; never somebody else's."""
    place = Path(tempfile.gettempdir()) / f"numasim-matplotlib-{os.getuid()}"
    try:
        place.mkdir(mode=0o700, exist_ok=True)
        ours = not place.is_symlink() and place.stat().st_uid == os.getuid()
    except OSError:
        ours = False
    return str(place) if ours else tempfile.mkdtemp(prefix="numasim-matplotlib-")


def choose_cache_directory(environment):
    """Gives matplotlib a place it may write to when the home directory is none."""
    if "MPLCONFIGDIR" in environment:
        return
    home = Path(environment.get("HOME", "/nonexistent"))
    places = [Path(environment.get("XDG_CONFIG_HOME") or home / ".config"),
              Path(environment.get("XDG_CACHE_HOME") or home / ".cache")]
    if not all(_writable(place / "matplotlib") for place in places):
        environment["MPLCONFIGDIR"] = _own_directory_in_tmp()


choose_cache_directory(os.environ)


@contextmanager
def look():
    """Draws with our settings and nobody else's: a user's matplotlibrc changes no figure."""
    import matplotlib
    with matplotlib.rc_context():
        matplotlib.rcdefaults()
        matplotlib.rcParams.update(_SETTINGS)
        yield


def drawn(figure):
    """A function that draws, in our look."""
    @wraps(figure)
    def in_our_look(*words, **named):
        with look():
            return figure(*words, **named)
    return in_our_look


def colour_map(name):
    """A colour map by its name."""
    from matplotlib import colormaps
    return colormaps[name]


def duration(ns):
    """A time for people: "0", "850 ns", "3.9 µs", "100 ms"."""
    for name, unit in (("s", 1e9), ("ms", 1e6), ("µs", 1e3), ("ns", 1)):
        if abs(ns) >= unit:
            number = ns / unit
            return f"{number:,.0f} {name}" if number >= 9.95 else f"{number:.2g} {name}"
    return "0"


def short(number, _place=None):
    """A number in at most five characters: "538", "1.3k", "12k", "2.4M"."""
    for name, unit in (("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(number) >= 0.9995 * unit:
            part = f"{number / unit:.2g}" if abs(number) < 9.95 * unit else f"{number / unit:.0f}"
            return part + name
    return f"{number:.3g}"


def save(figure, file, file_format):
    """Writes the figure as png or svg; the same figure gives the same bytes."""
    metadata = {"png": {"Software": None}, "svg": {"Date": None, "Creator": None}}
    with look():
        figure.savefig(file, format=file_format, metadata=metadata[file_format])
