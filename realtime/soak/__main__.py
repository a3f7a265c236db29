"""Parse, run, print, and fail where a check does."""

import argparse
import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path

from model.errors import RestorationError
from realtime.engine.child import ONE_THREAD
from realtime.soak.plan import SoakPlan
from realtime.soak.report import SoakReport

DESCRIPTION = """\
Runs the engine for hours while somebody turns every control, and looks for what is lost, shifted
or growing. In real time on virtual devices of a private sound server; with --speed the same worker,
chain and recorder without devices. Ctrl-C ends early, with the report on what there was."""


def run_soak(plan: SoakPlan, stop: threading.Event) -> SoakReport:
    """Run to the end, or until ``stop`` is set.

    Raises
    ------
    RestorationError
        There is too little room on the disk, or the engine cannot run.
    """
    free = shutil.disk_usage(plan.folder).free
    if free < plan.disk_bytes:
        raise RestorationError(
            f"{plan.folder} has {free / 1e6:.0f} MB left and a side needs "
            f"{plan.disk_bytes / 1e6:.0f}; shorten the sides, or choose another folder"
        )
    if plan.speed is None:
        from realtime.soak.live import LiveSoak

        return LiveSoak(plan, stop).run()
    from realtime.soak.fast import FastSoak

    return FastSoak(plan, stop).run()


def main() -> int:
    """Return 0 when all checks hold, 1 when one fails, 2 when nothing could be checked."""
    parser = _parser()
    args = parser.parse_args()
    if args.busy and args.speed is not None:
        parser.error("--busy is for real time; leave out --speed or --busy")
    for name, value in ONE_THREAD.items():
        os.environ.setdefault(name, value)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with tempfile.TemporaryDirectory(prefix="shellac_soak_", dir=args.folder) as folder:
        plan = SoakPlan(
            3600 * args.hours,
            args.speed,
            60 * args.side_minutes,
            Path(folder),
            args.seed,
            tuple(args.model or ()),
            args.losses_per_hour,
            args.busy,
        )
        try:
            report = run_soak(plan, stop)
        except RestorationError as error:
            print(f"soak: {error}", file=sys.stderr)
            return 2
    print("\n".join(report.lines()))
    if args.json:
        report.write_json(args.json)
    return 1 if report.complaints else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m realtime.soak",
        description=DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--hours", type=_positive, required=True, metavar="H", help="of sound")
    add("--speed", type=_speed, metavar="X|max", help="times real time, without devices")
    add("--side-minutes", type=_positive, default=10.0, metavar="M", help="then checked (10)")
    add("--losses-per-hour", type=float, default=2.0, metavar="N", help="real time only (2)")
    add("--busy", action="store_true", help="beside a program that takes a core; real time only")
    add("--model", action="append", metavar="FILE|none", help="in place of the shipped networks")
    add("--seed", type=int, default=78, help="of everything random (78)")
    add("--folder", type=Path, metavar="DIR", help="for the side in work (the system's own)")
    add("--json", type=Path, metavar="FILE", help="write the report there as well")
    return parser


def _positive(text: str) -> float:
    value = float(text)
    if not 0 < value < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not possible; it must be more than 0")
    return value


def _speed(text: str) -> float:
    return float("inf") if text == "max" else _positive(text)


if __name__ == "__main__":
    sys.exit(main())
