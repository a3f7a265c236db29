"""``shellac verify``: a folder of sides, each told in one line."""

import argparse

from model.errors import RestorationError
from realtime.arguments import named_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder."""
    parser.add_argument("folder", type=named_path, metavar="DIR", help="with recordings or results")
    parser.add_argument(
        "--interface",
        action="store_true",
        help="look for samples that the interface dropped or repeated as well",
    )


def run(args: argparse.Namespace) -> object:
    """Check that archived sides are what they were and still line up."""
    from realtime.archive.verify import checked_sides

    sides = []
    for side in checked_sides(args.folder, interface=args.interface):
        sides.append(side)
        if not args.json and not (args.quiet and side.ok):
            print(side.line(), flush=True)
    if mismatches := sum(not side.ok for side in sides):
        raise RestorationError(
            f"{mismatches} of {len(sides)} sides do not match their archive", result=sides
        )
    return sides
