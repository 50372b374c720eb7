#!/usr/bin/python3
"""The report as a real browser shows it: Chromium without a screen, and without a network."""
import json
import re
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

import numpy as np
from PIL import Image

from tests.cli.program import ROOT, numasim

CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
PHONE, DESK = 375, 1200
# Looks at the page from within once it is loaded, and leaves what it saw in it.
PROBE = """<script>
addEventListener("error", event => document.title += " ERROR " + event.message, true);
addEventListener("load", () => {
  const images = [...document.images];
  const seen = {
    images: images.map(image => ({shown: image.getBoundingClientRect().width,
                                  height: image.getBoundingClientRect().height,
                                  natural: image.naturalWidth, alt: image.alt.length})),
    page: document.documentElement.scrollWidth, window: innerWidth, title: document.title,
    loaded: performance.getEntriesByType("resource").map(entry => entry.name.slice(0, 40))};
  const pre = document.createElement("pre");
  pre.id = "seen";
  pre.textContent = JSON.stringify(seen);
  document.body.append(pre);
});
</script>"""


@unittest.skipUnless(CHROMIUM, "skipped: no Chromium; apt-get install chromium-headless-shell")
class InABrowser(unittest.TestCase):
    """report.html of the quickstart and of a sweep."""

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        cls.addClassCleanup(folder.cleanup)
        cls.place = Path(folder.name)
        numasim("run", ROOT / "configs/scenarios/quickstart.json", "--out", cls.place / "run",
                "--no-figure", "--quiet")
        numasim("sweep", ROOT / "configs/sweeps/reserve.json", "--out", cls.place / "sweep", "-q")
        for name in ("run", "sweep"):
            numasim("report", cls.place / name)

    def browse(self, page, *options):
        """Opens a page: (stdout, stderr)."""
        profile = tempfile.mkdtemp(dir=self.place)
        done = subprocess.run(
            [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--no-first-run", f"--user-data-dir={profile}", "--enable-logging=stderr",
             "--host-resolver-rules=MAP * ~NOTFOUND", *options, page.as_uri()],
            capture_output=True, text=True, timeout=120, check=True, cwd=self.place)
        return done.stdout, done.stderr

    def look(self, name, width):
        """What the probe sees in a window so wide, and what the console said."""
        page = (self.place / name / "report.html").read_text()
        probed = self.place / f"{name}{width}.html"
        probed.write_text(page.replace("</head>", PROBE + "</head>", 1))
        out, err = self.browse(probed, f"--window-size={width},900", "--dump-dom")
        seen = re.search(r'<pre id="seen">(.*?)</pre>', out, re.DOTALL).group(1)
        return json.loads(seen), [line for line in err.splitlines() if "CONSOLE" in line]

    def test_shows_every_figure_on_a_phone_and_on_a_desk_without_scrolling_sideways(self):
        for name, least in (("run", 9), ("sweep", 2)):
            for width in (PHONE, DESK):
                seen, _ = self.look(name, width)
                self.assertEqual(seen["window"], width)
                self.assertLessEqual(seen["page"], width)
                self.assertGreaterEqual(len(seen["images"]), least)
                for image in seen["images"]:
                    self.assertGreater(image["natural"], 600)
                    self.assertGreater(image["height"], 50)
                    self.assertGreater(image["shown"], 0.85 * min(width, 1100) - 30)
                    self.assertGreater(image["alt"], 10)

    def test_a_phone_gets_figures_made_for_it(self):
        narrow, wide = (self.look("run", width)[0]["images"][0]["natural"]
                        for width in (PHONE, DESK))
        self.assertEqual((narrow, wide), (690, 1560))

    def test_the_console_stays_empty_and_nothing_is_fetched(self):
        for name in ("run", "sweep"):
            seen, console = self.look(name, DESK)
            self.assertEqual((console, seen["loaded"]), ([], []))
            self.assertNotIn("ERROR", seen["title"])

    def test_there_is_ink_all_the_way_down_the_screen(self):
        shot = self.place / "shot.png"
        self.browse(self.place / "run/report.html", f"--screenshot={shot}",
                    f"--window-size={PHONE},5000")
        with Image.open(shot) as image:
            pixels = np.asarray(image.convert("L"))
        self.assertEqual(pixels.shape, (5000, PHONE))
        for top in range(0, 5000, 250):
            self.assertLess(pixels[top:top + 250].min(), 128, f"nothing at {top}")

    def test_prints_on_a_few_pages_of_paper(self):
        paper = self.place / "paper.pdf"
        self.browse(self.place / "run/report.html", f"--print-to-pdf={paper}")
        content = paper.read_bytes()
        self.assertTrue(content.startswith(b"%PDF"))
        pages = len(re.findall(rb"/Type\s*/Page\b", content))
        self.assertTrue(4 <= pages <= 14, pages)


if __name__ == "__main__":
    unittest.main()
