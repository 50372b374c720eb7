#!/usr/bin/python3
"""Drawing requests for pages: their latency, their rate, their place; and the blocks left free."""
import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from analysis import metrics, metrics_requests
from analysis.panels import edge_labels, headline, note
from analysis.style import COLOURS, INK, SOFT_INK, TINT, colour_map, duration, short

HUGE_PAGE_ORDER = 9
HZ_BY_10_NS = 100_000_000  # how long a task at most waits for congestion in __alloc_pages()
MOST_NUMBERED_NODES = 8
LEAST_RINGED = 100  # requests: fewer have no 99th percentile to speak of
SPILL_SHARE = 0.10
LINES = ("-", (0, (6, 2)), (0, (4, 1.5, 1, 1.5)), (0, (1.5, 1.5)))


def order_colour(order):
    """Small orders dark, large ones light: told apart without colour too."""
    return colour_map("viridis")(0.05 + 0.85 * order / 10)


def draw_fragmentation(ax, pages, end_ns, time):
    """Free pages of one zone by order over time, and when no large block was left.

    Returns what a colour bar needs.
    """
    counts = pages.to_numpy().T.astype(float)
    dates = np.append(pages.index, max(end_ns, pages.index[-1] + 1))
    edges = np.arange(len(pages.columns) + 1) - 0.5
    ax.set_facecolor(TINT)
    ax.grid(False)
    norm = LogNorm(max(1, counts[counts > 0].min(initial=1)), max(counts.max(), 10))
    mesh = ax.pcolormesh(time(dates), edges, np.ma.masked_less(counts, 1), norm=norm,
                         cmap="viridis", rasterized=True)
    ax.set_yticks(range(len(pages.columns)))
    ax.set_ylabel("order of the free block")
    ax.axhline(HUGE_PAGE_ORDER - 0.5, color="white", lw=2.2)
    ax.axhline(HUGE_PAGE_ORDER - 0.5, color=INK, lw=0.9, ls="--")
    return mesh


def fragmentation_note(pages):
    """For how much of the samples no block as large as a huge page was free."""
    if pages.empty:
        return ""
    none = (pages[[order for order in pages if order >= HUGE_PAGE_ORDER]].sum(axis=1) == 0).mean()
    return f"no block of 2 MiB free in {none:.0%} of the samples"


def draw_latency(ax, slower, percentiles):
    """Each order's share of requests that waited longer than x, both axes logarithmic."""
    labels = []
    for place, row in enumerate(percentiles.itertuples(index=False)):
        colour = order_colour(row.order)
        last = draw_latency_line(ax, slower[slower["order"] == row.order], color=colour,
                                 ls=LINES[place % len(LINES)], lw=1.6)
        if row.requests >= LEAST_RINGED and row.p99_ns > 0:
            ax.plot([row.p99_ns], [0.01], "o", ms=5, mfc="white", mec=colour, mew=1.5, zorder=5)
        if last:
            p99 = duration(row.p99_ns) if row.p99_ns else "no wait"
            labels.append((last, f"order {row.order}  p99 {p99}", colour))
    label_latency(ax, slower)
    edge_labels(ax, labels)


def draw_latency_line(ax, slower, **look):
    """One line of it; returns the share at its end, None where nothing waited."""
    slow = slower[slower["left"] > 0]
    if slow.empty:
        return None
    longest = slower["wait_ns"].max()
    x = np.append(np.maximum(slow["wait_ns"], 0.1), longest)
    y = np.append(slow["share"], slow["share"].iloc[-1])
    ax.plot(x, y, drawstyle="steps-post", **look)
    return y[-1]


def label_latency(ax, slower):
    """The axes of draw_latency(): from the shortest wait to the longest, from all to the rarest."""
    waits = slower.loc[slower["wait_ns"] > 0, "wait_ns"]
    if waits.empty:
        note(ax, "no request waited", at=(0.5, 0.5), align=("center", "center"))
    least, most = (10 ** np.floor(np.log10(waits.min())), waits.max()) if len(waits) else (100, 1e6)
    shares = slower.loc[slower["left"] > 0, "share"]
    reach = HZ_BY_10_NS if most > 0.2 * HZ_BY_10_NS else 10 * least
    least = min(least, reach / 100)
    ax.set(xscale="log", yscale="log", xlim=(least, 1.6 * max(most, reach)),
           ylim=(min(shares.min() if len(shares) else 1, 0.01) / 2, 1.3))
    _tick_latency(ax)
    if reach == HZ_BY_10_NS:
        ax.axvline(HZ_BY_10_NS, color=COLOURS["congested"], lw=1.1, ls=":")
        ax.annotate("HZ/10 ", (HZ_BY_10_NS, 1), xycoords=("data", "axes fraction"), va="top",
                    ha="right", fontsize=8, color=SOFT_INK)


def _tick_latency(ax):
    names = {1: "all", 0.1: "p90"}
    names |= {10.0**-i: "p99" + "." * (i > 2) + "9" * (i - 2) for i in range(2, 9)}
    ax.yaxis.set_major_locator(FixedLocator(list(names)))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: names.get(y, "")))
    ax.yaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_minor_locator(NullLocator())
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: duration(x)))
    for label in ax.get_xticklabels():
        label.set(rotation=28, ha="right")
    ax.set_xlabel("wait of a request for its answer")


