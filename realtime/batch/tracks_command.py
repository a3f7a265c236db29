"""``shellac tracks``: its options, and from them to a side cut into tracks."""

import argparse

from model.errors import one_line
from realtime.arguments import named_path, positive


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the side, and where it is cut."""
    add = parser.add_argument
    add("input", type=named_path, metavar="SIDE", help="raw or restored")
    add("--output", type=named_path, required=True, metavar="DIR", help="folder for the tracks")
    add("--by", choices=("markers", "silence"), default="silence", help="where to cut (silence)")
    add("--pause", type=positive, default=1.0, metavar="S", help="shortest pause (1 s)")
    add("--name", metavar="TEMPLATE", help="of the files, such as '{performer} - {title} {track}'")


def run(args: argparse.Namespace) -> object:
    """Cut a side into its tracks, at markers or in pauses."""
    from dataclasses import replace

    from realtime.archive.sidecar import known_record
    from realtime.batch.tracks import DEFAULT_NAME, marked_cuts, placed, silent_cuts, split_at

    cuts = marked_cuts(args.input) if args.by == "markers" else silent_cuts(args.input, args.pause)
    is_told = not (args.json or args.quiet)
    if args.by == "silence" and not cuts and is_told:
        print(
            f"{one_line(args.input)}: there is no pause of {args.pause:g} s; the side stays whole"
        )
    record = known_record(args.input)
    if not (record.title or record.performer or args.name):
        record = replace(record, title=args.input.stem)
    tracks = split_at(args.input, args.output, cuts, record, args.name or DEFAULT_NAME)
    if is_told:
        for path in tracks:
            print(one_line(path))
    return placed(tracks)
