"""``shellac recover``: a folder of recordings, and what became of the unfinished ones."""

import argparse

from model.errors import RestorationError
from realtime.arguments import named_path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the folder."""
    parser.add_argument("folder", type=named_path, metavar="DIR", help="with recordings in it")


def run(args: argparse.Namespace) -> None:
    """Finish recordings that a killed program left behind."""
    from realtime.recording.recover import recover_folder

    outcomes, finished = recover_folder(args.folder)
    for outcome in outcomes:
        if outcome.what == "failed" or not args.quiet:
            print(outcome)
    if finished and not args.quiet:
        print(f"{finished} finished recordings are as they were")
    if not outcomes and not args.quiet:
        print(f"nothing to recover in {args.folder}")
    if failed := sum(outcome.what == "failed" for outcome in outcomes):
        raise RestorationError(f"{failed} recordings could not be recovered")
