#!/usr/bin/python3
"""The notebooks run from their first cell to their last, on runs they make themselves."""
import importlib.util
import json
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

from tests.cli.program import PROGRAM, ROOT

NOTEBOOKS = sorted((ROOT / "analysis/notebooks").glob("*.ipynb"))
NAMES = ["congestion_wait_and_the_disk", "cpusets_and_hardwall", "first_run",
         "fragmentation_and_mobility", "numa_spill_and_zone_reclaim", "sizing_min_free_kbytes",
         "validation", "watermarks_and_kswapd"]
HAS_KERNEL = all(importlib.util.find_spec(name) for name in ("nbconvert", "ipykernel"))
TIMEOUT_S = 270


def code_of(notebook):
    """The code cells, as one program."""
    cells = json.loads(notebook.read_text())["cells"]
    return "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def execute(notebook, folder):
    """Runs a notebook as nbconvert does, or where that is not installed its code alone."""
    environment = {**os.environ, "NUMASIM_BINARY": PROGRAM, "IPYTHONDIR": str(folder),
                   "JUPYTER_CONFIG_DIR": str(folder), "JUPYTER_DATA_DIR": str(folder)}
    command = ["/usr/bin/python3", "-m", "nbconvert", "--to", "notebook", "--execute",
               f"--ExecutePreprocessor.timeout={TIMEOUT_S}", "--output", folder / "done.ipynb",
               notebook]
    if not HAS_KERNEL:
        (folder / "code.py").write_text(code_of(notebook))
        command = ["/usr/bin/python3", folder / "code.py"]
    return subprocess.run(list(map(str, command)), capture_output=True, text=True, check=False,
                          cwd=notebook.parent, env=environment, timeout=TIMEOUT_S)


class Notebooks(unittest.TestCase):
    """analysis/notebooks; each runs in a test of its own, made below."""

    def test_there_is_one_for_each_subject(self):
        self.assertEqual([notebook.stem for notebook in NOTEBOOKS], NAMES)

    def test_are_kept_without_what_they_put_out(self):
        for notebook in NOTEBOOKS:
            content = json.loads(notebook.read_text())
            self.assertEqual((content["nbformat"], content["nbformat_minor"]), (4, 5))
            self.assertEqual(content["metadata"]["kernelspec"]["name"], "python3")
            for cell in content["cells"]:
                self.assertEqual(cell["metadata"], {}, notebook.name)
                if cell["cell_type"] == "code":
                    self.assertEqual((cell["outputs"], cell["execution_count"]), ([], None),
                                     notebook.name)

    def test_are_thin(self):
        for notebook in NOTEBOOKS:
            self.assertLess(code_of(notebook).count("\n"), 90, notebook.name)

    def run_one(self, notebook):
        """To its end, and with pictures where there is a kernel to show them."""
        with tempfile.TemporaryDirectory() as folder:
            done = execute(notebook, Path(folder))
            self.assertEqual(done.returncode, 0, done.stderr[-3000:])
            if not HAS_KERNEL:
                return
            cells = json.loads((Path(folder) / "done.ipynb").read_text())["cells"]
        outputs = [output for cell in cells for output in cell.get("outputs", ())]
        self.assertFalse([output for output in outputs if output["output_type"] == "error"])
        pictures = [output for output in outputs if "image/png" in output.get("data", ())]
        self.assertGreaterEqual(len(pictures), notebook.stem != "validation")


for _notebook in NOTEBOOKS:
    setattr(Notebooks, f"test_{_notebook.stem}_runs_to_its_end",
            lambda self, notebook=_notebook: self.run_one(notebook))


if __name__ == "__main__":
    unittest.main()
