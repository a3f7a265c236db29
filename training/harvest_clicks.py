"""Harvests real clicks from real records, for training and for tests. Main thread.

python -m training.harvest_clicks RECORD... -o BANK.npz [--plot FILE] [--origin TEXT]

Where a transfer reaches at least an octave higher than its music, nothing plays up there but hiss
and clicks. Each click is cut out over the full band by least-squares interpolation and kept with
its time. Records without such a band are named and left out.
"""

import argparse
from pathlib import Path

from rich.console import Console

from model.errors import RestorationError
from training.command import run_command, say_skipped
from training.harvest.click_bank import ClickBank, save_bank
from training.harvest.click_finder import THRESHOLD
from training.harvest.click_harvest import Harvest, bank_of, harvest
from training.harvest.harvest_report import plot_harvest, print_harvest
from training.signals.audio_files import find_audio

STRETCH_S, GAP_S = 2.0, 0.2
LEAST_THRESHOLD = 4.0  # below it hiss itself is harvested


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m training.harvest_clicks``."""
    parser = argparse.ArgumentParser(
        prog="python -m training.harvest_clicks",
        description="Cut the clicks out of real records and keep them in a bank.",
    )
    parser.add_argument("records", nargs="+", type=Path, help="recordings, or folders of them")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the bank, .npz")
    parser.add_argument("--plot", type=Path, help="picture of what was found")
    parser.add_argument("--origin", default="", help="whose records these are, kept in the bank")
    parser.add_argument(
        "--threshold", type=float, default=THRESHOLD, help=f"sigma of the hiss; {THRESHOLD:g}"
    )
    parser.add_argument(
        "--hold-out-every",
        type=int,
        default=2,
        metavar="N",
        help="every Nth record is for tests only, of one record every Nth stretch; 2, 0 for none",
    )
    parser.add_argument(
        "--stretch", type=float, default=STRETCH_S, help=f"seconds of a stretch; {STRETCH_S:g}"
    )
    options = parser.parse_args(arguments)
    return run_command(lambda: _harvest_all(options))


def _harvest_all(options: argparse.Namespace) -> None:
    if options.threshold < LEAST_THRESHOLD or options.stretch <= 0 or options.hold_out_every < 0:
        raise RestorationError(
            f"--threshold must be {LEAST_THRESHOLD:g} or more, --stretch above 0, "
            "--hold-out-every not below 0"
        )
    if options.output.suffix != ".npz" or not options.output.parent.is_dir():
        raise RestorationError(f"-o {options.output}: name a .npz file in a folder that exists")
    paths, failures = _each_once([path for place in options.records for path in find_audio(place)])
    console = Console()
    harvests: list[Harvest] = []
    for path in paths:
        try:
            with console.status(f"listening to {path.name}"):
                harvests.append(harvest(path, options.threshold))
        except RestorationError as error:
            failures.append(str(error))
    say_skipped(failures, len(harvests))
    origin = options.origin or ", ".join(one.name for one in harvests)
    bank = bank_of(harvests, origin, options.hold_out_every, options.stretch, GAP_S)
    save_bank(options.output, bank)
    print_harvest(console, harvests, bank)
    size = options.output.stat().st_size
    console.print(f"{options.output}: {len(bank)} clicks, {size / 1000:.0f} kB")
    if options.plot:
        _save_plot(options.plot, harvests, bank)


def _each_once(paths: list[Path]) -> tuple[list[Path], list[str]]:
    """A record that is named twice would be on both sides of the hold-out."""
    seen: dict[Path, Path] = {}
    twice = []
    for path in paths:
        if path.resolve() in seen:
            twice.append(f"{path} is named twice; it is taken once")
        else:
            seen[path.resolve()] = path
    return list(seen.values()), twice


def _save_plot(path: Path, harvests: list[Harvest], bank: ClickBank) -> None:
    try:
        plot_harvest(path, harvests, bank)
    except (OSError, ValueError) as error:  # ValueError: no kind of picture
        reason = getattr(error, "strerror", None) or error
        raise RestorationError(f"cannot write {path}: {reason}") from None


if __name__ == "__main__":
    raise SystemExit(main())
