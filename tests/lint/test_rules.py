#!/usr/bin/python3
"""The rules find what they are meant to find, and nothing else."""
import unittest

from tests.lint.cpp_text import functions, without_comments
from tests.lint.rules import offences


def broken(path, text):
    """The names of the rules that a file breaks."""
    return sorted({rule for rule, _, _, _ in offences(path, text)})


class Includes(unittest.TestCase):
    """Who may include whom."""

    def test_allocator_sees_standard_boost_containers_and_itself_only(self):
        for header in ("<vector>", "<boost/intrusive/list.hpp>", '"allocator/units.hpp"'):
            self.assertEqual(broken("allocator/a.cpp", f"#include {header}\n"), [], header)
        for header in ("<simgrid/s4u.hpp>", "<nlohmann/json.hpp>", '"sim/engine.hpp"', "<thread>",
                       '"units.hpp"', "<unistd.h>", "<boost/context/fiber.hpp>"):
            text = f"#include {header}\n"
            self.assertEqual(broken("allocator/a.cpp", text), ["includes"], header)

    def test_workloads_see_the_vocabulary_of_the_allocator_only(self):
        self.assertEqual(broken("workloads/a.cpp", '#include "allocator/gfp.hpp"\n'), [])
        self.assertEqual(broken("workloads/a.cpp", '#include "allocator/zone.hpp"\n'), ["includes"])

    def test_only_tests_see_tests(self):
        self.assertEqual(broken("tests/sim/a_test.cpp", '#include "tests/support/w.hpp"\n'), [])
        self.assertEqual(broken("sim/a.cpp", '#include "tests/support/w.hpp"\n'), ["includes"])


class Words(unittest.TestCase):
    """What no source may say."""

    def test_banned_words_are_found_in_code_only(self):
        self.assertEqual(broken("sim/a.cpp", "std::unordered_map<int, int> m;\n"), ["banned_words"])
        self.assertEqual(broken("sim/a.cpp", "try { f(); } catch (...) {}\n"), ["banned_words"])
        self.assertEqual(broken("sim/a.cpp", "int x = rand();\n"), ["banned_words"])
        self.assertEqual(broken("sim/a.cpp", "// no rand() here\nint operand(int);\n"), [])
        self.assertEqual(broken("sim/a.cpp", 'auto s = "catch (...)";\n'), [])

    def test_the_wall_clock_belongs_to_provenance(self):
        text = "auto t = std::chrono::system_clock::now();\n"
        self.assertEqual(broken("sim/engine.cpp", text), ["banned_words"])
        self.assertEqual(broken("sim/results/provenance.cpp", text), [])

    def test_machine_paths_are_found_everywhere(self):
        self.assertEqual(broken("README.md", "see /" + "root/x\n"), ["machine_paths"])


class Lengths(unittest.TestCase):
    """How long things may be."""

    def test_files_lines_and_functions_have_a_limit(self):
        body = "  x();\n" * 59
        too_long = broken("sim/a.cpp", "void f() {\n" + body + "}\n")
        self.assertEqual(too_long, ["cpp_function_length"])
        self.assertEqual(broken("sim/a.cpp", "void f() {\n" + body[7:] + "}\n"), [])
        self.assertEqual(broken("sim/a.cpp", "int a;\n" * 401), ["file_length"])
        self.assertEqual(broken("sim/a.cpp", "//" + "a" * 99 + "\n"), ["line_length"])

    def test_python_functions_are_shorter(self):
        text = "#!/usr/bin/python3\ndef f():\n" + "    x()\n" * 25
        self.assertEqual(broken("analysis/a.py", text), ["python_function_length"])


class Functions(unittest.TestCase):
    """The brace matcher."""

    def found(self, text):
        return [name for name, _, _ in functions(text)]

    def test_functions_are_told_from_other_braces(self):
        self.assertEqual(self.found("namespace a { struct S { int f() const { return 1; } }; }"),
                         ["f"])
        self.assertEqual(self.found("template <class T> T g(T x) { if (x) { y(); } return x; }"),
                         ["g"])
        self.assertEqual(self.found("constexpr std::array<int, 2> kTable = {f(1), {g(2)}};"), [])
        self.assertEqual(self.found("enum class E { a, b };"), [])

    def test_default_arguments_and_operators_are_no_assignments(self):
        self.assertEqual(self.found("void f(int a = 1, S s = {}) { g(); }"), ["f"])
        self.assertEqual(len(self.found("S& S::operator=(const S& o) { return *this; }")), 1)

    def test_a_function_spans_head_to_closing_brace(self):
        self.assertEqual(functions("\nvoid f(int a,\n       int b) {\n  g();\n}\n"), [("f", 2, 5)])

    def test_comments_and_literals_are_blanked_in_place(self):
        text = "a /* { */ b // {\n'{' \"{\\\"{\" R\"x({)\" {)x\" 1'000'000 c\n"
        blanked = without_comments(text)
        self.assertEqual(len(blanked), len(text))
        self.assertEqual(blanked.split(), ["a", "b", "1'000'000", "c"])


if __name__ == "__main__":
    unittest.main()
