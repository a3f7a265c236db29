"""Measures what the window costs: frame times, processor share, and whether the sound suffers.

``python -m ui.bench`` plays a record through virtual devices twice, without the window and with
it, and compares every sample. Nothing of Qt is imported here: the engine's process reads this
module too when it is spawned.
"""

import argparse
import json
import sys
from pathlib import Path

from model.errors import RestorationError
from realtime.bench.endurance import Endurance, run_engine, undisturbed
from realtime.bench.sound import virtual_devices

ROWS = (
    ("seconds", "length of each run", "s", ""),
    ("frame_p50_ms", "one frame, looking and painting, median", "ms", ""),
    ("frame_p95_ms", "  95th percentile", "ms", "<= 33"),
    ("interval_p50_ms", "from frame to frame, median", "ms", ""),
    ("interval_p95_ms", "  95th percentile", "ms", ""),
    ("frames_per_s", "frames per second", "", ">= 29"),
    ("cpu_share", "the window's share of one core", "", "<= 0.14"),
    ("xruns", "xruns with the window", "", "0"),
    ("without_xruns", "  without it", "", ""),
    ("lost_samples", "lost samples with the window", "", "0"),
    ("without_lost_samples", "  without it", "", ""),
    ("raw_lost_samples", "  of them in the raw file, with the window", "", "0"),
    ("stall_s", "longest standstill of the machine, with it", "s", ""),
    ("without_stall_s", "  without it", "s", ""),
    ("load_p99", "load of 99 in 100 hops with the window", "", ""),
    ("without_load_p99", "  without it", "", ""),
)


def main() -> int:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m ui.bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=30.0, help="length of each run (30)")
    parser.add_argument(
        "--only-with", action="store_true", help="leave out the run without the window"
    )
    parser.add_argument("--busy", action="store_true", help="keep one core busy beside it")
    parser.add_argument("--size", default="1280x720", metavar="WxH", help="of the window")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    args = parser.parse_args()
    try:
        figures = measure(args.seconds, args.size, busy=args.busy, only_with=args.only_with)
    except RestorationError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(table(figures))
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0


def measure(seconds: float, size: str, *, busy: bool, only_with: bool = False) -> dict[str, float]:
    """Run without (unless ``only_with``) and with the window; returns every figure.

    Raises
    ------
    RestorationError
        The virtual devices or the engine could not be started, or the size is not one.
    """
    from ui.bench_window import Outcome, run_with_window

    width, _, height = size.partition("x")
    if not (width.isdigit() and height.isdigit()):
        raise RestorationError(f"{size!r} is no size; write it as 1280x720")

    def without_window() -> Endurance:
        _tell(f"{seconds:.0f} s without the window")
        return run_engine(seconds, busy=busy)

    def with_window() -> Outcome:
        _tell(f"{seconds:.0f} s with the window, {size}")
        return run_with_window(seconds, int(width), int(height), busy=busy)

    with virtual_devices():
        without = None if only_with else undisturbed(without_window)
        outcome = undisturbed(with_window)
    beside = outcome.sound
    figures = {
        "seconds": seconds,
        **outcome.figures,
        "xruns": beside.xruns,
        "lost_samples": beside.lost_samples,
        "raw_lost_samples": beside.raw.lost,
        "stall_s": outcome.stall_s,
        "load_p99": beside.telemetry.load_p99,
    }
    if without is not None:
        figures |= {
            "without_xruns": without.xruns,
            "without_lost_samples": without.lost_samples,
            "without_stall_s": without.stall_s,
            "without_load_p99": without.telemetry.load_p99,
        }
    return figures


def _tell(doing: str) -> None:
    print(f"bench: {doing} …", file=sys.stderr, flush=True)


def table(figures: dict[str, float]) -> str:
    """One line per figure: what it is, value, bar."""
    lines = [f"{'':<44} {'value':>10}  bar"]
    for key, meaning, unit, bar in ROWS:
        if key not in figures:
            continue
        value = figures[key]
        text = f"{value:.0f}" if float(value).is_integer() else f"{value:.3g}"
        lines.append(f"{meaning:<44} {f'{text} {unit}'.rstrip():>10}  {bar}".rstrip())
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
