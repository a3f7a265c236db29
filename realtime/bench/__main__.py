"""Measure the engine and print each figure with its bar and its rival."""

import argparse
import json
import sys
from pathlib import Path

from model.errors import RestorationError
from realtime.bench import offline
from realtime.bench.endurance import Endurance, run_baseline, run_engine, undisturbed
from realtime.bench.first_sound import first_sound
from realtime.bench.loopback import loopback_ms
from realtime.bench.sound import virtual_devices
from realtime.bench.table import table
from realtime.config import StreamConfig

QUICK_S, DEMO_S = 10.0, 60.0


def measure(seconds: float, offline_s: float) -> dict[str, float]:
    """Return every figure; the long runs take ``seconds`` each."""
    _say("latency, load and restoring speed on one core")
    figures: dict[str, float] = dict(offline.measured_apart(offline_s))
    with virtual_devices():
        _say("first sound and loopback on virtual devices")
        figures["first_sound_s"], figures["import_s"] = began = first_sound()
        figures["after_import_s"] = began.sound_s - began.import_s
        figures["loopback_ms"] = loopback_ms(StreamConfig("turntable", "headphones"))
        _say(f"{seconds:g} s of live restoration")
        figures |= _idle(undisturbed(lambda: run_engine(seconds, busy=False)))
        _say(f"{seconds:g} s beside a busy loop")
        busy = undisturbed(lambda: run_engine(seconds, busy=True))
        figures["busy_xruns"], figures["busy_lost_samples"] = busy.xruns, busy.lost_samples
        figures["busy_raw_lost_samples"] = busy.raw.lost
        _say(f"{seconds:g} s of bare pass-through beside a busy loop")
        figures["busy_stall_ms"] = 1000 * busy.stall_s
        baseline = undisturbed(lambda: run_baseline(seconds, busy=True))
        figures["baseline_lost_samples"] = baseline.heard.lost
        figures["baseline_stall_ms"] = 1000 * baseline.stall_s
    return figures


def _say(what: str) -> None:
    print(f"measuring: {what}", file=sys.stderr, flush=True)


def _idle(run: Endurance) -> dict[str, float]:
    return {
        "xruns": run.xruns,
        "lost_samples": run.lost_samples,
        "raw_lost_samples": run.raw.lost,
        "drift_corrections": run.telemetry.drift_corrections,
        "live_load_p50": run.telemetry.load_p50,
        "live_load_p99": run.telemetry.load_p99,
        "seconds": run.telemetry.seconds,
        "stall_ms": 1000 * run.stall_s,
    }


def main() -> int:
    """Parse, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m realtime.bench", description=__doc__)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there as well")
    parser.add_argument(
        "--seconds", type=float, default=600.0, help="length of each long run (600)"
    )
    parser.add_argument("--quick", action="store_true", help=f"long runs of {QUICK_S:g} s only")
    arguments = parser.parse_args()
    seconds = QUICK_S if arguments.quick else arguments.seconds
    try:
        figures = measure(seconds, QUICK_S if arguments.quick else DEMO_S)
    except RestorationError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    print(table(figures))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
