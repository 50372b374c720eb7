#!/usr/bin/python3
"""Draws a run: free pages against watermarks, reclaim and congestion.

example: analysis/plot.py runs/quickstart            writes runs/quickstart/pressure.png
"""
import sys
from pathlib import Path

if __name__ == "__main__":  # run as a program, from anywhere
    sys.path[0] = str(Path(__file__).resolve().parents[1])

from analysis import command


def arguments(words):
    """The command line."""
    parser = command.parser(__doc__)
    parser.add_argument("directory", metavar="DIR", help="run directory, made by numasim run")
    parser.add_argument("--out", metavar="FILE", type=Path,
                        help="file to write (default: DIR/pressure.png or .svg)")
    parser.add_argument("--format", choices=("png", "svg"),
                        help="default: by the name of FILE, else png")
    return parser.parse_args(words)


def target(options):
    """Where the figure goes and in which format."""
    suffix = options.out.suffix[1:].lower() if options.out else ""
    file_format = options.format or (suffix if suffix in ("png", "svg") else "png")
    return options.out or Path(options.directory) / f"pressure.{file_format}", file_format


def draw(directory, path, file_format):
    """Draws a run and names the file."""
    import analysis
    figure = analysis.pressure_figure(analysis.load_run(directory))
    command.write_figure(figure, path, file_format)
    print(path)


def main(words):
    """Returns the exit code."""
    options = arguments(words)
    path, file_format = target(options)
    return command.carry_out("plot.py", lambda: draw(options.directory, path, file_format), path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
