#!/usr/bin/python3
"""The figure of a run: what it holds, and that it comes out whatever the run was like."""
import contextlib
import io
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import analysis
from analysis import plot
from analysis.panels import spread
from analysis.style import choose_cache_directory
from tests.analysis import synthetic

PROGRAM = Path(__file__).resolve().parents[2] / "analysis/plot.py"
PNG, SVG = b"\x89PNG\r\n", b"<?xml"


class InAPlace(unittest.TestCase):
    """A folder of its own for each test."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = Path(folder.name)

    def plot(self, *words):
        """Runs analysis/plot.py with these words: (exit code, stdout, stderr)."""
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                code = plot.main([str(word) for word in words])
            except SystemExit as end:
                code = end.code
        return code, out.getvalue(), err.getvalue()


class Program(InAPlace):
    """analysis/plot.py."""

    def test_draws_every_kind_of_run(self):
        for make in (synthetic.storm, synthetic.spill, synthetic.idle, synthetic.many_zones):
            run = make(self.place / make.__name__)
            self.assertEqual(self.plot(run), (0, f"{run}/pressure.png\n", ""))
            self.assertTrue((run / "pressure.png").read_bytes().startswith(PNG))

    def test_gives_the_same_bytes_without_display_or_home_and_whatever_the_users_matplotlibrc(self):
        run = synthetic.storm(self.place / "run")
        rc = self.place / "matplotlibrc"
        rc.write_text("lines.linewidth: 9\nfont.family: monospace\nbackend: TkAgg\n")
        bare = {"HOME": "/proc/nowhere", "MATPLOTLIBRC": str(rc), "PYTHONHASHSEED": "5",
                "TZ": "Asia/Tokyo", "LC_ALL": "C", "PATH": os.environ["PATH"]}
        for file_format, start in (("png", PNG), ("svg", SVG)):
            here, there = (self.place / f"{name}.{file_format}" for name in ("here", "there"))
            self.plot(run, "--out", here)
            done = subprocess.run([PROGRAM, run, "--out", there], env=bare, cwd="/",
                                  capture_output=True, text=True, check=False)
            self.assertEqual((done.returncode, done.stderr), (0, ""))
            self.assertTrue(here.read_bytes().startswith(start))
            self.assertEqual(here.read_bytes(), there.read_bytes(), file_format)

    def test_chooses_the_format_by_the_name_unless_told(self):
        run = synthetic.idle(self.place)
        self.plot(run, "--out", self.place / "x.svg")
        self.plot(run, "--format", "svg")
        self.assertTrue((self.place / "x.svg").read_bytes().startswith(SVG))
        self.assertTrue((run / "pressure.svg").read_bytes().startswith(SVG))

    def test_fails_with_one_line_and_leaves_nothing(self):
        run = synthetic.idle(self.place / "run")
        before = sorted(run.iterdir())
        for words, expected, message in (((self.place,), 3, "no summary.json"),
                                         ((run, "--out", self.place / "no/x.png"), 4,
                                          "cannot write"),
                                         ((run, "--dpi", "9"), 2, "unrecognized")):
            code, out, err = self.plot(*words)
            self.assertEqual((code, out), (expected, ""))
            self.assertIn(message, err)
        self.assertEqual((sorted(run.iterdir()), len(list(self.place.iterdir()))), (before, 1))


class Figure(InAPlace):
    """pressure_figure: the things a reader looks for are there, in the right places."""

    def figure(self, make):
        """The figure of a made up run."""
        return analysis.pressure_figure(analysis.load_run(make(self.place)))

    def test_has_a_panel_a_zone_and_one_for_a_busy_device(self):
        self.assertEqual([ax.get_title(loc="left") for ax in self.figure(synthetic.storm).axes], [
            "node 0 / DMA32", "node 0 / Normal", "node 1 / Normal",
            "block device sda: queue depth"])

    def test_leaves_out_a_device_with_nothing_to_do(self):
        self.assertEqual(len(self.figure(synthetic.spill).axes), 3)

    def test_shows_eight_zones_at_most_and_says_so(self):
        figure = self.figure(synthetic.many_zones)
        self.assertEqual(len(figure.axes), 8)
        self.assertIn("the 8 of 64 zones", "".join(text.get_text() for text in figure.texts))

    def test_bands_stand_where_the_events_say(self):
        axes = self.figure(synthetic.storm).axes
        kswapd, direct = axes[2].collections[:2]
        self.assertEqual(self.spans(kswapd)[0], (1.0, 1.2))
        self.assertEqual(self.spans(direct), [(6.1, 8.25)])
        self.assertEqual(self.spans(axes[3].collections[0]), [(6.0, 8.4)])

    def test_draws_no_more_bands_than_can_be_told_apart(self):
        events = [synthetic.event(i / 100, i / 100 + 0.001, "kswapd", 0) for i in range(50_000)]
        events.append(synthetic.event(900, 900.0001, "direct_reclaim", 0))
        synthetic.write_run(self.place, [synthetic.zone(0, "DMA", 4_000, 10)],
                            lambda row, t: row[4], 1_000, events)
        figure = analysis.pressure_figure(analysis.load_run(self.place))
        kswapd, direct = figure.axes[0].collections[:2]
        self.assertLessEqual(len(self.spans(kswapd)), 1_500)
        self.assertEqual(self.spans(direct), [(900.0, 900.666666)])

    @staticmethod
    def spans(bands):
        """Begin and end of each band."""
        boxes = [path.get_extents() for path in bands.get_paths()]
        return [(round(box.x0, 6), round(box.x1, 6)) for box in boxes]


class Labels(unittest.TestCase):
    """spread: labels beside an axis."""

    def test_leaves_labels_with_room_where_they_are(self):
        self.assertEqual(spread([0, 20, 35], 10), [0, 20, 35])

    def test_moves_close_ones_apart_around_their_middle(self):
        self.assertEqual(spread([50, 50, 53], 10), [41, 51, 61])

    def test_keeps_above_the_axis(self):
        self.assertEqual(spread([0, 1, 2, 28], 10), [0, 10, 20, 30])


class CacheDirectory(unittest.TestCase):
    """Where matplotlib keeps its font list."""

    def test_is_left_alone_when_the_user_chose_or_the_home_can_be_written(self):
        with tempfile.TemporaryDirectory() as home:
            for environment in ({"MPLCONFIGDIR": "/x"}, {"HOME": home}):
                before = dict(environment)
                choose_cache_directory(environment)
                self.assertEqual(environment, before)

    def test_is_one_of_ours_when_the_home_cannot_be_written(self):
        environment = {"HOME": "/proc/nowhere"}
        choose_cache_directory(environment)
        self.assertTrue(os.access(environment["MPLCONFIGDIR"], os.W_OK))


if __name__ == "__main__":
    unittest.main()
