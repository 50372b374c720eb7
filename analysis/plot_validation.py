#!/usr/bin/python3
"""Draws what a recorded kernel and the model had free over time, one on the other.

example: analysis/plot_validation.py runs/clean1.free_pages.csv clean1.png
"""
import argparse
import sys
from pathlib import Path

if __name__ == "__main__":  # run as a program, from anywhere
    sys.path[0] = str(Path(__file__).resolve().parents[1])

EXIT_BAD_INPUT, EXIT_CANNOT_WRITE = 3, 4


def arguments(words):
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False)
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


def main(words):
    """Returns the exit code: 0, 3 if the table is none, 4 if the file cannot be written."""
    options = arguments(words)
    from analysis import plot, validation
    try:
        figure = validation.free_pages_figure(validation.load_free_pages(options.table))
        plot.write_figure(figure, options.figure, options.figure.suffix[1:] or "png")
        if options.figure.suffix == ".png":
            shrink(options.figure)
    except validation.TableError as error:
        print(f"plot_validation.py: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except OSError as error:
        print(f"plot_validation.py: {options.figure}: {error.strerror}", file=sys.stderr)
        return EXIT_CANNOT_WRITE
    print(options.figure)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
