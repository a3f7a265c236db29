"""``shellac doctor``: every finding as soon as it is known."""

import argparse

from model.errors import RestorationError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add nothing: everything is examined."""


def run(args: argparse.Namespace) -> object:
    """Check this installation, and tell what a maintainer would ask for."""
    from realtime.upkeep.doctor import examine

    findings = []
    for finding in examine(args.log):
        findings.append(finding)
        if not args.json and not (args.quiet and finding.state != "WRONG"):
            print("\n".join(finding.lines()), flush=True)
    if wrong := sum(finding.state == "WRONG" for finding in findings):
        raise RestorationError(
            f"{wrong} of these answers are wrong; each says what helps", result=findings
        )
    return findings
