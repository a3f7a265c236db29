"""Measure what two walls of one groove are worth: on made records, whose truth is known.

``python -m training.wall_benchmark CLIPS... [--seconds 5] [--seeds 2] [--plot PNG] [--noise FILE]
[--hiss]``. Clips of clean music are made into two-wall records (made clicks; a bank's own clicks
under its own hiss), and every way from them to one sound is measured against what the undamaged
walls say together: the sum, each wall, the better wall, both walls, adeclick and grooveclean on the
sum, and oracles. Then what happens to undamaged walls, and to their hiss (``--hiss`` measures that
alone). It imports no torch.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.checkpoints import Models, load_models
from model.errors import RestorationError
from training.benchmarks.clips import Clip, read_clips
from training.benchmarks.restorers import rival_restorers
from training.benchmarks.wall_hiss import measure_hiss
from training.benchmarks.wall_table import (
    MADE,
    REAL,
    WallRow,
    made_records,
    measured,
    noisy_record,
    plot_walls,
    print_harm,
    print_head,
    print_row,
    real_records,
)
from training.benchmarks.wall_ways import ways
from training.command import run_command
from training.dirt.two_walls import TwoWalls
from training.harvest.click_bank import SHIPPED, load_bank
from training.signals.audio_files import load_audio

NOISE_DB = -20.0  # of groove noise at hand, under the music
SHOWN_S = 1.2  # seconds of each
SHOWN_WAYS = ("sum, then restored", "both walls, then restored")


def main(argv: Sequence[str] | None = None) -> int:
    """Measure all ways and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m training.wall_benchmark", description=__doc__)
    add = parser.add_argument
    add("clips", nargs="+", type=Path, help="clean audio files or folders of them")
    add("--seconds", type=float, default=5.0, help="taken from each clip (5)")
    add("--seeds", type=int, default=1, help="records made of each clip (1)")
    add("--clicks", type=Path, default=SHIPPED, metavar="BANK", help="real clicks (the shipped)")
    add("--hiss", action="store_true", help="the hiss reduction alone, without clicks")
    add("--quick", action="store_true", help="three clips, two seconds, without other programs")
    add("--alone", action="store_true", help="without other programs beside it")
    add("--grooveclean", type=Path, metavar="PROGRAM", help="the command, if it lies elsewhere")
    add("--model", action="append", default=[], help=".onnx instead of the shipped")
    add("--plot", type=Path, help="picture of the gains, with spectrograms")
    add("--noise", type=Path, metavar="FILE", help="stereo groove noise, shown in the picture too")
    add("--json", type=Path, help="all figures, per record")
    options = parser.parse_args(argv)
    return run_command(lambda: _measure_all(options))


def _measure_all(options: argparse.Namespace) -> None:
    clips = read_clips(options.clips, 2.0 if options.quick else options.seconds)
    clips = clips[:3] if options.quick else clips
    models = load_models(options.model)
    if options.hiss:
        _report(
            options, {"clips": [clip.name for clip in clips], "hiss": _hiss(clips, models, options)}
        )
        return
    alone = options.alone or options.quick
    measuring = ways(models, {} if alone else rival_restorers(options.grooveclean))
    records = {title: made_records(clips, wear, options.seeds) for title, wear in MADE.items()}
    records[REAL] = real_records(clips, load_bank(options.clicks), options.seeds)
    tables: dict[str, list[WallRow]] = {}
    for title, made in records.items():
        if not made:
            print(f"left out: {title}; no clip has the bank's rate", file=sys.stderr)
            continue
        print_head(title, made)
        tables[title] = []
        for name, way in measuring.items():
            tables[title].append(measured(name, way, made))
            print_row(tables[title][-1])
    harm = print_harm(clips)
    hiss = _hiss(clips, models, options)
    if options.plot:
        shown = [_shown(title, made[0], measuring) for title, made in records.items() if made]
        if options.noise:
            noisy = noisy_record(clips[0], _noise_of(options.noise, clips[0]), NOISE_DB)
            shown.append(_shown("groove noise of a transfer", noisy, measuring))
        try:
            plot_walls(tables, shown, options.plot)
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            raise RestorationError(f"cannot write {options.plot}: {reason}") from None
    rows = {title: [row._asdict() for row in table] for title, table in tables.items()}
    _report(options, {"clips": [clip.name for clip in clips], **rows, "harm": harm, "hiss": hiss})


def _hiss(clips: list[Clip], models: Models, options: argparse.Namespace) -> list[dict[str, Any]]:
    if models.denoiser is None:
        print("left out: hiss; there is no denoiser, name one with --model", file=sys.stderr)
        return []
    return [row._asdict() for row in measure_hiss(clips, models, options.seeds)]


def _report(options: argparse.Namespace, report: dict[str, Any]) -> None:
    if options.json:
        try:
            options.json.write_text(json.dumps(report, indent=1), encoding="utf-8")
        except OSError as error:
            raise RestorationError(f"cannot write {options.json}: {error.strerror}") from None


def _noise_of(path: Path, clip: Clip) -> NDArray[np.float32]:
    """Return stereo noise ``[2, T]`` of a clip's rate from the middle of a file."""
    sound, _ = load_audio(path, clip.sample_rate)
    if len(sound) != 2:
        raise RestorationError(f"{path} is mono; name a stereo recording of groove noise")
    begin = max(sound.shape[1] - len(clip.signal), 0) // 2
    return np.asarray(sound[:, begin:][:, : len(clip.signal)], np.float32)


def _shown(title: str, record: TwoWalls, measuring: dict[str, Any]) -> Any:
    """Return a moment of one record as its sum and as each way leaves it."""
    n = len(record.truth)
    place = slice(n // 2, n // 2 + round(SHOWN_S * record.sample_rate))
    sounds = {"sum": np.asarray(record.walls.mean(axis=0), np.float32)[place]}
    sounds |= {name: measuring[name](record)[place] for name in SHOWN_WAYS}
    return title.split(",")[0], sounds, record.sample_rate


if __name__ == "__main__":
    sys.exit(main())
