#!/usr/bin/python3
"""Draws every figure of a run or a sweep, or of two set against each other, and one page of them.

example: analysis/report.py runs/quickstart      writes runs/quickstart/report.html and the
                                                 figures into runs/quickstart/report_figures
"""
import io
import sys
from pathlib import Path

if __name__ == "__main__":  # run as a program, from anywhere
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis import command


def arguments(words):
    """The command line."""
    parser = command.parser(__doc__)
    parser.add_argument("directories", metavar="DIR", nargs="+", type=Path,
                        help="a run or a sweep; with a second one both are set against each other")
    parser.add_argument("--out", metavar="FILE", type=Path,
                        help="the page (default: report.html in the first DIR)")
    parser.add_argument("--metric", metavar="NAME[=LIMIT]", action="append", default=[],
                        help="of a sweep: draw this metric, with a line where it passes LIMIT")
    parser.add_argument("--quiet", action="store_true", help="do not name what was written")
    options = parser.parse_args(words)
    if len(options.directories) > 2:
        parser.error("at most two directories")
    return options


def wanted_metrics(words, sweep, RunError):
    """What --metric asks for, as {metric: limit or None}."""
    wanted = {}
    for word in words:
        name, _, limit = word.partition("=")
        if name not in sweep.metrics:
            from difflib import get_close_matches
            near = get_close_matches(name, sweep.metrics, 3)
            hint = f"; did you mean {' or '.join(near)}?" if near else ""
            raise RunError(f"{sweep.path}: it has no metric {name}{hint}")
        try:
            wanted[name] = float(limit) if limit else None
        except ValueError:
            raise RunError(f"--metric {word}: expected a number after '=', found {limit}") from None
    return wanted


def write_exhibit(exhibit, folder):
    """Writes PNG, SVG and the table of a figure; returns its section of the page."""
    from analysis import report_page, style
    from analysis.sheet import NARROW, WIDE
    wide = exhibit.draw(WIDE)
    command.write_figure(wide, folder / f"{exhibit.name}.png", "png")
    command.write_figure(wide, folder / f"{exhibit.name}.svg", "svg")
    exhibit.table().to_csv(folder / f"{exhibit.name}.csv", index=False, lineterminator="\n")
    narrow = io.BytesIO()
    style.save(exhibit.draw(NARROW), narrow, "png")
    return report_page.figure_section(exhibit.name, exhibit.title, exhibit.caption,
                                      (folder / f"{exhibit.name}.png").read_bytes(),
                                      narrow.getvalue())


def write_report(story, out):
    """Writes the figures of a story into a folder beside `out`, and then the page itself."""
    from analysis import report_page
    folder = out.with_name(f"{out.stem}_figures")
    folder.mkdir(exist_ok=True)
    sections, contents = list(story.before), list(story.contents_before)
    for exhibit in story.exhibits:
        sections.append(write_exhibit(exhibit, folder))
        contents.append((exhibit.name, exhibit.title))
    sections += story.after
    contents += story.contents_after
    page = report_page.page(story.title, story.head, sections, contents)
    command.write_beside(out, lambda file: file.write(page.encode()))
    return folder


def story_of(options):
    """What the directories have to tell."""
    from analysis import RunError, stories
    from analysis.load import load_run
    from analysis.load_sweeps import is_sweep, load_sweep
    sweeps = [is_sweep(path) for path in options.directories]
    if len(set(sweeps)) > 1:
        raise RunError("a run and a sweep cannot be set against each other")
    loaded = [(load_sweep if sweeps[0] else load_run)(path) for path in options.directories]
    if not sweeps[0]:
        if options.metric:
            raise RunError("--metric is for sweeps")
        return stories.of_run(*loaded) if len(loaded) == 1 else stories.of_two_runs(*loaded)
    wanted = wanted_metrics(options.metric, loaded[0], RunError)
    return (stories.of_sweep if len(loaded) == 1 else stories.of_two_sweeps)(*loaded, wanted)


def make(options, out):
    """Writes what the options ask for, and says where."""
    folder = write_report(story_of(options), out)
    if not options.quiet:
        print(f"report in {out}, figures in {folder}")


def main(words):
    """Returns the exit code."""
    options = arguments(words)
    out = options.out or options.directories[0] / "report.html"
    return command.carry_out("numasim", lambda: make(options, out), out)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
