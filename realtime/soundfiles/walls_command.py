"""``shellac walls``: how the two walls of a transfer stand, as options for restoring it."""

import argparse

from realtime.arguments import named_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the transfer."""
    parser.add_argument("input", type=named_path, metavar="IN", help="a stereo transfer")


def run(args: argparse.Namespace) -> object:
    """Estimate how the two walls of a transfer stand to each other."""
    from realtime.soundfiles.walls import wall_alignment_of

    found = wall_alignment_of(args.input)
    kind = "lateral" if found.correlation > 0 else "vertical"
    if not args.json:
        print(
            f"--wall-offset {found.offset_us:.2f} --wall-balance {found.balance_db:.2f} "
            f"(correlation {found.correlation:.2f}: {kind})"
        )
    return {**found._asdict(), "kind": kind}