def draw_locality(ax, table):
    """The nodes of CPUs against those of memory; the largest share that left home is boxed."""
    nodes = sorted(table["cpu_node"].unique())
    share = table["share"].to_numpy().reshape(len(nodes), len(nodes))
    ax.grid(False)
    ax.set_facecolor(TINT)
    shades = ax.imshow(np.ma.masked_invalid(share), cmap="Blues", vmin=0, vmax=1, aspect="auto",
                       interpolation="nearest")
    every = max(1, len(nodes) // 8)
    ax.set_xticks(range(0, len(nodes), every), nodes[::every])
    ax.set_yticks(range(0, len(nodes), every), nodes[::every])
    ax.set_xlabel("page placed on node")
    ax.set_ylabel("task runs on node")
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)
    if len(nodes) <= MOST_NUMBERED_NODES:
        _number_cells(ax, table, nodes)
    _box_spill(ax, table, nodes)
    return shades


def _number_cells(ax, table, nodes):
    small = len(nodes) > 4
    for row in table.itertuples(index=False):
        x, y = nodes.index(row.memory_node), nodes.index(row.cpu_node)
        if np.isnan(row.share):
            if x == 0:
                ax.text(0, y, "no requests", va="center", fontsize=8, color=SOFT_INK)
            continue
        dark = row.share > 0.55
        ax.text(x, y - 0.08, f"{row.share:.0%}" if small else f"{row.share:.1%}", ha="center",
                va="center", weight="bold", fontsize=8 if small else 9.5,
                color="white" if dark else INK)
        ax.text(x, y + 0.27, f"d={row.distance}", ha="center", va="center",
                fontsize=6 if small else 7, color="white" if dark else INK)


def _box_spill(ax, table, nodes):
    away = table[(table["cpu_node"] != table["memory_node"]) & (table["share"] >= SPILL_SHARE)]
    if away.empty:
        return
    worst = away.loc[away["share"].idxmax()]
    x, y = nodes.index(worst["memory_node"]) - 0.5, nodes.index(worst["cpu_node"]) - 0.5
    ax.add_patch(Rectangle((x, y), 1, 1, fill=False, ec=COLOURS["min"], lw=2.2, zorder=4,
                           clip_on=False))
    if len(nodes) <= MOST_NUMBERED_NODES:
        ax.annotate("spill", (x, y), xytext=(4, -4), textcoords="offset points", fontsize=7,
                    va="top", color=COLOURS["min"], weight="bold",
                    bbox={"fc": "white", "ec": "none", "pad": 1})


def draw_allocation_rate(ax, rate, time):
    """Memory handed out over time, stacked by order, small orders at the bottom."""
    ax.set_ylabel("handed out (MiB/s)")
    ax.yaxis.set_major_formatter(FuncFormatter(short))
    bottom, labels = None, []
    for order, of in rate.groupby("order"):
        edges = time(np.append(of["begin_ns"], of["end_ns"].iloc[-1]))
        height = np.append(of["mib_per_s"], of["mib_per_s"].iloc[-1])
        bottom = np.zeros(len(edges)) if bottom is None else bottom
        ax.fill_between(edges, bottom, bottom + height, step="post", color=order_colour(order),
                        lw=0.4, ec="white")
        labels.append((order, (of["mib_per_s"] * (of["end_ns"] - of["begin_ns"])).sum() / 1e9))
        bottom = bottom + height
    if bottom is None:
        note(ax, "no pages were asked for", at=(0.5, 0.5), align=("center", "center"))
    ax.set_ylim(0, max(1.08 * bottom.max(), 1e-9) if bottom is not None else 1)
    return labels


def latency_note(percentiles):
    """The number of requests in words, and the orders that have no line."""
    never = percentiles.loc[percentiles["max_ns"] == 0, "order"].astype(str)
    text = f"{percentiles['requests'].sum():,} requests"
    if ((percentiles["requests"] >= LEAST_RINGED) & (percentiles["p99_ns"] > 0)).any():
        text += ", ring: p99"
    return text + (f"   none waited of order {', '.join(never)}" if len(never) else "")


def name_zone(ax, node, zone, remark=""):
    """Says which zone a panel is about."""
    headline(ax, f"node {node} / {zone}", remark)


def lowest_zone(run):
    """The zone that came closest to its marks, of those above 64 MiB if there are such."""
    large = run.zones[metrics.mib(run.zones["present_pages"]) >= 64]
    zones = large if len(large) else run.zones
    free = metrics.free_against_marks(run.series, run.zones)
    free = free.merge(zones[["node", "zone"]], on=["node", "zone"])
    return tuple(metrics.lowest_zones(free, 1).iloc[0]) if len(free) else None


def latency_tables(run):
    """The tables of draw_latency()."""
    return (metrics_requests.slower_than(run.request_waits),
            metrics_requests.percentiles(run.request_waits))
