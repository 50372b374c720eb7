#!/usr/bin/python3
"""Draws what a recorded kernel and the model had free over time, one on the other.

example: analysis/plot_validation.py runs/clean1.free_pages.csv clean1.png
"""
import sys
from pathlib import Path

if __name__ == "__main__":  # run as a program, from anywhere
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis import command


def arguments(words):
    """The command line."""
    parser = command.parser(__doc__)
    parser.add_argument("table", metavar="TABLE", type=Path,
                        help="source,zone,time_ns,free_pages; made by numasim validate-model")
    parser.add_argument("figure", metavar="FIGURE", type=Path, help="file to write, .png or .svg")
    return parser.parse_args(words)


def shrink(path):
    """A PNG of few colours in a quarter of the bytes; many of them are kept."""
    from PIL import Image
    with Image.open(path) as image:
        few = image.convert("RGB").quantize(colors=24, method=Image.Quantize.MEDIANCUT)
    few.save(path, optimize=True)


def draw(table, path):
    """Draws a table and names the file."""
    from analysis import validation
    figure = validation.free_pages_figure(validation.load_free_pages(table))
    command.write_figure(figure, path, path.suffix[1:] or "png")
    if path.suffix == ".png":
        shrink(path)
    print(path)


def main(words):
    """Returns the exit code."""
    options = arguments(words)
    return command.carry_out("plot_validation.py", lambda: draw(options.table, options.figure),
                             options.figure)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
