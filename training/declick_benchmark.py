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

from model.chain import HOP, Chain
from model.errors import RestorationError
from model.settings import Settings

F32 = NDArray[np.float32]
Restore = Callable[[F32, int], F32]

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
    """One setting's figures in dB, one entry per clip."""

    name: str
    transparency: list[float]
    gain: dict[int, list[float]]


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


def degrade(clip: Clip, rate_per_s: float, seed: int) -> F32:
    """Add made clicks at ``SNR_DB``."""
    clicks = made_clicks(len(clip.signal), clip.sample_rate, rate_per_s, seed)
    power = float(np.sum(clip.signal.astype(np.float64) ** 2))
    gain = np.sqrt(power / np.sum(clicks**2) / 10 ** (SNR_DB / 10))
    return np.asarray(clip.signal + gain * clicks, np.float32)


def chain_restorer(settings: Settings) -> Restore:
    """Restore through the chain itself, latency removed."""

    def restore(signal: F32, sample_rate: int) -> F32:
        chain = Chain(sample_rate, 1)
        whole = -(-(len(signal) + chain.latency) // HOP) * HOP
        padded = np.pad(signal, (0, whole - len(signal)))[None]
        state, parts = chain.initial_state(), []
        for start in range(0, padded.shape[1], HOP):
            output, state = chain.step(padded[:, start : start + HOP], state, settings)
            parts.append(output.restored[0])
        return np.concatenate(parts)[chain.latency :][: len(signal)]

    return restore


def ffmpeg_restorer(filters: str) -> Restore:
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


def measure(name: str, restore: Restore, clips: Sequence[Clip]) -> Row:
    """Transparency and gain of one setting over all clips."""
    row = Row(name, [], {rate: [] for rate in RATES_PER_S})
    for seed, clip in enumerate(clips):
        row.transparency.append(snr_db(clip.signal, restore(clip.signal, clip.sample_rate)))
        for rate, gains in row.gain.items():
            worn = degrade(clip, rate, seed)
            restored = restore(worn, clip.sample_rate)
            gains.append(snr_db(clip.signal, restored) - snr_db(clip.signal, worn))
    return row


def print_row(row: Row) -> None:
    """One line of the table."""
    gains = "".join(f"{np.mean(gains):+10.1f}" for gains in row.gain.values())
    worst = min(row.transparency)
    print(f"{row.name:32}{np.median(row.transparency):9.1f}{worst:9.1f}{gains}", flush=True)


def plot(rows: Sequence[Row], path: Path) -> None:
    """Draw gain against transparency, ours as a curve, the rivals as points."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4.2), layout="constrained")
    for axes, rate in zip(figure.subplots(1, 2, sharey=True), RATES_PER_S, strict=True):
        ours = [row for row in rows if row.name.startswith("shellac")]
        worst = [min(row.transparency) for row in ours]
        axes.plot(worst, [np.mean(row.gain[rate]) for row in ours], "o-", label="Shellac")
        for row in rows:
            if row not in ours:
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
    parser.add_argument("--plot", type=Path, help="picture of gain against transparency")
    parser.add_argument("--json", type=Path, help="all figures, per clip")
    arguments = parser.parse_args(argv)
    paths = [
        path
        for given in arguments.clips
        for path in (sorted(given.rglob("*.flac")) if given.is_dir() else [given])
    ]
    try:
        clips = [read_clip(path, arguments.seconds) for path in paths]
    except RestorationError as error:
        print(f"declick_benchmark: {error}", file=sys.stderr)
        return 2
    if not clips:
        print("declick_benchmark: no FLAC file in the folders; name some files", file=sys.stderr)
        return 2
    heads = "".join(f"{f'gain {rate}/s':>10}" for rate in RATES_PER_S)
    print(f"{len(clips)} clips; dB\n{'setting':32}{'median':>9}{'worst':>9}{heads}")
    rows = []
    for sensitivity, protection in STRENGTHS:
        settings = Settings(depth=1.0, sensitivity=sensitivity, protection=protection)
        name = f"shellac s={sensitivity:.2f} p={protection:.2f}"
        rows.append(measure(name, chain_restorer(settings), clips))
        print_row(rows[-1])
    for name, filters in RIVALS.items():
        rows.append(measure(name, ffmpeg_restorer(filters), clips))
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
