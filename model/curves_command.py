"""``main.py curves``: the playback curves, or those that a label and a year suggest."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is known of the record."""
    parser.add_argument("--label", metavar="TEXT", help="as printed on the record")
    parser.add_argument("--year", type=int, help="of the recording")
    parser.add_argument("--region", choices=("us", "uk", "europe"), help="where it was made")


def run(args: argparse.Namespace) -> None:
    """List the playback curves, or those that a label and a year suggest."""
    from model.record_options import list_curves

    list_curves(args.label, args.year, args.region)
