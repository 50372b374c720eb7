#!/usr/bin/python3
"""Every figure: it holds for runs with nothing in them, stays on its page, repeats to the byte."""
import io
import re
import tempfile
import unittest
from pathlib import Path

import analysis
from analysis import gallery, run_figures, run_figures_waits, style
from analysis.sheet import NARROW, WIDE, Sheet, in_rows
from tests.analysis import synthetic
from tests.analysis.pages import edge_of, overlapping_texts
from tests.cli.program import ROOT, numasim

GOLDEN = ROOT / "tests/results/golden_run"
FIGURES = (run_figures.fragmentation, run_figures.latency, run_figures.task_time,
           run_figures.locality, run_figures.allocation_rate, run_figures.timeline,
           run_figures.reclaim_efficiency, run_figures_waits.waits, run_figures_waits.lock_waits,
           run_figures_waits.devices, run_figures_waits.cpuset_pressure,
           run_figures_waits.dashboard, analysis.pressure_figure)


def content(figure, file_format):
    """The bytes of a figure's file."""
    file = io.BytesIO()
    style.save(figure, file, file_format)
    return file.getvalue()


class Figures(unittest.TestCase):
    """All of them, of runs of every kind."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.place = Path(folder.name)
        made = [make(cls.place / make.__name__) for make in
                (synthetic.storm, synthetic.spill, synthetic.idle, synthetic.many_zones)]
        for name in ("quickstart", "cpuset_hardwall"):
            numasim("run", ROOT / f"configs/scenarios/{name}.json", "--out", cls.place / name,
                    "--no-figure", "--quiet")
        cls.runs = [analysis.load_run(path) for path in
                    (*made, GOLDEN, cls.place / "quickstart", cls.place / "cpuset_hardwall")]

    def test_can_be_drawn_of_any_run_with_all_on_the_page_and_no_text_on_another(self):
        spoilt = []
        for run in self.runs:
            for draw in FIGURES:
                for width in (WIDE, NARROW):
                    figure = draw(run, width)
                    off_the_page = (edge_of(figure) != 255).any()
                    if off_the_page or overlapping_texts(figure):
                        spoilt.append(f"{run.path.name} {draw.__name__} {width} {off_the_page} "
                                      f"{overlapping_texts(figure)}")
        self.assertEqual(spoilt, [])

    def test_repeat_to_the_byte_as_png_and_svg(self):
        run = self.runs[-2]
        for exhibit in gallery.of_run(run):
            for file_format in ("png", "svg"):
                again = [content(exhibit.draw(WIDE), file_format) for _ in range(2)]
                self.assertEqual(again[0], again[1], f"{exhibit.name}.{file_format}")

    def test_say_title_scenario_and_seed(self):
        run = self.runs[-2]
        for exhibit in gallery.of_run(run):
            written = " ".join(text.get_text() for text in exhibit.draw(WIDE).texts)
            self.assertIn("quickstart   seed 1", written, exhibit.name)
            self.assertGreater(len(written.split("scenario:")[0]), 4, exhibit.name)

    def test_are_left_out_of_the_gallery_when_there_is_nothing_to_show(self):
        names = {run.path.name: [exhibit.name for exhibit in gallery.of_run(run)]
                 for run in self.runs}
        self.assertEqual(names["idle"], ["dashboard", "pressure", "timeline"])
        self.assertLessEqual({"fragmentation", "latency", "allocation_rate", "task_time",
                              "reclaim", "waits", "devices", "locality"},
                             set(names["quickstart"]))

    def test_their_tables_have_units_in_the_names_of_their_columns(self):
        plain = {"node", "zone", "kind", "task", "cpu", "order", "gfp", "value", "detail", "tasks",
                 "queue", "sleeps", "by", "share", "left", "efficiency", "device", "direction",
                 "lock", "waits", "requests", "cpu_node", "memory_node", "distance",
                 "largest_order"}
        for exhibit in gallery.of_run(self.runs[-2]):
            for column in exhibit.table():
                unit = column.endswith(("_ns", "_mib", "_per_s", "_blocks"))
                self.assertTrue(unit or column in plain, f"{exhibit.name}: {column}")


    def test_every_axis_says_what_it_shows_and_in_which_unit(self):
        plain = {"order of the free block", "requests queued", "task runs on node",
                 "page placed on node", "free pages", "pages a second", "time waited in all",
                 "wait of a request for its answer"}  # counts, and ticks that carry their unit
        for exhibit in gallery.of_run(self.runs[-2]):
            labels = {label for ax in exhibit.draw(WIDE).axes
                      for label in (ax.get_xlabel(), ax.get_ylabel()) if label}
            self.assertTrue(labels, exhibit.name)
            for label in labels - plain:
                self.assertRegex(label, r" \((ns|µs|ms|s|MiB|MiB/s|%)\)$", exhibit.name)

    def test_of_sweeps_say_title_sweep_and_seed_and_repeat_to_the_byte(self):
        numasim("sweep", ROOT / "configs/sweeps/reserve.json", "--out", self.place / "sweep", "-q")
        sweep = analysis.load_sweep(self.place / "sweep")
        for exhibit in gallery.of_sweep(sweep):
            written = " ".join(text.get_text() for text in exhibit.draw(WIDE).texts)
            self.assertIn(f"Sweep: {exhibit.title} sweep: reserve   8 runs = 8, seed 1", written)
            self.assertEqual(content(exhibit.draw(WIDE), "svg"),
                             content(exhibit.draw(WIDE), "svg"))

    def test_each_that_the_guide_names_is_a_function_of_the_package(self):
        table = (ROOT / "analysis/README.md").read_text().split("| name | shows |")[1]
        names = [name for row in re.findall(r"^\| (`.*?) \| ", table.split("\n\n")[0], re.MULTILINE)
                 for name in re.findall(r"`(\S+)`", row)]
        self.assertGreater(len(names), 15)
        for name in names:
            figure = analysis
            for part in name.split("."):
                figure = getattr(figure, part)
            self.assertTrue(callable(figure), name)


class Sheets(unittest.TestCase):
    """The head of a page."""

    def test_no_title_is_cut_and_no_number_loses_its_unit(self):
        title = "Sweep: waits.direct_reclaim.total_ns, B / A"
        subtitle = "scenario: quickstart   seed 1   2 nodes, 189 MiB   6.07 s simulated"
        head = [text.get_text() for text in Sheet(title, subtitle, 2, NARROW).figure.texts]
        self.assertEqual(" ".join(head[0].splitlines()), title)
        self.assertEqual([head[0].splitlines()[-1], *head[1].splitlines()],
                         ["B / A", "scenario: quickstart   seed 1   2 nodes, 189 MiB",
                          "6.07 s simulated"])

    def test_a_legend_reads_row_by_row(self):
        # matplotlib fills columns: of seven in three, the first column takes three
        self.assertEqual(in_rows(list("abcdefg"), 3), list("adgbecf"))


def luminance(colour):
    """How light a colour is without its hue: 0 black, 1 white (Rec. 709)."""
    red, green, blue = (int(colour[i:i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


class InGrey(unittest.TestCase):
    """What is told apart by colour is told apart without."""

    def test_neighbouring_parts_of_a_bar_differ_in_lightness_or_hatch(self):
        looks = list(style.PARTS.values())
        for i, (colour, hatch, name) in enumerate(looks):
            for other, other_hatch, other_name in looks[i + 1:]:
                apart = abs(luminance(colour) - luminance(other))
                self.assertTrue(apart >= 0.08 or hatch != other_hatch, f"{name}, {other_name}")

    def test_kinds_of_intervals_differ_in_lightness_or_hatch(self):
        from analysis.plots_reclaim import FILLED
        from analysis.plots_tasks import INTERVALS
        for looks in (list(INTERVALS.values()), list(FILLED.values())):
            for i, one in enumerate(looks):
                for other in looks[i + 1:]:
                    apart = abs(luminance(one["facecolor"]) - luminance(other["facecolor"]))
                    self.assertTrue(apart >= 0.08 or one.get("hatch") != other.get("hatch"))

    def test_orders_get_lighter_as_they_grow(self):
        from analysis.plots_requests import order_colour
        light = [0.2126 * r + 0.7152 * g + 0.0722 * b
                 for r, g, b, _ in map(order_colour, range(11))]
        self.assertEqual(light, sorted(light))

    def test_lines_that_share_a_panel_have_dashes_of_their_own(self):
        from analysis import against, plots_reclaim
        self.assertEqual(len({str(dashes) for dashes in style.DASHES.values()}), 4)
        self.assertEqual(len({str(dashes) for _, _, dashes in plots_reclaim.BY.values()}), 2)
        self.assertEqual(len({str(look["ls"]) for look in against.LOOKS}), 2)


if __name__ == "__main__":
    unittest.main()
