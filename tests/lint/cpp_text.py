#!/usr/bin/python3
"""Just enough C++ to lint: text without comments and literals, and where functions lie."""
import re

_SKIPPED = re.compile(
    r"""//[^\n]*                              # comment to the end of the line
      | /\*.*?\*/                             # comment
      | R"(?P<tag>[^()\s\\]*)\(.*?\)(?P=tag)" # raw string
      | "(?:\\.|[^"\\\n])*"                   # string
      | (?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'  # character; 1'000 is a number
    """,
    re.VERBOSE | re.DOTALL,
)
_DIRECTIVE = re.compile(r"^[ \t]*#(?:\\\n|[^\n])*", re.MULTILINE)
_CONTAINER = re.compile(r"(?:\[\[.*?\]\]\s*)*(?:inline\s+|export\s+|typedef\s+|static\s+)*"
                        r"(?:namespace|class|struct|union|enum|extern)\b", re.DOTALL)
_TEMPLATE = re.compile(r"template\s*<")
_ASSIGNMENT = re.compile(r"(?<![=!<>+\-*/%&|^])=(?!=)")


def _blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def without_comments(text):
    """The code with comments and literals blanked, every line at its place."""
    return _SKIPPED.sub(_blank, text)


def _without_template_head(head):
    head = head.strip()
    match = _TEMPLATE.match(head)
    while match:
        depth, i = 1, match.end()
        while depth and i < len(head):
            depth += {"<": 1, ">": -1}.get(head[i], 0)
            i += 1
        head = head[i:].strip()
        match = _TEMPLATE.match(head)
    return head


def _opens_function(head):
    """Whether the code before a '{', outside any function, is the head of a function."""
    head = _without_template_head(head)
    if _CONTAINER.match(head) or "(" not in head:
        return False
    parameters_gone = re.sub(r"\(.*\)", "()", head, flags=re.DOTALL)
    return "operator" in head or not _ASSIGNMENT.search(parameters_gone)


def functions(text):
    """(name, first line, last line) of each function; lines count from 1, the head included."""
    code = _DIRECTIVE.sub(_blank, without_comments(text))
    found, stack, head_at = [], [], 0
    for match in re.finditer(r"[(){};]", code):
        at, symbol = match.start(), match.group()
        if symbol in "({":
            stack.append(_kind(symbol, code[head_at:at], stack))
        closed = stack.pop() if symbol in ")}" and stack else ""
        if closed == "function":
            found.append(_span(code, head_at, at))
        if symbol in "{};" and not _nested(stack):
            head_at = at + 1
    return found


def _nested(stack):
    return any(kind != "container" for kind in stack)


def _kind(symbol, head, stack):
    """What a bracket opens, from the code before it since the last statement."""
    if symbol == "(" or _nested(stack):
        return "inner"
    if _opens_function(head):
        return "function"
    return "container" if _CONTAINER.match(_without_template_head(head)) else "inner"


def _span(code, head_at, end):
    head = code[head_at:end + 1]
    first = head_at + len(head) - len(head.lstrip())
    name = re.search(r"([\w:~]+|operator\s*\S+)\s*\(", head)
    return (name.group(1) if name else "?", code.count("\n", 0, first) + 1,
            code.count("\n", 0, end) + 1)
