#!/usr/bin/python3
"""numasim report: what it writes for runs and sweeps, by itself and set against each other."""
import json
import os
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import pandas as pd

import analysis
from analysis import gallery
from tests.analysis import synthetic
from tests.cli.program import PROGRAM as NUMASIM
from tests.cli.program import ROOT, numasim



def report(*words, **how):
    """Runs numasim report."""
    return subprocess.run([NUMASIM, "report", *map(str, words)], capture_output=True, text=True,
                          check=False, **how)


def section(page, title):
    """A section of a page, without the places where a long name may be broken."""
    text = page.partition(f"<h2>{title}</h2>")[2].partition("</section>")[0]
    return text.replace("<wbr>", "")


MADE = tempfile.TemporaryDirectory()


def setUpModule():
    """Two runs, the report of one, and a sweep."""
    for name, words in (("one", ()), ("other", ("--set", "kernel.min_free_kbytes=2048"))):
        numasim("run", ROOT / "configs/scenarios/atomic_burst.json", "--out",
                Path(MADE.name) / name, "--no-figure", "--quiet", *words)
    numasim("sweep", ROOT / "configs/sweeps/reserve.json", "--out", Path(MADE.name) / "sweep", "-q")
    InAPlace.done = report(Path(MADE.name) / "one")


def tearDownModule():
    """Nothing stays."""
    MADE.cleanup()


class InAPlace(unittest.TestCase):
    """A folder of its own for each test."""

    made = Path(MADE.name)
    done = None  # how the report of one ended

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.place = Path(folder.name)

    def page(self, *words):
        """The page of a report that must come out, its pictures left out."""
        out = self.place / "page.html"
        done = report(*words, "--out", out)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return re.sub(r"data:image/png;base64,[A-Za-z0-9+/=]*", "data:picture", out.read_text())


class OfARun(InAPlace):
    """One run."""

    def test_stands_in_the_run_with_every_figure_as_png_svg_and_table(self):
        run = self.made / "one"
        self.assertEqual((self.done.returncode, self.done.stderr), (0, ""))
        self.assertEqual(self.done.stdout,
                         f"report in {run}/report.html, figures in {run}/report_figures\n")
        names = [exhibit.name for exhibit in gallery.of_run(analysis.load_run(run))]
        self.assertEqual(sorted(path.name for path in (run / "report_figures").iterdir()),
                         sorted(f"{name}.{end}" for name in names for end in ("csv", "png", "svg")))
        page = (run / "report.html").read_text()
        self.assertEqual(re.findall('<section id="([^"]*)">\n<h2>[^<]*</h2>\n<figure', page), names)

    def test_needs_no_other_file_and_no_network(self):
        page = (self.made / "one/report.html").read_text()
        for link in re.findall(r'(?:src|srcset|href)="([^"]*)"', page):
            self.assertRegex(link, r"^(data:|#)")
        for word in ("url(", "@import", "<script", "stylesheet", "http://", "https://"):
            self.assertNotIn(word, page)

    def test_gives_the_same_bytes_without_display_home_or_working_directory(self):
        bare = {"HOME": "/proc/nowhere", "PYTHONHASHSEED": "5", "TZ": "Asia/Tokyo", "LC_ALL": "C",
                "PATH": os.environ["PATH"]}
        out = self.place / "report.html"
        done = report(self.made / "one", "--out", out, "--quiet", env=bare, cwd="/")
        self.assertEqual((done.returncode, done.stdout, done.stderr), (0, "", ""))
        here, there = self.made / "one", self.place
        for file in [there / "report.html", *(there / "report_figures").iterdir()]:
            name = file.relative_to(there)
            self.assertEqual(file.read_bytes(), (here / name).read_bytes(), name)

    def test_comes_out_for_a_run_in_which_nothing_happens(self):
        page = self.page(synthetic.idle(self.place / "idle"))
        self.assertIn("Free pages against watermarks", page)

    def test_says_what_failed_and_of_which_flags(self):
        page = (self.made / "one/report.html").read_text()
        self.assertIn("GFP_ATOMIC", section(page, "Requests that failed"))

    def test_what_a_scenario_says_of_itself_is_text_and_not_markup(self):
        run = synthetic.write_run(self.place / "run", [synthetic.zone(0, "DMA", 4_000, 16)],
                                  lambda row, t: row[4], 1, scenario="<b>&amp;</b>")
        (run / "config.resolved.json").write_text(json.dumps({"description": "<script>x</script>"}))
        page = self.page(run)
        self.assertIn("&lt;script&gt;x", page)
        self.assertIn("numasim: &lt;b&gt;&amp;amp;", page)

    def test_its_bands_and_marks_are_those_of_the_events_and_the_zones(self):
        figures = self.made / "one/report_figures"
        run = analysis.load_run(self.made / "one")
        drawn = pd.read_csv(figures / "timeline.csv", keep_default_na=False)
        self.assertEqual(drawn.to_csv(), run.events.to_csv())
        marks = pd.read_csv(figures / "pressure.csv").drop_duplicates(["node", "zone"])
        self.assertEqual([round(mib * 256) for mib in marks["min_mib"]],
                         run.zones["min_pages"].tolist())


