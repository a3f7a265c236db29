"""Measure the declicker against ffmpeg's ``adeclick``: gain against transparency, on clean clips.

``python -m training.declick_benchmark FOLDER [--plot FILE] [--json FILE]``. Every clip is measured
untouched (transparency: output against input) and with made clicks added at 6 dB SNR, 20 and 200
a second (gain: SNR out minus SNR in). Needs ``imageio-ffmpeg`` for the rival; plots need
matplotlib. It imports no torch.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import soundfile as sf
from numpy.typing import NDArray

from model.chain import ANALYTICAL
from model.checkpoints import Models, load_models
from model.errors import RestorationError
from model.settings import Settings
from training.find_impulses import run_chain
from training.metrics import detection_scores, stretches

F32 = NDArray[np.float32]
Mask = NDArray[np.bool_]
Restore = Callable[[F32, int], tuple[F32, Mask | None]]  # what came out, what was found

SNR_DB = 6.0
RATES_PER_S = (20, 200)
LENGTHS_MS = (0.1, 1.5)
SPACING_S = 0.0005  # least distance between two clicks
CAP_DB = 120.0  # bit-exact output is printed as this
STRENGTHS = (  # sensitivity, protection; the third is the default preset's, the fifth heavy's
    (0.2, 0.8),
    (0.35, 0.7),
    (0.5, 0.5),
    (0.6, 0.35),
    (0.75, 0.25),
    (0.8, 0.1),
    (0.95, 0.0),
)
OURS, ALONE = "shellac", " analytical"
RIVALS = {
    "adeclick t=2 (default)": "adeclick=m=s",
    "adeclick t=3": "adeclick=t=3:m=s",
    "adeclick t=3, three passes": ",".join(["adeclick=t=3:m=s"] * 3),
    "adeclick a=4 b=4, two passes": ",".join(["adeclick=a=4:b=4:m=s"] * 2),
    "adeclick t=6": "adeclick=t=6:m=s",
    "adeclick t=2 overlap-add": "adeclick",
}


class Clip(NamedTuple):
    """A clean mono clip."""

    name: str
    signal: F32
    sample_rate: int


class Row(NamedTuple):
    """One setting's figures, one entry per clip: dB; ``f1`` by clicks; repairs of clean clips/s.

    ``f1`` and ``false_repairs`` are empty for systems that do not tell what they found.
    """

    name: str
    transparency: list[float]
    gain: dict[int, list[float]]
    f1: dict[int, list[float]]
    false_repairs: list[float]


def snr_db(truth: F32, signal: F32) -> float:
    """Signal-to-noise ratio, at most ``CAP_DB``."""
    power = float(np.sum(truth.astype(np.float64) ** 2))
    error = float(np.sum((truth.astype(np.float64) - signal) ** 2))
    return float(10 * np.log10(power / max(error, power * 10 ** (-CAP_DB / 10))))


def made_clicks(n: int, sample_rate: int, rate_per_s: float, seed: int) -> NDArray[np.float64]:
    """Decaying noise bursts, 0.1 to 1.5 ms, log-normal heights, apart from each other."""
    rng = np.random.default_rng(seed)
    clicks, taken = np.zeros(n), np.zeros(n, bool)
    spacing = int(SPACING_S * sample_rate)
    shortest, longest = np.log(LENGTHS_MS)
    for _ in range(rng.poisson(rate_per_s * n / sample_rate)):
        length = max(3, int(sample_rate * 1e-3 * np.exp(rng.uniform(shortest, longest))))
        start = int(rng.integers(0, n - length))
        burst = rng.standard_normal(length) * np.exp(-4 * np.arange(length) / length)
        height = np.exp(0.5 * rng.standard_normal())
        if not taken[max(0, start - spacing) : start + length + spacing].any():
            clicks[start : start + length] += height * burst
            taken[start : start + length] = True
    return clicks


def degrade(clip: Clip, rate_per_s: float, seed: int) -> tuple[F32, Mask]:
    """Add made clicks at ``SNR_DB``; also return where they are."""
    clicks = made_clicks(len(clip.signal), clip.sample_rate, rate_per_s, seed)
    power = float(np.sum(clip.signal.astype(np.float64) ** 2))
    gain = np.sqrt(power / np.sum(clicks**2) / 10 ** (SNR_DB / 10))
    return np.asarray(clip.signal + gain * clicks, np.float32), clicks != 0


def chain_restorer(settings: Settings, models: Models = ANALYTICAL) -> Restore:
    """Restore through the chain itself, latency removed, and mark what was found."""

    def restore(signal: F32, sample_rate: int) -> tuple[F32, Mask]:
        done = run_chain(signal[None], sample_rate, settings, models)
        found = np.zeros(len(signal), bool)
        for impulse in done.impulses:
            found[impulse.start : impulse.start + impulse.length] = True
        return done.restored[0], found

    return restore


def ffmpeg_restorer(filters: str) -> Callable[[F32, int], F32]:
    """Restore through an ffmpeg filter chain, in 32-bit float files."""
    import imageio_ffmpeg

    program = imageio_ffmpeg.get_ffmpeg_exe()

    def restore(signal: F32, sample_rate: int) -> F32:
        with tempfile.TemporaryDirectory() as folder:
            source, target = Path(folder, "in.wav"), Path(folder, "out.wav")
            sf.write(source, signal, sample_rate, subtype="FLOAT")
            command = [program, "-v", "error", "-i", source, "-af", filters]
            subprocess.run([*command, "-c:a", "pcm_f32le", target], check=True)
            restored = sf.read(target, dtype="float32")[0][: len(signal)]
        return np.pad(restored, (0, len(signal) - len(restored)))

    return restore


def read_clip(path: Path, seconds: float) -> Clip:
    """Read the middle of a file, mono, peak 0.7, ends faded over 20 ms."""
    try:
        sound, sample_rate = sf.read(path, dtype="float32", always_2d=True)
    except (OSError, sf.LibsndfileError) as error:
        raise RestorationError(f"{path}: cannot be read as audio ({error}); leave it out") from None
    mono = sound.mean(axis=1)
    n = min(len(mono), int(seconds * sample_rate))
    mono = mono[(len(mono) - n) // 2 :][:n].copy()
    fade = np.minimum(1.0, np.arange(n) / (0.02 * sample_rate))
    mono *= fade * fade[::-1] * 0.7 / (np.abs(mono).max() + 1e-9)
    return Clip(path.stem, mono.astype(np.float32), sample_rate)


def read_clips(places: Sequence[Path], seconds: float) -> list[Clip]:
    """Read every named file and every FLAC file of the named folders.

    Raises
    ------
    RestorationError
        If there is none, or one cannot be read.
    """
    paths = [
        path
        for given in places
        for path in (sorted(given.rglob("*.flac")) if given.is_dir() else [given])
    ]
    if not paths:
        raise RestorationError("no FLAC file in the folders; name some files")
    return [read_clip(path, seconds) for path in paths]


def measure(name: str, restore: Restore, clips: Sequence[Clip]) -> Row:
    """Figures of one setting over all clips."""
    none: dict[int, list[float]] = {rate: [] for rate in RATES_PER_S}
    row = Row(name, [], none, {rate: [] for rate in RATES_PER_S}, [])
    for seed, clip in enumerate(clips):
        untouched, found = restore(clip.signal, clip.sample_rate)
        row.transparency.append(snr_db(clip.signal, untouched))
        if found is not None:
            seconds = len(clip.signal) / clip.sample_rate
            row.false_repairs.append(len(stretches(found)) / seconds)
        for rate, gains in row.gain.items():
            worn, truth = degrade(clip, rate, seed)
            restored, found = restore(worn, clip.sample_rate)
            gains.append(snr_db(clip.signal, restored) - snr_db(clip.signal, worn))
            if found is not None:
                row.f1[rate].append(detection_scores(found, truth, clip.sample_rate).f1)
    return row


def silent(restore: Callable[[F32, int], F32]) -> Restore:
    """Wrap a system that does not tell what it found."""
    return lambda signal, sample_rate: (restore(signal, sample_rate), None)


def print_head(n_clips: int) -> None:
    """Heads of the table."""
    columns = [f"gain {rate}/s" for rate in RATES_PER_S] + [f"F1 {rate}/s" for rate in RATES_PER_S]
    heads = "".join(f"{text:>10}" for text in [*columns, "false/s", "worst"])
    print(f"{n_clips} clips; transparency and gain in dB; repairs of clean clips per second")
    print(f"{'setting':36}{'median':>8}{'worst':>8}{heads}")


def print_row(row: Row) -> None:
    """One line of the table."""
    text = f"{row.name:36}{np.median(row.transparency):8.1f}{min(row.transparency):8.1f}"
    text += "".join(f"{np.mean(gains):+10.1f}" for gains in row.gain.values())
    if row.false_repairs:
        text += "".join(f"{np.mean(f1):10.3f}" for f1 in row.f1.values())
        text += f"{np.mean(row.false_repairs):10.2f}{max(row.false_repairs):10.2f}"
    print(text, flush=True)


def plot(rows: Sequence[Row], path: Path) -> None:
    """Draw gain against transparency, ours as a curve, the rivals as points."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4.2), layout="constrained")
    for axes, rate in zip(figure.subplots(1, 2, sharey=True), RATES_PER_S, strict=True):
        for mode, label in ((f"{OURS} s", "Shellac"), (f"{OURS}{ALONE}", "Shellac, analytical")):
            ours = [row for row in rows if row.name.startswith(mode)]
            worst = [min(row.transparency) for row in ours]
            axes.plot(worst, [np.mean(row.gain[rate]) for row in ours], "o-", label=label)
        for row in rows:
            if not row.name.startswith(OURS):
                axes.plot(min(row.transparency), np.mean(row.gain[rate]), "s", label=row.name)
        axes.set(
            title=f"{rate} clicks a second, {SNR_DB:.0f} dB SNR in",
            xlabel="transparency of the worst clip, dB",
            ylabel="SNR gain, dB",
        )
        axes.grid(alpha=0.3)
    axes.legend(fontsize=7)
    figure.savefig(path, dpi=110)


