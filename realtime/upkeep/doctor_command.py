"""``main.py doctor``: every finding as soon as it is known."""

import argparse

from model.errors import RestorationError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: everything is examined."""


def run(args: argparse.Namespace) -> None:
    """Check this installation, and tell what a maintainer would ask for."""
    from realtime.upkeep.doctor import examine

    wrong = 0
    for finding in examine(args.log):
        print("\n".join(finding.lines()), flush=True)
        wrong += finding.state == "WRONG"
    if wrong:
        raise RestorationError(f"{wrong} of these answers are wrong; each says what helps")
