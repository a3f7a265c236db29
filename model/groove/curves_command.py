"""``shellac curves``: the playback curves, or those that a label and a year suggest."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what is known of the record."""
    parser.add_argument("--label", metavar="TEXT", help="as printed on the record")
    parser.add_argument("--year", type=int, help="of the recording")
    parser.add_argument("--region", choices=("us", "uk", "europe"), help="where it was made")


def run(args: argparse.Namespace) -> object:
    """List the playback curves, or those that a label and a year suggest."""
    from model.errors import RestorationError
    from model.groove.curve_table import named_curves, suggested_curves

    if not (args.label or args.year):
        curves = list(named_curves().values())
        if not args.json:
            for curve in curves:
                corners = " / ".join(f"{t * 1e6:g}" if t else "-" for t in curve.constants)
                print(f"{curve.name:14} {corners:18} {curve.years:12} {curve.title}")
            print("time constants in microseconds: bass shelf / turnover / treble")
        return curves
    found = suggested_curves(args.label or "", args.year, args.region or "")
    if not found:
        raise RestorationError(
            f"no curve is known for label {args.label!r}, year {args.year or 'unknown'}; "
            "give another year or region, or see all with 'shellac curves'"
        )
    for line in found if not args.json else ():
        years = f"{line.years[0]}-{line.years[1]}" if line.years else ""
        words = (line.label or "any label", line.region, years, line.mark, f"[{line.source}]")
        print(f"{line.curve:14} {' '.join(filter(None, words))}")
    return found