def main(argv: Sequence[str] | None = None) -> int:
    """Measure everything and print the table."""
    parser = argparse.ArgumentParser(
        prog="python -m training.declick_benchmark", description=__doc__
    )
    parser.add_argument("clips", nargs="+", type=Path, help="clean audio files or folders of them")
    parser.add_argument("--seconds", type=float, default=8.0, help="taken from each clip (8)")
    parser.add_argument("--model", action="append", default=[], help=".onnx instead of the shipped")
    parser.add_argument("--plot", type=Path, help="picture of gain against transparency")
    parser.add_argument("--json", type=Path, help="all figures, per clip")
    parser.add_argument("--alone", action="store_true", help="without other programs beside it")
    arguments = parser.parse_args(argv)
    try:
        clips = read_clips(arguments.clips, arguments.seconds)
        models = load_models(arguments.model)
    except RestorationError as error:
        print(f"declick_benchmark: {error}", file=sys.stderr)
        return 2
    print_head(len(clips))
    rows = []
    for mode, networks in (("", models), (ALONE, ANALYTICAL)):
        for sensitivity, protection in STRENGTHS if networks.detector or mode else ():
            settings = Settings(depth=1.0, sensitivity=sensitivity, protection=protection)
            name = f"{OURS}{mode} s={sensitivity:.2f} p={protection:.2f}"
            rows.append(measure(name, chain_restorer(settings, networks), clips))
            print_row(rows[-1])
    for name, filters in () if arguments.alone else RIVALS.items():
        rows.append(measure(name, silent(ffmpeg_restorer(filters)), clips))
        print_row(rows[-1])
    if arguments.plot:
        plot(rows, arguments.plot)
    if arguments.json:
        report: dict[str, Any] = {
            "clips": [clip.name for clip in clips],
            "rows": [row._asdict() for row in rows],
        }
        arguments.json.write_text(json.dumps(report, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