class OfASweep(InAPlace):
    """One sweep."""

    def test_draws_the_metrics_asked_for_with_their_limit(self):
        page = self.page(self.made / "sweep", "--metric", "requests.failed=100")
        self.assertEqual(re.findall('<section id="(sweep[^"]*)">', page),
                         ["sweep_requests_failed"])
        table = pd.read_csv(self.place / "page_figures/sweep_requests_failed.csv")
        results = pd.read_csv(self.made / "sweep/results.csv")
        self.assertEqual(table["requests.failed"].tolist(), results["requests.failed"].tolist())

    def test_chooses_metrics_that_differ(self):
        page = self.page(self.made / "sweep")
        drawn = re.findall('<section id="(sweep[^"]*)">', page)
        self.assertEqual(drawn[0], "sweep_requests_failed")
        self.assertNotIn("sweep_kswapd_wakeups", drawn)

    def test_of_an_unfinished_sweep_shows_what_is_missing(self):
        sweep = shutil.copytree(self.made / "sweep", self.place / "sweep")
        (sweep / "results.csv").unlink()
        gone = json.loads((sweep / "sweep.json").read_text())["runs"][2]["id"]
        shutil.rmtree(sweep / "runs" / gone)
        page = self.page(sweep)
        missing = page.partition("<h2>Runs that are not there</h2>")[2].partition("</section>")[0]
        self.assertIn(f">{gone}</td>", missing)
        self.assertIn("1 missing (hatched)", page)


class OfTwo(InAPlace):
    """A against B."""

    def test_two_runs_beside_each_other_name_the_settings_that_differ(self):
        page = self.page(self.made / "one", self.made / "other")
        self.assertIn("kernel.min_free_kbytes", section(page, "Settings that differ"))
        self.assertEqual(re.findall('<section id="(against[^"]*)">', page),
                         ["against_free", "against_latency", "against_numbers"])
        table = pd.read_csv(self.place / "page_figures/against_numbers.csv").set_index("name")
        for column, name in (("one", "one"), ("other", "other")):
            failed = analysis.load_run(self.made / name).summary["requests"]["failed"]
            self.assertEqual(table.loc["requests.failed", column], failed)

    def test_two_sweeps_beside_each_other(self):
        page = self.page(self.made / "sweep", self.made / "sweep")
        self.assertIn('<section id="against_requests_failed">', page)


class Trouble(InAPlace):
    """What cannot be reported."""

    def test_is_one_line_an_exit_code_and_no_file(self):
        for words, code, message in (
                ((self.place,), 3, "no summary.json in it, so no complete run"),
                ((self.place / "nowhere",), 3, "no such directory"),
                ((self.made / "one", self.made / "sweep"), 3, "cannot be set against each other"),
                ((self.made / "one", "--metric", "x"), 3, "--metric is for sweeps"),
                ((self.made / "sweep", "--metric", "requests.fail"), 3,
                 "did you mean requests.failed"),
                ((self.made / "sweep", "--metric", "requests.failed=few"), 3, "expected a number"),
                ((self.made / "one", "--out", self.place / "no/page.html"), 4, "cannot write"),
                ((), 2, "DIR"), ((self.made / "one", "--pages"), 2, "--pages")):
            done = report(*words)
            self.assertEqual((done.returncode, done.stdout), (code, ""), done.stderr)
            self.assertRegex(done.stderr, rf"^numasim: .*{re.escape(message)}.*\n")
            self.assertEqual(list(self.place.iterdir()), [])

    def test_names_the_packages_that_are_missing(self):
        (self.place / "pandas.py").write_text("raise ImportError(\"No module named 'pandas'\")\n")
        for program, words in (("report.py", [self.made / "one"]), ("plot.py", [self.made / "one"]),
                               ("plot_validation.py", ["table.csv", self.place / "x.png"])):
            done = subprocess.run(
                ["/usr/bin/python3", ROOT / "analysis" / program, *words], text=True,
                capture_output=True, check=False, env={**os.environ, "PYTHONPATH": self.place})
            self.assertEqual((done.returncode, done.stdout), (4, ""), done.stderr)
            self.assertRegex(done.stderr, r"^\S+: No module named 'pandas'; apt-get install .*\n$")

    def test_help_has_an_example(self):
        done = report("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("numasim report runs/quickstart", done.stdout)


if __name__ == "__main__":
    unittest.main()
