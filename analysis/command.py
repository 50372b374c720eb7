#!/usr/bin/python3
"""What the programs of this folder share: how they read their command line and how they end."""
import argparse
import os
import sys
import tempfile

EXIT_BAD_INPUT, EXIT_CANNOT_WRITE = 3, 4


class BadInput(Exception):
    """What was given cannot be drawn; says why."""


def parser(doc):
    """A command line whose help is the program's own docstring."""
    return argparse.ArgumentParser(description=doc, allow_abbrev=False,
                                   formatter_class=argparse.RawDescriptionHelpFormatter)


def carry_out(name, work, out):
    """Does the work. The exit code: 0, 3 for bad input, 4 if `out` or a file of it cannot be
    written or a package is missing."""
    try:
        work()
    except BadInput as error:
        print(f"{name}: {error}", file=sys.stderr)
        return EXIT_BAD_INPUT
    except OSError as error:
        print(f"{name}: cannot write {error.filename or out}: {error.strerror}", file=sys.stderr)
        return EXIT_CANNOT_WRITE
    except ImportError as error:
        print(f"{name}: {error}; apt-get install python3-matplotlib python3-pandas",
              file=sys.stderr)
        return EXIT_CANNOT_WRITE
    return 0


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
