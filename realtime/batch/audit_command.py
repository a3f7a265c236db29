"""``shellac audit``: its options, and from them to a table and excerpts."""

import argparse

from model.errors import one_line
from realtime.arguments import count, named_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the side, and which of its repairs are shown."""
    add = parser.add_argument
    add("side", type=named_path, metavar="SIDE", help="recorded or restored, or its .shellac.json")
    add("--by", choices=("doubt", "size", "time"), default="doubt", help="which first (doubt)")
    add("--count", type=count, default=20, metavar="N", help="how many of them (20)")
    add("-o", "--output", type=named_path, metavar="DIR", help="folder for the excerpts")
    add("--table-only", action="store_true", help="cut no excerpts")


def run(args: argparse.Namespace) -> None:
    """Show the repairs of a side that deserve an ear, before and after."""
    from realtime.batch.audit import chosen_repairs, cut_excerpts, table_of
    from realtime.batch.side import open_side
    from realtime.containers.readable_sound import open_readable

    side = open_side(args.side)
    with open_readable(side.restored) as sound:
        rate = sound.samplerate
    chosen = chosen_repairs(side, args.by, args.count)
    print("\n".join(table_of(chosen, rate)))
    if not args.quiet:
        print(f"{len(side.repairs)} repairs in {one_line(side.restored.name)}")
    if chosen and not args.table_only:
        folder = args.output or side.restored.with_name(f"{side.restored.stem}_audit")
        cut_excerpts(side, chosen, folder)
        if not args.quiet:
            print(f"{one_line(folder)}: each of them before and after")
