"""Measures restorers on music made dirty: ours and others, same files, same run. Main thread.

python -m training.evaluate default --data FOLDER --peer "ffmpeg=ffmpeg -i {input} ... {output}"
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from model.errors import RestorationError
from training.benchmarks.systems import Restoration, System, our_system, peer_system
from training.command import make_folder, run_command, say_skipped
from training.dirt.artifacts import GroundTruth, apply_degradation
from training.dirt.degradation import draw_degradation
from training.dirt.parameters import SEVERITIES, load_artifacts
from training.judging.evaluation_report import save_report
from training.judging.labels import impulse_labels
from training.judging.metrics import (
    detection_scores,
    impulse_removal_rate,
    log_spectral_distance,
    pesq_score,
    segmental_snr_db,
    snr_db,
    spectral_flatness,
    transient_preservation,
)
from training.signals.audio_files import find_audio, load_audio

F32 = NDArray[np.float32]

HIGHEST_DB = 120.0  # better is not told apart
SPEECH = "speech"


class Score(NamedTuple):
    """What one system did to one clip."""

    system: str
    genre: str
    severity: str
    clip: str
    values: dict[str, float]


class Clip(NamedTuple):
    """One mono piece of clean music, and the dirt that its place in the list decides."""

    path: Path
    genre: str
    clean: F32
    sample_rate: int
    seed: int


def main(arguments: list[str] | None = None) -> int:
    """Run ``python -m training.evaluate``."""
    parser = argparse.ArgumentParser(
        prog="python -m training.evaluate",
        description="Measure presets, checkpoints and peers on clean music made dirty.",
    )
    parser.add_argument("systems", nargs="+", help="presets, preset files, .pth or .onnx files")
    parser.add_argument("--data", type=Path, required=True, help="clean music, a folder per genre")
    parser.add_argument("--severity", nargs="+", default=list(SEVERITIES), help="or YAML files")
    parser.add_argument("--peer", action="append", default=[], metavar="NAME=COMMAND")
    parser.add_argument("--seconds", type=float, default=8.0, help="of each recording")
    parser.add_argument("--per-genre", type=int, default=0, help="recordings of each; 0 is all")
    parser.add_argument("-o", "--output", type=Path, default=Path("runs/evaluation"))
    options = parser.parse_args(arguments)
    return run_command(lambda: _evaluate(options))


def _evaluate(options: argparse.Namespace) -> None:
    if not options.seconds > 0 or options.per_genre < 0:
        raise RestorationError("--seconds must be above 0, --per-genre not below")
    make_folder(options.output)
    systems = [our_system(name) for name in options.systems]
    systems += [peer_system(text) for text in options.peer]
    clips = list(find_clips(options.data, options.seconds, options.per_genre))
    scores = evaluate(systems, clips, options.severity)
    text = save_report(options.output, [(s[:3], s.clip, s.values) for s in scores])
    print(f"{text}\n\n{options.output}/evaluation.md, .csv, .png")


def find_clips(folder: Path, seconds: float, per_genre: int = 0) -> Iterator[Clip]:
    """Yield the middle of each recording; the genre is the name of its folder."""
    taken: dict[str, int] = {}
    failures: list[str] = []
    for seed, path in enumerate(find_audio(folder)):
        genre = path.parent.name
        if per_genre and taken.get(genre, 0) >= per_genre:
            continue
        try:
            audio, rate = load_audio(path)
        except RestorationError as error:
            failures.append(str(error))
            continue
        length = round(seconds * rate)
        start = max(0, (audio.shape[1] - length) // 2)
        taken[genre] = taken.get(genre, 0) + 1
        yield Clip(path, genre, audio.mean(axis=0)[start : start + length], rate, seed)
    say_skipped(failures, len(taken))


def evaluate(
    systems: Sequence[System], clips: Sequence[Clip], severities: Sequence[str]
) -> list[Score]:
    """Let every system restore every clip at every severity, and the clean clip too."""
    scores = []
    for clip in tqdm(clips, unit="clip", disable=len(clips) < 4):
        unharmed = {
            system.name: snr_db(clip.clean, _mono(system, clip.clean, clip).restored[0])
            for system in systems
        }
        for severity in severities:
            record = draw_degradation(
                load_artifacts(severity), len(clip.clean) / clip.sample_rate, clip.seed
            )
            degraded, truth = apply_degradation(clip.clean, clip.sample_rate, record)
            for system in systems:
                values = measured(_mono(system, degraded, clip), degraded, truth, clip)
                values["transparency dB"] = min(unharmed[system.name], HIGHEST_DB)
                name = Path(severity).stem
                scores.append(Score(system.name, clip.genre, name, clip.path.stem, values))
    return scores


def measured(
    result: Restoration, degraded: F32, truth: GroundTruth, clip: Clip
) -> dict[str, float]:
    """Return every figure of one restoration but the transparency."""
    restored, rate, clean = result.restored[0], clip.sample_rate, truth.clean
    label, care = impulse_labels(degraded, truth.without_impulses, truth)
    on = label > 0
    values = {
        "SNR gain dB": _gain(snr_db(clean, restored), snr_db(clean, degraded)),
        "seg. gain dB": segmental_snr_db(clean, restored, rate)
        - segmental_snr_db(clean, degraded, rate),
        "impulse gain dB": _gain(snr_db(clean[on], restored[on]), snr_db(clean[on], degraded[on])),
    }
    audible = [e for e in truth.events if label[e.start : e.start + e.length].any()]
    for by in (10, 20):
        rate_of = impulse_removal_rate(degraded, restored, truth.without_impulses, audible, by)
        values[f"removed {by} dB"] = rate_of
    if result.found is not None:
        scores = detection_scores(result.found[0], label > 0, rate, neutral=care == 0)
        values |= {"precision": scores.precision, "recall": scores.recall, "F1": scores.f1}
    values["attacks"] = transient_preservation(clean, restored, rate)
    flatness = spectral_flatness(restored, rate), spectral_flatness(clean, rate)
    values["flatness change"] = flatness[0] - flatness[1]
    values["LSD dB"] = log_spectral_distance(clean, restored, rate)
    if clip.genre == SPEECH:
        values["PESQ"] = pesq_score(clean, restored, rate)
    return values


def _mono(system: System, audio: F32, clip: Clip) -> Restoration:
    return system.restore(audio[None], clip.sample_rate)


def _gain(after: float, before: float) -> float:
    return min(after, HIGHEST_DB) - min(before, HIGHEST_DB)


if __name__ == "__main__":
    raise SystemExit(main())
