"""What the whole chain takes out of real records: is it music, and as much hiss as asked for?

``python -m training.real_benchmark RECORDS [--preset P] [--reduction DB...] [--plot FILE]``. Nobody
knows the truth of a real record, so two things are measured. *Where music stands out* (bins far
above the record's own floor): how coherent the removed sound is with the restored one, and how far
below it. *Where it pauses* (the quietest frames): by how much the hiss was lowered.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.signal import stft

from model.checkpoints import Models, load_models
from model.errors import RestorationError
from model.presets import load_preset
from model.settings import Settings
from training.audio_files import find_audio, load_audio
from training.find_impulses import run_chain

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
C128 = NDArray[np.complex128]

RATE = 44_100  # Hz; what the networks were trained for
BANDS_HZ = ((100, 300), (300, 1000), (1000, 2000), (2000, 4000), (4000, 8000), (8000, 16000))
HISS_HZ = (1500, 5000)  # where a pause is told by, and measured: above most music, within any disc
STANDS_OUT_DB = 20.0  # above the floor: music for sure
QUIET_SHARE = 0.05  # of the frames: pauses
SILENT_DB = -100.0  # of full scale: an empty band
WARM_UP_S = 2.0  # until the denoiser knows the record's hiss
N_FFT = 2048


class Record(NamedTuple):
    """What was measured on one record, per band: coherence 0..1 and level in dB (nan: no music)."""

    name: str
    impulses_per_s: float
    coherence: list[float]
    removed_db: list[float]
    lowered_db: dict[float, float]  # by how much pauses became quieter, for each asked-for amount


def main(argv: Sequence[str] | None = None) -> int:
    """Measure every record and print the tables."""
    parser = argparse.ArgumentParser(prog="python -m training.real_benchmark", description=__doc__)
    parser.add_argument("records", nargs="+", type=Path, help="recordings or folders of them")
    parser.add_argument("--preset", default="default")
    parser.add_argument("--model", action="append", default=[], help=".onnx instead of the shipped")
    parser.add_argument("--reduction", type=float, nargs="+", default=[6.0, 12.0], metavar="DB")
    parser.add_argument("--seconds", type=float, default=20.0, help="taken from each (20)")
    parser.add_argument("--plot", type=Path, help="picture of coherence and level per band")
    options = parser.parse_args(argv)
    try:
        settings, models = load_preset(options.preset), load_models(options.model)
        paths = [path for place in options.records for path in find_audio(place)]
        _print_head(options.reduction)
        records = []
        for path in paths:
            records.append(measure(path, options.seconds, settings, models, options.reduction))
            _print_row(records[-1])
    except RestorationError as error:
        print(f"real_benchmark: {error}", file=sys.stderr)
        return 2
    if options.plot:
        plot(records, options.plot)
    return 0


def measure(
    path: Path, seconds: float, settings: Settings, models: Models, reductions: Sequence[float]
) -> Record:
    """Restore the beginning of one record at each amount of hiss reduction."""
    audio, rate = load_audio(path, RATE)
    record = audio.mean(axis=0)[: round(seconds * rate)]
    done = run_chain(record[None], rate, settings, models)
    frequency, before = _spectrum(record, rate)
    after = _spectrum(done.restored[0], rate)[1]
    power = np.abs(before) ** 2
    music = power > np.percentile(power, 10, axis=1, keepdims=True) * 10 ** (STANDS_OUT_DB / 10)
    music &= power > 10 ** (SILENT_DB / 10)
    coherences, levels = [], []
    for low, high in BANDS_HZ:
        there = music & ((frequency >= low) & (frequency < high))[:, None]
        coherence, level = _alike((before - after)[there], after[there])
        coherences.append(coherence)
        levels.append(level)
    lowered = {}
    for amount in reductions:
        only = replace(settings, declick=False, hiss_reduction_db=amount)
        quiet = run_chain(record[None], rate, only, models).restored[0]
        lowered[amount] = pause_change_db(record, quiet, rate)
    return Record(path.stem, len(done.impulses) / seconds, coherences, levels, lowered)


def pause_change_db(before: F32, after: F32, rate: int) -> float:
    """By how much the hiss of the quietest frames became lower, dB."""
    frequency, first = _spectrum(before, rate)
    second = _spectrum(after, rate)[1]
    rows = (frequency >= HISS_HZ[0]) & (frequency < HISS_HZ[1])
    levels = [np.sum(np.abs(s[rows]) ** 2, axis=0) for s in (first, second)]
    known = np.arange(len(levels[0])) * (N_FFT // 2) > WARM_UP_S * rate
    known &= levels[0] > 10 ** (SILENT_DB / 10)  # digital silence says nothing
    if not known.any():
        return float("nan")
    quiet = known & (levels[0] <= np.quantile(levels[0][known], QUIET_SHARE))
    return float(10 * np.log10(levels[0][quiet].sum() / levels[1][quiet].sum()))


def _alike(
    removed: NDArray[np.complex128], restored: NDArray[np.complex128]
) -> tuple[float, float]:
    """Coherence of what was removed with what is left, and its level against it in dB."""
    powers = [float(np.sum(np.abs(values) ** 2)) for values in (removed, restored)]
    if len(removed) < 50 or powers[1] == 0:
        return float("nan"), float("nan")
    if powers[0] == 0:
        return 0.0, float("-inf")
    cross = np.abs(np.sum(removed * np.conj(restored))) ** 2
    return float(cross / (powers[0] * powers[1])), float(10 * np.log10(powers[0] / powers[1]))


def _spectrum(signal: F32, rate: int) -> tuple[F64, C128]:
    frequency, _, values = stft(signal.astype(np.float64), rate, nperseg=N_FFT, boundary=None)
    return frequency, values


def _print_head(reductions: Sequence[float]) -> None:
    bands = "".join(f"{f'{low / 1000:g}-{high / 1000:g}k':>9}" for low, high in BANDS_HZ)
    asked = "".join(f"{f'{amount:g} dB':>8}" for amount in reductions)
    print("Where music stands out: coherence of removed with restored; then its level in dB.")
    print("Then by how much pauses became quieter, for each asked-for amount.")
    print(f"{'record':40}{'imp./s':>7}{bands}  |{bands}  |{asked}")


def _print_row(record: Record) -> None:
    alike = "".join(f"{value:9.3f}" for value in record.coherence)
    level = "".join(f"{value:9.1f}" for value in record.removed_db)
    lowered = "".join(f"{value:8.1f}" for value in record.lowered_db.values())
    name = record.name[:39]
    print(f"{name:40}{record.impulses_per_s:7.1f}{alike}  |{level}  |{lowered}", flush=True)


def plot(records: Sequence[Record], path: Path) -> None:
    """Draw coherence and level of the removed sound per band, a line for each record."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 4.2), layout="constrained")
    left, right = figure.subplots(1, 2)
    middle = [float(np.sqrt(low * high)) for low, high in BANDS_HZ]
    for record in records:
        left.semilogx(middle, record.coherence, "o-", label=record.name)
        right.semilogx(middle, record.removed_db, "o-")
    left.set(ylim=(0, 1), ylabel="coherence of removed with restored", xlabel="Hz")
    right.set(ylabel="removed against restored, dB", xlabel="Hz")
    for axes in (left, right):
        axes.grid(alpha=0.3)
    left.legend(fontsize=6)
    figure.suptitle("Where the music stands out of the record's noise")
    figure.savefig(path, dpi=110)


if __name__ == "__main__":
    sys.exit(main())
