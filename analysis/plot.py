#!/usr/bin/python3
"""Draws a run: free pages against watermarks, reclaim and congestion.

example: analysis/plot.py runs/quickstart            writes runs/quickstart/pressure.png
"""
import argparse
import os
import sys
import tempfile
from pathlib import Path

if __name__ == "__main__":  # run as a program, from anywhere
    sys.path[0] = str(Path(__file__).resolve().parents[1])

EXIT_BAD_INPUT, EXIT_CANNOT_WRITE = 3, 4


def arguments(words):
    """The command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False)
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


def write_figure(figure, path, file_format):
    """Writes a figure; none is ever found half under its name."""
    from analysis import style
    write_beside(path, lambda file: style.save(figure, file, file_format))


def write_beside(path, write):
    """Writes beside the target and renames: nothing half is ever found under its name."""
    handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            write(file)
        os.chmod(beside, 0o666 & ~_umask())
        os.replace(beside, path)
    except BaseException:
        os.unlink(beside)
        raise


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def main(words):
    """Returns the exit code: 0, 3 if the directory is no run, 4 if the file cannot be written."""
    options = arguments(words)
    import analysis
    path, file_format = target(options)
    try:
        figure = analysis.pressure_figure(analysis.load_run(options.directory))
        write_figure(figure, path, file_format)
    except analysis.RunError as error:
        print(f"plot.py: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except OSError as error:
        print(f"plot.py: cannot write {path}: {error.strerror}", file=sys.stderr)
        return EXIT_CANNOT_WRITE
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
