#!/usr/bin/python3
"""A forbidden include does not compile: each room's own compiler command is tried on one."""
import json
import os
import shlex
import subprocess
import tempfile
import unittest
from pathlib import Path

BUILD = Path(os.environ.get("NUMASIM_BUILD", "build"))


def compiler_command(room):
    """The flags with which the build compiles a file of a room, output and input left out."""
    for entry in json.loads((BUILD / "compile_commands.json").read_text()):
        if f"numasim_{room}.dir" in entry["command"]:
            words = shlex.split(entry["command"])
            start = next(i for i, word in enumerate(words) if word.endswith("++"))
            return words[start:words.index("-o")]
    raise LookupError(f"no source of {room}/ in {BUILD}/compile_commands.json")


def compiles(room, *headers):
    """Whether a file of the room that includes these headers compiles."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder, "probe.cpp")
        source.write_text("".join(f"#include {header}\n" for header in headers))
        command = [*compiler_command(room), "-fsyntax-only", str(source)]
        return subprocess.run(command, cwd=BUILD, capture_output=True, check=False).returncode == 0


class Rooms(unittest.TestCase):
    """What each room sees."""

    def test_allocator_sees_itself_and_neither_simgrid_nor_json_nor_other_rooms(self):
        """The core knows nothing outside."""
        self.assertTrue(compiles("allocator", '"allocator/units.hpp"'))
        self.assertTrue(compiles("allocator", "<boost/intrusive/list.hpp>"))
        for header in ('"sim/scenario.hpp"', '"workloads/trace.hpp"', '"scenario.hpp"',
                       "<simgrid/forward.h>", "<nlohmann/json_fwd.hpp>"):
            self.assertFalse(compiles("allocator", header), header)

    def test_workloads_see_the_vocabulary_and_not_the_core(self):
        """A trace is words about memory, not the model of it."""
        self.assertTrue(compiles("workloads", '"allocator/gfp.hpp"', "<nlohmann/json_fwd.hpp>"))
        for header in ('"allocator/machine.hpp"', '"sim/scenario.hpp"', "<simgrid/forward.h>"):
            self.assertFalse(compiles("workloads", header), header)

    def test_sim_does_not_see_tests(self):
        """The product does not depend on its tests."""
        self.assertTrue(compiles("sim", '"allocator/machine.hpp"', '"workloads/trace.hpp"'))
        self.assertFalse(compiles("sim", '"tests/support/fake_machine.hpp"'))


if __name__ == "__main__":
    unittest.main()
