#!/usr/bin/python3
"""The launcher, in a small checkout where cmake, dpkg-query and apt-get are stubs."""
import os
import shutil
import subprocess
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = '#!/bin/bash\necho "in $PWD:"; printf "<%s>" "$@"; exit 7\n'
STUBS = {
    "dpkg-query": 'for p in "${@:3}"; do [[ $p == "$MISSING" ]] || echo "installed $p"; done',
    "apt-get": 'echo "apt-get $*" >>"$NOTES"',
    # Configuring leaves a cache; building leaves the program. Two builds at a time break.
    "cmake": """
echo "cmake $1" >>"$NOTES"; echo "building noise"
if [[ $1 == --preset ]]; then
  echo "CMAKE_HOME_DIRECTORY:INTERNAL=$PWD" >build/CMakeCache.txt; touch build/build.ninja
else
  mkdir build/one-at-a-time || exit 1
  [[ -z ${BREAK:-} ]] || { echo "the compiler's words"; exit 1; }
  sleep 0.05; cp "$PROGRAM" build/numasim; rmdir build/one-at-a-time
fi""",
}


class Checkout:
    """A copy of the launcher with stubs around it."""

    def __init__(self):
        self.root = Path(tempfile.mkdtemp())
        self.root.chmod(0o777)
        self.home = self.root / "checkout"
        (self.home / ".ci").mkdir(parents=True)
        self.home.chmod(0o777)
        shutil.copy(ROOT / "numasim", self.home)
        shutil.copy(ROOT / ".ci/toolchain.sh", self.home / ".ci")
        self.write("program", PROGRAM)
        for name, body in STUBS.items():
            self.write(f"bin/{name}", f"#!/bin/bash\n{body}\n")

    def write(self, name, text):
        """An executable file in the checkout's parent."""
        path = self.root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        path.chmod(0o755)

    def start(self, *args, launcher=None, user=(), **environment):
        """The launcher as a running process."""
        stubbed = {"PATH": f"{self.root}/bin:{os.environ['PATH']}", "MISSING": "",
                   "NOTES": f"{self.root}/notes", "PROGRAM": f"{self.root}/program"}
        return subprocess.Popen([*user, launcher or self.home / "numasim", *args], cwd=self.root,
                                env=stubbed | environment, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def launch(self, *args, **how):
        """(exit code, stdout, stderr) of the launcher."""
        process = self.start(*args, **how)
        out, err = process.communicate(timeout=60)
        return process.returncode, out, err

    def notes(self):
        """The stubs' calls so far, emptied."""
        notes = self.root / "notes"
        lines = notes.read_text().splitlines() if notes.exists() else []
        notes.unlink(missing_ok=True)
        return lines


class Launcher(unittest.TestCase):
    """What ./numasim promises."""

    def setUp(self):
        self.checkout = Checkout()
        self.addCleanup(shutil.rmtree, self.checkout.root)

    def test_hands_over_arguments_directory_and_exit_code_and_keeps_stdout_clean(self):
        code, out, _ = self.checkout.launch("run", "a b.json")
        self.assertEqual((code, out), (7, f"in {self.checkout.root}:\n<run><a b.json>"))

    def test_configures_the_first_time_only(self):
        self.checkout.launch()
        self.assertEqual(self.checkout.notes(), ["cmake --preset", "cmake --build"])
        self.checkout.launch()
        self.assertEqual(self.checkout.notes(), ["cmake --build"])

    def test_configures_again_in_a_checkout_that_moved(self):
        self.checkout.launch()
        self.checkout.notes()
        moved = self.checkout.root / "moved"
        self.checkout.home.rename(moved)
        self.checkout.launch(launcher=moved / "numasim")
        self.assertEqual(self.checkout.notes(), ["cmake --preset", "cmake --build"])

    def test_works_through_a_symbolic_link(self):
        link = self.checkout.root / "link"
        link.symlink_to(self.checkout.home / "numasim")
        self.assertEqual(self.checkout.launch(launcher=link)[0], 7)

    def test_launches_at_the_same_time_build_one_after_the_other(self):
        processes = [self.checkout.start() for _ in range(4)]
        for process in processes:
            process.communicate(timeout=60)
        self.assertEqual([process.returncode for process in processes], [7] * 4)

    def test_a_failed_build_shows_the_end_of_the_log_and_runs_nothing(self):
        code, out, err = self.checkout.launch(BREAK="yes")
        self.assertEqual((code, out), (4, ""))
        self.assertIn("the compiler's words", err)
        self.assertIn("build/build.log", err)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_root_installs_what_is_missing(self):
        code, _, _ = self.checkout.launch(MISSING="cmake")
        self.assertEqual(code, 7)
        apt = [line for line in self.checkout.notes() if line.startswith("apt-get")]
        self.assertEqual(apt[0], "apt-get update")
        self.assertRegex(apt[1], r"install -y --no-install-recommends cmake$")

    def test_without_root_the_missing_packages_are_one_line_and_exit_code_4(self):
        user = () if os.geteuid() else ("setpriv", "--reuid=65534", "--clear-groups")
        code, out, err = self.checkout.launch(MISSING="cmake", user=user)
        self.assertEqual((code, out), (4, ""))
        self.assertEqual(err.count("\n"), 1)
        self.assertRegex(err, r"apt-get install -y --no-install-recommends cmake$")
        self.assertEqual(self.checkout.notes(), [])


if __name__ == "__main__":
    unittest.main()
