"""``shellac revert``: its options, and from them to a side with other repairs."""

import argparse

from model.errors import RestorationError, one_line
from realtime.arguments import named_path, positive


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the side, what is taken back, and what is repaired harder."""
    add = parser.add_argument
    add("side", type=named_path, metavar="SIDE", help="recorded or restored, or its .shellac.json")
    add("-o", "--output", type=named_path, required=True, metavar="OUT", help="WAV or FLAC")
    add("--repairs", metavar="N,N", help="by their numbers in the audit, such as 3,17,20-25")
    add(
        "--between",
        action="append",
        default=[],
        metavar="A-B",
        help="leave this stretch alone, such as 1:32-1:40; may be repeated",
    )
    add("--wider-than", type=positive, metavar="MS", help="those longer than so many ms")
    add("--certainty-below", type=positive, metavar="P", help="those less certain, in percent")
    add(
        "--harder",
        action="append",
        default=[],
        metavar="A-B",
        help="repair this stretch harder; may be repeated",
    )
    add(
        "--model",
        action="append",
        metavar="FILE|none",
        help="the networks that it was made with, where they are not the shipped ones",
    )
    add("--overwrite", action="store_true", help="replace OUT if it is there already")


def run(args: argparse.Namespace) -> None:
    """Give stretches of a side their untouched sound back, or repair them harder."""
    from model.groove.stretch import stretch_in
    from realtime.batch.revert import Wanted, revert_side
    from realtime.batch.side import numbers_in, open_side
    from realtime.restorer.options import models_from

    side = open_side(args.side)
    try:
        numbers = numbers_in(args.repairs, len(side.repairs)) if args.repairs else set[int]()
        between = [stretch_in(text) for text in args.between]
        harder = [stretch_in(text) for text in args.harder]
    except ValueError as error:
        raise RestorationError(str(error)) from None
    below = args.certainty_below
    wanted = Wanted(
        frozenset(numbers),
        tuple(between),
        args.wider_than,
        # Written as a share where it can only be one: nothing is less certain than one half.
        None if below is None else below / 100 if below > 1 else below,
        tuple(harder),
    )
    if wanted.is_empty:
        raise RestorationError(
            "nothing is to be reverted; say --repairs, --between, --wider-than, "
            "--certainty-below or --harder"
        )
    done = revert_side(side, wanted, args.output, models_from(args), overwrite=args.overwrite)
    if not args.quiet:
        print(one_line(f"{args.output}: {done.sentence}"))
