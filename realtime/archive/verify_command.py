"""``main.py verify``: a folder of sides, each told in one line."""

import argparse

from model.errors import RestorationError
from realtime.arguments import named_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder."""
    parser.add_argument("folder", type=named_path, metavar="DIR", help="with recordings or results")


def run(args: argparse.Namespace) -> None:
    """Check that archived sides are what they were and still line up."""
    from realtime.archive.verify import verify_folder

    lines, mismatches = verify_folder(args.folder)
    print("\n".join(lines))
    if mismatches:
        raise RestorationError(f"{mismatches} of {len(lines)} sides do not match their archive")
