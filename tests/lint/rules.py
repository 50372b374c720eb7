#!/usr/bin/python3
"""The rules of the house. Each takes a path and a text and yields (line, what is wrong)."""
import ast
import re

from tests.lint.cpp_text import functions, without_comments

MAX_FILE_LINES = 400
MAX_CPP_FUNCTION_LINES = 60
MAX_PYTHON_FUNCTION_LINES = 25
MAX_COLUMNS = 100

_STANDARD = r"<[a-z_0-9]+>"
# What a room may include. The build enforces the rooms; this also says which headers of a room.
ALLOWED_INCLUDES = {
    "allocator": rf'{_STANDARD}|<boost/(?:intrusive|container|multi_index)[/_].*>|"allocator/.*"',
    "workloads": rf'{_STANDARD}|<(?:boost|nlohmann)/.*>|"workloads/.*"'
                 r'|"allocator/(?:units|gfp|check|random)\.hpp"',
    "sim": r'<.*>|"(?:allocator|workloads|sim)/.*"',
    "tests": r'<.*>|"(?:allocator|workloads|sim|tests)/.*"',
}
# The core has no clock, thread, file or stream of its own.
FORBIDDEN_IN_ALLOCATOR = re.compile(
    r"<(?:thread|mutex|future|atomic|condition_variable|filesystem|fstream|iostream|ctime)>")

BANNED = [  # what, why, files in which it is allowed
    (r"\bs?rand\s*\(", "rand(): the project has its own generator", r"$^"),
    (r"\brandom_device\b", "std::random_device: runs must repeat", r"$^"),
    (r"\b(?:uniform_int|uniform_real|normal|exponential|poisson|geometric)_distribution\b",
     "std:: distributions differ between libraries", r"$^"),
    (r"\bsystem_clock\b|\bgettimeofday\b|\btime\s*\(\s*(?:NULL|nullptr|0)\s*\)",
     "wall clock outside provenance", r"provenance"),
    (r"\bunordered_(?:multi)?(?:map|set)\b", "unordered container: its order is not ours",
     r"^tests/"),
    (r"\bcatch\s*\(\s*\.\.\.\s*\)", "catch (...): swallows what is not ours", r"$^"),
]

_MACHINE_PATHS = re.compile("|".join(("/" + "work/", "/" + "tmp/h/", "/" + "root/")))


def room_of(path):
    """The top-level folder a file is in."""
    return path.split("/")[0]


def includes(path, text):
    """A room includes only what design allows, by a path from the root."""
    allowed = ALLOWED_INCLUDES.get(room_of(path))
    if allowed is None:
        return
    for number, line in enumerate(text.splitlines(), 1):
        match = re.match(r'\s*#\s*include\s*([<"].*[>"])', line)
        if not match:
            continue
        header = match.group(1)
        forbidden = room_of(path) == "allocator" and FORBIDDEN_IN_ALLOCATOR.match(header)
        if forbidden or not re.fullmatch(allowed, header):
            yield number, f"{room_of(path)}/ may not include {header}"


def banned_words(path, text):
    """Words whose meaning breaks repeatability or hides errors."""
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        for pattern, why, where_allowed in BANNED:
            if re.search(pattern, line) and not re.search(where_allowed, path):
                yield number, why


def cpp_function_length(_path, text):
    """A function fits on a screen and a half."""
    for name, first, last in functions(text):
        if last - first + 1 > MAX_CPP_FUNCTION_LINES:
            yield first, f"{name} has {last - first + 1} lines, at most {MAX_CPP_FUNCTION_LINES}"


def python_function_length(_path, text):
    """A Python function does one thing."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            length = node.end_lineno - node.lineno + 1
            if length > MAX_PYTHON_FUNCTION_LINES:
                yield node.lineno, (f"{node.name} has {length} lines, "
                                    f"at most {MAX_PYTHON_FUNCTION_LINES}")


def python_shebang(_path, text):
    """Debian's Python has Debian's packages; another python3 on PATH may not."""
    first = text.split("\n", 1)[0]
    if first != "#!/usr/bin/python3":
        yield 1, f"the first line should be #!/usr/bin/python3, found {first!r}"


def file_length(_path, text):
    """A file holds one idea."""
    lines = text.count("\n")
    if lines > MAX_FILE_LINES:
        yield MAX_FILE_LINES + 1, f"{lines} lines, at most {MAX_FILE_LINES}"


def line_length(_path, text):
    """Two files fit beside each other."""
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > MAX_COLUMNS:
            yield number, f"{len(line)} columns, at most {MAX_COLUMNS}"


def whitespace(_path, text):
    """No noise in a diff."""
    for number, line in enumerate(text.split("\n"), 1):
        if line != line.rstrip():
            yield number, "white space at the end of the line"
        if "\t" in line:
            yield number, "tab"
    if text and not text.endswith("\n"):
        yield text.count("\n") + 1, "no newline at the end of the file"


def machine_paths(_path, text):
    """The project knows nothing of the machine it was written on."""
    for number, line in enumerate(text.splitlines(), 1):
        if _MACHINE_PATHS.search(line):
            yield number, "a path of one machine"


_CPP = [includes, banned_words, cpp_function_length, file_length, line_length]
_PYTHON = [python_function_length, python_shebang, file_length, line_length]


def rules_for(path, text):
    """The rules that apply to a file, by its kind."""
    rules = [machine_paths, whitespace]
    if path.endswith((".cpp", ".hpp")):
        rules += _CPP
    elif path.endswith(".py") or text.startswith("#!/usr/bin/python3"):
        rules += _PYTHON
    elif path.endswith((".cmake", "CMakeLists.txt")) or text.startswith("#!/bin/bash"):
        rules += [file_length, line_length]
    return rules


def offences(path, text):
    """(rule name, path, line, what is wrong) for everything wrong with a file."""
    return [(rule.__name__, path, line, what)
            for rule in rules_for(path, text) for line, what in rule(path, text)]
